"""From an experiment to runs that can be trained, and everything that is refused before any training is."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch

from models import spelling
from models.architecture import Architecture
from models.cost import cost
from models.initialize import initialize
from models.text import Refusal, Text
from models.transformer import Transformer
from playground.data import Task, confirm, prepare
from playground.experiment import Experiment, Variant
from playground.profile import Profile
from playground.training import Run


@dataclass(frozen=True, slots=True)
class Pairing:
    """Which tensors of two architectures start equal with the same seed, by name."""

    shared: tuple[str, ...]  # equal, bit for bit
    first_alone: tuple[str, ...]  # the second has none of this name
    second_alone: tuple[str, ...]
    reshaped: tuple[str, ...]  # both have it, in different shapes
    redrawn: tuple[str, ...]  # in equal shapes, but started otherwise: another initialization, another kind of gain


def task_of(variant: Variant, experiment: Experiment, text: bytes | None = None) -> Task:
    """What the variant trains on; `text` is the visitor's own.

    Raises:
        Refusal: the data cannot be had or used, or are not those the experiment was made with.
    """
    recipe, shape = variant.recipe_in(experiment), variant.architecture.shape
    task = prepare(recipe.data, recipe.tokenizer, shape.context, recipe.batch, shape.vocabulary, text)
    if experiment.data_hash is not None:
        confirm(recipe.data, task.hash, experiment.data_hash)
    return task


def fitted(architecture: Architecture, task: Task) -> Architecture:
    """The architecture with the vocabulary that the data have."""
    return spelling.change(architecture, {"shape.vocabulary": str(task.vocabulary)})


def run_of(
    experiment: Experiment,
    variant: int,
    seed: int,
    *,
    text: bytes | None = None,
    device: str = "cpu",
    folder: Path | None = None,
) -> Run:
    """Variant number `variant` with `seed`, ready to be trained; raises `Refusal` as `task_of`."""
    chosen = experiment.variants[variant]
    task = task_of(chosen, experiment, text)
    architecture = fitted(chosen.architecture, task)
    return Run(architecture, chosen.recipe_in(experiment), seed, task, device, chosen.name, folder)


def check(experiment: Experiment, profile: Profile, text: bytes | None = None) -> None:
    """Refuse what cannot be trained here, before anything is: content, sizes, the profile's caps.

    Raises:
        Refusal: naming the variant where there are several.
    """
    _check_whole(experiment, profile, text)
    for variant in experiment.variants:
        try:
            _check_variant(variant, experiment, profile, text)
        except Refusal as refusal:
            if len(experiment.variants) == 1 or refusal.fields == ("recipe.data",):
                raise
            en, zh = refusal.text
            raise Refusal(Text(f"{variant.name}: {en}", f"{variant.name}：{zh}"), *refusal.fields) from None


def trainable(experiment: Experiment, profile: Profile, text: bytes | None = None) -> Experiment:
    """The experiment as far as it can be trained here; of a form, what cannot be is left out and says why.

    Raises:
        Refusal: as `check`; for one of a form only where nothing is left to be trained, or to be compared with.
    """
    if experiment.form is None:
        check(experiment, profile, text)
        return experiment
    _check_whole(experiment, profile, text)
    refused: dict[int, Refusal] = {}
    for number, variant in enumerate(experiment.variants):
        try:
            _check_variant(variant, experiment, profile, text)
        except Refusal as refusal:
            if refusal.fields == ("recipe.data",):
                raise
            refused[number] = refusal
    form = experiment.form.without({number: refusal.text for number, refusal in refused.items()})
    left = tuple(variant for number, variant in enumerate(experiment.variants) if number not in refused)
    if not left or (form.kind == "ladder" and not form.pairs()):
        raise next(iter(refused.values()))
    return experiment.model_copy(update={"variants": left, "form": form})


def shared_tensors(first: Architecture, second: Architecture) -> Pairing:
    """Which tensors two architectures share when training begins. Both are built for it, so it takes their memory."""
    one, two = (dict(initialize(Transformer(architecture), 0).named_parameters()) for architecture in (first, second))
    both = one.keys() & two.keys()
    reshaped = {name for name in both if one[name].shape != two[name].shape}
    shared = {name for name in both - reshaped if torch.equal(one[name], two[name])}
    return Pairing(
        shared=_names(shared),
        first_alone=_names(one.keys() - two.keys()),
        second_alone=_names(two.keys() - one.keys()),
        reshaped=_names(reshaped),
        redrawn=_names(both - reshaped - shared),
    )


def _check_whole(experiment: Experiment, profile: Profile, text: bytes | None) -> None:
    profile.check(variants=len(experiment.variants), seeds=experiment.seeds)
    if text is not None:
        profile.check(upload_bytes=len(text))


def _check_variant(variant: Variant, experiment: Experiment, profile: Profile, text: bytes | None) -> None:
    recipe = variant.recipe_in(experiment)
    profile.check(threads=recipe.threads)
    # Sizes first: data are prepared in vain for a model that does not fit.
    _check_size(variant.architecture, recipe.batch, profile)
    task = task_of(variant, experiment, text)
    architecture = fitted(variant.architecture, task)
    _check_size(architecture, recipe.batch, profile)
    if recipe.seconds is not None:
        profile.check(seconds=recipe.seconds)
    else:
        flops_per_token = cost(architecture, recipe.batch).training_flops_per_token
        tokens = recipe.tokens if recipe.flops is None else int(recipe.flops / flops_per_token)
        profile.check(tokens=tokens or 0)


def _check_size(architecture: Architecture, batch: int, profile: Profile) -> None:
    costs = cost(architecture, batch)
    profile.check(parameters=costs.parameters, memory_bytes=costs.training_bytes)


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))
