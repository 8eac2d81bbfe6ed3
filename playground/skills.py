"""What variants can do: every task at several difficulties, trained small and briefly. Knows no store and no page.

All variants are brought to one size, so that a profile takes minutes: width and depth are its own, everything else
is theirs, lengths in tokens (windows) in their ratio to the context, which is the length of the task's rows.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.architecture import Architecture
from models.outline import period
from models.shape import Shape
from models.spelling import validated
from models.text import Refusal, Text
from playground.data.catalogue import sources
from playground.data.tasks.skill import Skill
from playground.experiment import Experiment, Variant, compose
from playground.interval import interval
from playground.measured import measured
from playground.recipe import BUDGETS, Recipe, change

WIDTH, LAYERS = 64, 2  # layers: fewer where the variant has fewer, more where its layer pattern is longer
STEPS = 400
LEVELS = 2  # difficulties of a profile that is to take two minutes; every task has more
RECIPE = {"batch": "32", "lr": "0.006"}
SOLVED = 0.95  # the accuracy at which a task counts as learnt

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """All variants on one task at one difficulty, counted from 0."""

    skill: Skill
    level: int
    experiment: Experiment

    @property
    def chance(self) -> float:
        """The accuracy of guessing among the possible answers."""
        return 1 / self.skill.rows(*self.skill.levels[self.level]).choices


def skills() -> list[Skill]:
    """Every task there is, in the order of lists."""
    return [source for source in sources().values() if isinstance(source, Skill)]


def trials(variants: Sequence[Variant], seeds: int = 1, levels: Iterable[int] = range(LEVELS)) -> list[Trial]:
    """What a profile trains: every task at its easiest, then at the next difficulty, and so on.

    Raises:
        Refusal: a variant that cannot be had at this size, by its letter.
    """
    return [Trial(skill, level, _experiment(variants, skill, level, seeds)) for level in levels for skill in skills()]


def sized(architecture: Architecture, context: int) -> Architecture:
    """The architecture at the size of a profile; raises `Refusal` where its choices do not go together there."""
    factor = context / architecture.shape.context
    thinner = WIDTH / architecture.shape.width
    layers = min(architecture.shape.layers, max(LAYERS, period(architecture)))
    fields = {name: choice.shortened(factor) for name, choice in architecture.choices()}
    fields["shape"] = Shape(layers=layers, width=WIDTH, context=context, vocabulary=architecture.shape.vocabulary)
    for axis, field in (("heads", "head_dim"), ("feed_forward", "size"), ("embedding", "size")):
        size = getattr(fields[axis], field)
        if size is not None:
            fields[axis] = fields[axis].model_copy(update={field: max(2, 2 * round(size * thinner / 2))})
    return validated(Architecture, fields)


def reading(trials: Sequence[Trial], snapshots: Sequence[Mapping[str, Any]]) -> list[Json]:
    """What the trials show by now: of every task its levels, and at each what every variant reached.

    `{"task", "title", "help", "levels": [{"data", "chance", "variants": [{"accuracy", "solved", "states"}]}]}`, where
    `accuracy` is a mean with its interval over seeds; see `solved`.
    """
    found: dict[str, Json] = {}
    for trial, snapshot in sorted(zip(trials, snapshots, strict=True), key=lambda pair: pair[0].level):
        skill = trial.skill
        about = {"task": skill.name, "title": skill.title, "help": skill.help, "levels": []}
        level = {
            "data": skill.spelt(skill.levels[trial.level]),
            "chance": trial.chance,
            "variants": [_of(snapshot["runs"], number) for number in range(len(trial.experiment.variants))],
        }
        found.setdefault(skill.name, about)["levels"].append(level)
    return list(found.values())


def accuracies(snapshot: Mapping[str, Any], variant: int) -> dict[int, float]:
    """The accuracy of a variant's finished runs on all validation rows, by seed; one that diverged has none."""
    there = (run for run in measured(snapshot["runs"]) if run.variant == variant and run.state == "finished")
    return {run.seed: run.accuracy for run in there if run.accuracy is not None}


def solved(runs: Iterable[Mapping[str, Any]]) -> Json:
    """How many of the runs reached `SOLVED`, and the median tokens and seconds of training that it took those.

    Read off the points that measure it, on a part of the validation rows: late by one stretch between them at most.
    """
    firsts = [first for run in runs if (first := _first(run)) is not None]
    tokens, seconds = zip(*firsts, strict=True) if firsts else ((), ())
    median = {"tokens": statistics.median(tokens), "seconds": statistics.median(seconds)} if firsts else {}
    return {"runs": len(firsts), "tokens": None, "seconds": None, **median}


def _first(run: Mapping[str, Any]) -> tuple[float, float] | None:
    points = zip(run["tokens"], run["seconds"], run["val_accuracy"], strict=True)
    return next(((tokens, seconds) for tokens, seconds, right in points if right is not None and right >= SOLVED), None)


def _of(runs: Sequence[Mapping[str, Any]], variant: int) -> Json:
    mine = [run for run in runs if run["variant"] == variant]
    finished = accuracies({"runs": mine}, variant)
    return {
        "accuracy": interval(finished.values()).to_dict(),
        "solved": solved(mine),
        "states": [run["state"] for run in mine],
    }


def _experiment(variants: Sequence[Variant], skill: Skill, level: int, seeds: int) -> Experiment:
    numbers = skill.levels[level]
    context = skill.rows(*numbers).length - 1
    made = [_sized(variant, context, letter) for variant, letter in zip(variants, "ABCDEFGH", strict=False)]
    tokens = STEPS * int(RECIPE["batch"]) * context
    recipe = change(Recipe(), {**RECIPE, "data": skill.spelt(numbers), "tokens": str(tokens)})
    return compose(made, recipe, seeds=seeds)


def _sized(variant: Variant, context: int, letter: str) -> Variant:
    """The variant at the profile's size and budget; what else it changes in the recipe stays."""
    own = {field: word for field, word in variant.recipe.items() if field not in (*BUDGETS, "batch")}
    try:
        architecture = sized(variant.original, context)
    except Refusal as refusal:
        en, zh = TOO_SMALL.format(letter=letter, width=WIDTH, context=context)
        raise Refusal(Text(f"{en} {refusal.text.en}", f"{zh}{refusal.text.zh}"), *refusal.fields) from None
    return Variant(name=variant.name, architecture=architecture, recipe=own, system=variant.system)


TOO_SMALL = Text(
    "{letter} cannot be had at the size of a profile, {width} wide with {context} tokens.",
    "{letter} 无法缩到能力测试的规模（宽度 {width}，{context} 个词元）。",
)
