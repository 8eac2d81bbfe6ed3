"""What a lesson owes: a claim, who makes it, the experiments that test it, and the rule that decides. Knows no lesson.

Rules and settings are fixed before anything is run, and no setting is tuned until the expected answer comes. A file in
this folder makes one `register(Lesson(...))`; nothing else needs to know of it.

The quick setting takes at most `QUICK` seconds on two quiet cores; with so few seeds "undecided" is a fair answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from models.cost import cost
from models.text import Text
from playground import link
from playground.experiment import Experiment, Variant, compose
from playground.measure import ending
from playground.measure.base import TITLES, Measure, Race, names
from playground.recipe import Recipe, change
from playground.ruling import Lies

QUICK = 180.0  # seconds on two quiet cores
TOGETHER = 4  # arms of one experiment: as many as the page can show and a public server takes
ROUNDS = {"quick": 9, "thorough": 25}

SettingName = Literal["quick", "thorough"]
Theme = Literal["norm", "block", "position", "shape", "training", "stability", "attention"]
THEMES: dict[Theme, Text] = {
    "norm": Text("Normalization", "归一化"),
    "block": Text("Feed-forward, biases, blocks", "前馈层、偏置与块结构"),
    "position": Text("Positions", "位置编码"),
    "shape": Text("Shape", "形状"),
    "training": Text("Training", "训练"),
    "stability": Text("Stability", "稳定性"),
    "attention": Text("Attention", "注意力"),
}

# What one step takes on a quiet core of 2024, in seconds: fixed, for each layer, for each FLOP. Measured, and rough.
STEP, LAYER, FLOP, RUN = 0.003, 0.004, 1 / 9e10, 5.0


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant of a lesson, as links spell it. In a plot it stands at `x` on the line `line`."""

    spelling: str
    title: Text
    x: float | None = None
    line: Text | None = None


@dataclass(frozen=True)
class Trial:
    """Variants trained by one recipe; the budget of a run, in `unit`, at the quick and at the thorough setting."""

    arms: Mapping[str, Arm]
    budget: tuple[float, float]
    recipe: Mapping[str, str] = field(default_factory=dict)
    unit: Literal["tokens", "flops"] = "tokens"


