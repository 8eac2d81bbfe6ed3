"""From an experiment to runs that can be trained, and everything that is refused before any training is."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from models import spelling
from models.architecture import Architecture
from models.cost import cost
from models.initialize import initialize
from models.text import Refusal, Text
from models.transformer import Transformer
from playground.data import Corpus, Task, confirm, prepare
from playground.experiment import Experiment, Variant
from playground.matching import MEASURES, fair, same_model
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


def task_of(variant: Variant, experiment: Experiment, text: bytes | Corpus | None = None) -> Task:
    """What the variant trains on; `text` is the visitor's own, or content that was had before.

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
    text: bytes | Corpus | None = None,
    device: str = "cpu",
    folder: Path | None = None,
) -> Run:
    """Variant number `variant` with `seed`, ready to be trained; raises `Refusal` as `task_of`."""
    chosen = experiment.variants[variant]
    task = task_of(chosen, experiment, text)
    architecture = fitted(chosen.architecture, task)
    return Run(architecture, chosen.recipe_in(experiment), seed, task, device, chosen.name, folder)


def ready(experiment: Experiment, profile: Profile, text: bytes | None = None) -> Experiment:
    """The experiment as it is trained here: its variants matched, its content known by its hash.

    Refuses what cannot be trained, before anything is: content, sizes, budgets, the profile's caps, a match that has
    no solution. Of a form, what cannot be trained is left out and says why.

    Raises:
        Refusal: naming the variant where there are several; for one of a form only where nothing is left to be
            trained, or to be compared with.
    """
    _check_whole(experiment, profile, text)
    asked = _as_asked(experiment)
    reference: Architecture | None = None
    made: dict[int, Variant] = {}
    refused: dict[int, Refusal] = {}
    for number, variant in enumerate(asked.variants):
        try:
            with _about(variant, asked):
                known = _known(variant, asked, profile, text)
                reference = reference or _reference(asked, known, text)
                solved = fair(variant, known, reference, asked)
                _check(solved, asked, profile, text)
                _differs(solved, made)
            made[number] = solved
        except Refusal as refusal:
            if asked.form is None or refusal.fields == ("recipe.data",):
                raise
            refused[number] = refusal
    left = _without(asked, made, refused)
    return left.model_copy(update={"data_hash": task_of(left.variants[0], left, text).hash})


def _reference(asked: Experiment, known: Architecture, text: bytes | None) -> Architecture:
    """What all are matched to: the first of the variants that were chosen, which need not be one that a form makes."""
    if asked.form is None or asked.match not in MEASURES:
        return known
    first = asked.chosen[0]
    return fitted(first.original, task_of(first, asked, text))


class Undone(Refusal):
    """Matching has made a variant the same as another, number `twin`, though something else was asked for."""

    def __init__(self, name: str, twin: int) -> None:
        super().__init__(UNDONE.format(other=name), "match")
        self.twin = twin


def _differs(solved: Variant, others: Mapping[int, Variant]) -> None:
    for number, other in others.items():
        same = solved.recipe == other.recipe and same_model(solved.architecture, other.architecture)
        if same and not same_model(solved.original, other.original):
            raise Undone(other.name, number)


def _without(experiment: Experiment, made: dict[int, Variant], refused: dict[int, Refusal]) -> Experiment:
    """With the variants that are left; of a form, what cannot be says why, unless nothing is left to be compared."""
    if experiment.form is None:
        return experiment.model_copy(update={"variants": tuple(made.values())})
    twins = {number: refusal.twin for number, refusal in refused.items() if isinstance(refusal, Undone)}
    form = experiment.form.without({number: refusal.text for number, refusal in refused.items()}, twins)
    if not made or (not form.varied and (twins or form.kind == "ladder")):
        raise next(iter(refused.values()))
    return experiment.model_copy(update={"variants": tuple(made.values()), "form": form})


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
    count = len(experiment.variants)
    profile.check(variants=count, seeds=experiment.seeds, runs=count * experiment.seeds)
    if text is not None:
        profile.check(upload_bytes=len(text))


def _as_asked(experiment: Experiment) -> Experiment:
    """Without what an earlier matching has changed."""
    restored = [
        variant.model_copy(update={"architecture": variant.original, "asked": None}) for variant in experiment.variants
    ]
    return experiment.model_copy(update={"variants": tuple(restored)})


@contextmanager
def _about(variant: Variant, experiment: Experiment) -> Iterator[None]:
    """What is refused inside names the variant, unless there is one only, or it is about all of them."""
    try:
        yield
    except Refusal as refusal:
        if len(experiment.variants) == 1 or experiment.form is not None or refusal.fields == ("recipe.data",):
            raise
        en, zh = refusal.text
        raise Refusal(Text(f"{variant.name}: {en}", f"{variant.name}：{zh}"), *refusal.fields) from None


def _known(variant: Variant, experiment: Experiment, profile: Profile, text: bytes | None) -> Architecture:
    """The architecture as asked for with the vocabulary of its data. Sizes first: data are not prepared in vain."""
    _check_size(variant.architecture, variant.recipe_in(experiment).batch, profile)
    return fitted(variant.architecture, task_of(variant, experiment, text))


def _check(variant: Variant, experiment: Experiment, profile: Profile, text: bytes | None) -> None:
    recipe = variant.recipe_in(experiment)
    profile.check(threads=recipe.threads)
    task = task_of(variant, experiment, text)
    architecture = fitted(variant.architecture, task)
    _check_size(architecture, recipe.batch, profile)
    if recipe.seconds is not None:
        profile.check(seconds=recipe.seconds)
        return
    tokens = int(recipe.tokens_at(cost(architecture, recipe.batch).training_flops_per_token) or 0)
    profile.check(tokens=tokens)
    if tokens < recipe.batch * task.context:
        budget = "recipe.tokens" if recipe.flops is None else "recipe.flops"
        raise Refusal(NOT_A_STEP.format(tokens=tokens, step=recipe.batch * task.context), budget, "recipe.batch")


def _check_size(architecture: Architecture, batch: int, profile: Profile) -> None:
    costs = cost(architecture, batch)
    profile.check(parameters=costs.parameters, memory_bytes=costs.training_bytes)


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


UNDONE = Text(
    "matching takes this change back: the result is the same model as {other}. Match by the other size (match_by), "
    "or not at all.",
    "对齐抵消了这一改动：得到的模型与 {other} 相同。请换另一种尺寸来对齐（match_by），或不对齐。",
)
NOT_A_STEP = Text(
    "A budget of {tokens:,} tokens is too small: one step reads {step:,}, and nothing could be evaluated before it. "
    "Raise the budget, or make the batch or the context smaller.",
    "预算 {tokens:,} 个词元太小：一步就要读 {step:,} 个，之前无从评估。请加大预算，或减小批大小或上下文长度。",
)