@dataclass(frozen=True, slots=True)
class Plot:
    """What is shown of a result: `metric` for each arm with its interval, or against the arms' `x`."""

    metric: str
    x: Text | None = None
    log: bool = False
    profile: bool = False  # the metric is a curve of its own


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One claim, the experiments that test it, and the rule that decides."""

    id: str
    order: int
    theme: Theme
    title: Text
    said: Text  # what is said
    by: Text  # who says so, and where
    figure: Text  # what the lecture shows for it, in words
    trials: tuple[Trial, ...]
    rule: tuple[Lies, ...]
    small: Text  # why a small scale may say otherwise
    look: Text  # what to look at
    plots: tuple[Plot, ...]
    seeds: tuple[int, int] = (3, 10)
    measures: tuple[Measure, ...] = (ending.loss,)
    races: tuple[Race, ...] = ()
    beside: tuple[Lies, ...] = ()  # asked beside the rule: shown with a result, and no verdict hangs on it

    def __post_init__(self) -> None:
        for part in (*self.rule, *self.beside):
            unknown = {part.of, part.minus or part.of, part.over or part.of} - self.arms.keys()
            if unknown or part.metric not in self.readings:
                raise TypeError(f"{self.id}: the rule asks for {sorted(unknown) or part.metric}, which is not measured")
        for plot in self.plots:
            if plot.metric not in self.readings:
                raise TypeError(f"{self.id}: {plot.metric} is plotted and not measured")

    @cached_property
    def arms(self) -> dict[str, Arm]:
        """All arms by key; a key occurs in one trial only."""
        found: dict[str, Arm] = {}
        for trial in self.trials:
            if found.keys() & trial.arms.keys():
                raise TypeError(f"{self.id}: an arm stands in two trials")
            found |= trial.arms
        return found

    @cached_property
    def readings(self) -> tuple[str, ...]:
        """The names of everything that is measured."""
        return tuple(name for function in (*self.measures, *self.races) for name in names(function))

    def experiments(self, setting: SettingName) -> list[tuple[Experiment, tuple[str, ...]]]:
        """What is trained, at most `TOGETHER` arms an experiment, with the keys of its arms.

        Seeds pair across experiments: batches and equal tensors depend on the seed alone.
        """
        return [
            (self._experiment(trial, keys, setting), keys) for trial in self.trials for keys in _parted([*trial.arms])
        ]

    def rounds(self, setting: SettingName) -> int:
        """Rounds of its races."""
        return ROUNDS[setting]

    def seconds(self, setting: SettingName) -> float:
        """About how long it takes on two quiet cores, measuring included."""
        return sum(_seconds(experiment) for experiment, _ in self.experiments(setting)) / 2

    def metric(self, name: str) -> Text:
        """What a reading is called."""
        return TITLES[name]

    @property
    def titles(self) -> dict[str, Text]:
        """What the arms are called, by key."""
        return {key: arm.title for key, arm in self.arms.items()}

    def who(self, part: Lies) -> Text:
        """Which number a part is about, without where it has to lie."""
        return part.who(self.titles, self.metric(part.metric))

    def parts_in_words(self) -> list[Text]:
        """Each part of the rule."""
        return [part.words(self.titles, self.metric(part.metric)) for part in self.rule]

    def rule_in_words(self) -> Text:
        """The whole rule as a sentence."""
        parts = self.parts_in_words()
        listed = Text("; ".join(part.en for part in parts), "；".join(part.zh for part in parts))
        return (ONE_PART if len(parts) == 1 else PARTS).format(en=listed.en, zh=listed.zh)

    def _experiment(self, trial: Trial, keys: tuple[str, ...], setting: SettingName) -> Experiment:
        which = 0 if setting == "quick" else 1
        budget = trial.budget[which]
        recipe = change(Recipe(), {trial.unit: repr(budget), **trial.recipe})
        return compose([link.variant(trial.arms[key].spelling) for key in keys], recipe, seeds=self.seeds[which])


def _parted(keys: list[str]) -> list[tuple[str, ...]]:
    """In order, in as few pieces as can be, of about the same size."""
    pieces = -(-len(keys) // TOGETHER)
    size = -(-len(keys) // pieces)
    return [tuple(keys[first : first + size]) for first in range(0, len(keys), size)]


def _seconds(experiment: Experiment) -> float:
    return experiment.seeds * sum(_run_seconds(experiment, variant) for variant in experiment.variants)


def _run_seconds(experiment: Experiment, variant: Variant) -> float:
    """Predicted from the architecture alone: no data are prepared to say how long a lesson takes."""
    recipe, architecture = variant.recipe_in(experiment), variant.architecture
    flops, a_step = cost(architecture, recipe.batch).training_flops_per_token, recipe.batch * architecture.shape.context
    steps = recipe.steps_at(flops, a_step) or 1
    return RUN + steps * (STEP + LAYER * architecture.shape.layers + FLOP * flops * a_step)


_LESSONS: dict[str, Lesson] = {}


def register(lesson: Lesson) -> Lesson:
    """Make `lesson` known by its id; a taken id or place is a TypeError at import."""
    if lesson.id in _LESSONS or lesson.order in {other.order for other in _LESSONS.values()}:
        raise TypeError(f"there are two lessons with the id {lesson.id!r} or the place {lesson.order}")
    _LESSONS[lesson.id] = lesson
    return lesson


def lessons() -> dict[str, Lesson]:
    """All lessons by id, in their order."""
    return {lesson.id: lesson for lesson in sorted(_LESSONS.values(), key=lambda lesson: lesson.order)}


ONE_PART = Text(
    "Confirmed if the whole 95 % interval over seeds lies so: {en}. Contradicted if all of it lies outside.",
    "若跨种子的 95% 区间整体满足以下条件，则判为成立：{zh}；若整体落在其外，则判为不成立。",
)
PARTS = Text(
    "Confirmed if the whole 95 % interval over seeds lies so in every part: {en}. Contradicted if in one part all of "
    "it lies outside.",
    "若每一项跨种子的 95% 区间都整体满足条件，则判为成立：{zh}；若有一项整体落在其外，则判为不成立。",
)
