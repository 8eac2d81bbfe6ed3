"""What of a finished experiment is shared: numbers, sentences, and how its variants are told apart. Reads the store.

The page passes the names and sentences that it shows itself; without them variants are called by what they are spelt.
"""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.systems import systems
from models.text import Refusal, Text
from playground import link
from playground import recipe as recipes
from playground.experiment import Experiment, Variant, from_json
from playground.follow import Follower, Snapshot
from playground.formed import reading
from playground.forms import Ladder, Sweep
from playground.judging import judged, pictures
from playground.metric import one_metric
from playground.noise import noise_in
from playground.recipe import Recipe
from playground.results import by_variant, result
from playground.rows import GOING, letter
from playground.store import Store
from playground.verdict import diverged_sentence

Json = dict[str, Any]
HUES = "abcd"
FAINTEST = 0.4  # shade of the first of many that share a colour
NAMED, SHOWN = 4, 3  # variants that a title names, changes that a variant's name shows
ONE_SEED, SEEDS = Text("1 seed", "1 个种子"), Text("{seeds} seeds", "{seeds} 个种子")
CHANGES = Text("change by change", "逐步改动")
SWEPT = Text("sweep: {en} {values_en}", "扫描：{zh} {values_zh}")
MATCHED = {
    "parameters": Text("matched in parameters", "参数量对齐"),
    "flops": Text("matched in FLOPs", "FLOPs 对齐"),
    "time": Text("matched in time", "用时对齐"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a variant is told apart: its letter, what it is called, its colour and the colour's strength."""

    letter: str
    title: Text
    hue: str  # a, b, c or d, of the style sheets
    shade: float = 1.0


@dataclass(frozen=True, slots=True)
class Ended:
    """Where a variant's finished runs ended in the metric that is judged by: mean, and spread over seeds."""

    mean: float | None
    spread: float | None  # standard deviation; None of one seed

    def __str__(self) -> str:
        if self.mean is None:
            return "–"
        return f"{self.mean:.4f}{'' if self.spread is None else f' ± {self.spread:.4f}'}"


@dataclass(frozen=True, slots=True)
class Content:
    """A finished experiment, as card, report and tables show it."""

    id: str
    created: float  # seconds since the epoch
    experiment: Experiment
    snapshot: Snapshot
    result: Json  # as `result.json` holds it
    looks: tuple[Look, ...]
    said: tuple[Text, ...]
    intervals: tuple[Json, ...]

    @property
    def title(self) -> Text:
        """The variants that were compared, or the form of the experiment."""
        names = [look.title for look in self.looks]
        if self.experiment.form:
            names = [plain_title(made, self.experiment.base) for made in self.experiment.base]
        return Text(*(_joined([name[n] for name in names], n) for n in range(2)))

    @property
    def setting(self) -> Text:
        """Data, budget, seeds and what else of the recipe is not as usual."""
        experiment, recipe = self.experiment, self.experiment.recipe
        parts = [Text(recipe.data, recipe.data)]
        parts += [Text(f"{recipe.tokens:,} tokens", f"{recipe.tokens:,} 词元")] if recipe.tokens else []
        parts += [(ONE_SEED if experiment.seeds == 1 else SEEDS).format(seeds=experiment.seeds), *_unusual(recipe)]
        parts += [MATCHED[experiment.match]] if experiment.match != "none" else []
        parts += [_formed(experiment.form)] if experiment.form else []
        return Text(*(" · ".join(part[n] for part in parts) for n in range(2)))

    @property
    def metric(self) -> str:
        """What the variants are judged by."""
        return one_metric(self.experiment)

    def ended(self, variant: int) -> Ended:
        """Where the variant's finished runs ended."""
        name = self.experiment.variants[variant].name
        values = [*by_variant(self.experiment, self.result["runs"], self.metric)[name].values()]
        spread = statistics.stdev(values) if len(values) > 1 else None
        return Ended(statistics.fmean(values) if values else None, spread)

    def rows(self, variant: int) -> list[Json]:
        """The variant's runs, as `result.json` has them."""
        name = self.experiment.variants[variant].name
        return [row for row in self.result["runs"] if row["variant"] == name]

    @property
    def slug(self) -> str:
        """What files about it are called: `gpt-2-llama-3`."""
        spelt = "-".join(made.system or "model" for made in self.experiment.chosen)
        return re.sub(r"[^a-z0-9.-]+", "-", spelt.lower()).strip("-.")[:60] or "experiment"


def _unusual(recipe: Recipe) -> list[Text]:
    """Every other field of the recipe that is not as usual: "learning rate 0.001"."""
    titles = {path.field: path.title.within() for path in recipes.paths()}
    changes = recipes.differences(recipe, Recipe()).items()
    return [
        Text(f"{titles[field].en} {word}", f"{titles[field].zh} {word}")
        for field, word in changes
        if field not in ("data", "tokens")
    ]


def _formed(form: Sweep | Ladder) -> Text:
    if isinstance(form, Ladder):
        return CHANGES
    title, values = form.title.within(), [form.menu.get(value, Text(value, value)) for value in form.values]
    return SWEPT.format(
        en=title.en,
        zh=title.zh,
        values_en=", ".join(each.en for each in values),
        values_zh="、".join(each.zh for each in values),
    )


def gather(store: Store, id: str, looks: Sequence[Look] = (), said: Sequence[Text] = ()) -> Content:
    """The content of a finished experiment.

    Raises:
        Refusal: there is none of this id, or it goes on.
    """
    row = store.experiment(id)
    if row is None:
        raise Refusal(NOT_HERE)
    experiment, snapshot = from_json(row.json), Follower(store, id).snapshot()
    runs = [_ended(run) for run in snapshot["runs"]]
    if any(run["state"] in GOING for run in runs):
        raise Refusal(STILL_GOING)
    return Content(
        id,
        row.created,
        experiment,
        snapshot,
        result(experiment, snapshot, {}, {}),
        tuple(looks or plain_looks(experiment)),
        tuple(said or _said(experiment, snapshot, runs)),
        () if experiment.form else tuple(pictures(experiment, runs)),
    )


def plain_looks(experiment: Experiment) -> list[Look]:
    """Every variant by its letter; of a form, by the letter of the variant that it was made of, shade by shade."""
    bases = _bases(experiment)
    hues = [bases.get(number, number % len(HUES)) for number in range(len(experiment.variants))]
    made = []
    for number, (variant, hue) in enumerate(zip(experiment.variants, hues, strict=True)):
        before, alike = hues[:number].count(hue), hues.count(hue)
        place = (before + 1) / alike if bases else 1 - before / alike
        name = letter(hue if bases else number)
        made.append(Look(name, plain_title(variant, experiment.variants), HUES[hue], FAINTEST + (1 - FAINTEST) * place))
    return made


def plain_title(made: Variant, others: Sequence[Variant] = ()) -> Text:
    """A system's name, and what the variant changes in it as links spell it, without what `others` of it change too."""
    system, *changes = link.spell(made).split(",")
    rivals = [set(rest) for head, *rest in (link.spell(other).split(",") for other in others) if head == system]
    shared = set.intersection(*rivals) if len(rivals) > 1 else set[str]()
    own = [change for change in changes if change not in shared]
    named = [systems()[system].name, *own[:SHOWN], *(["…"] if len(own) > SHOWN else [])]
    return Text(" · ".join(named), " · ".join(named))


def _bases(experiment: Experiment) -> dict[int, int]:
    """Of a form: the number of the variant that each one was made of."""
    form = experiment.form
    if isinstance(form, Sweep):
        return {point.variant: point.base for point in form.points if point.variant is not None}
    if isinstance(form, Ladder):
        ways = {rung.variant: 1 for rung in form.rungs if rung.variant is not None and rung.kind == "way"}
        return {number: ways.get(number, 0) for number in range(len(experiment.variants))}
    return {}


def _ended(run: Json) -> Json:
    finished = run["finished"] or {}
    metrics = {name: finished.get(name) for name in ("val_loss", "bits_per_byte", "accuracy")}
    return {**{name: run[name] for name in ("variant", "seed", "state")}, **metrics}


def _said(experiment: Experiment, snapshot: Snapshot, runs: list[Json]) -> list[Text]:
    if experiment.form is not None:
        names = [letter(number) for number in range(len(experiment.base))]
        content = reading(experiment, snapshot["runs"], names, noise=noise_in(experiment))
        return list(content[experiment.form.key]["sentences"])
    states = [[run["state"] for run in runs if run["variant"] == n] for n in range(len(experiment.variants))]
    lost = [diverged_sentence(letter(number), each) for number, each in enumerate(states)]
    return [*(comparison.text for comparison in judged(experiment, runs)), *filter(None, lost)]


def _joined(names: list[str], language: int) -> str:
    more = len(names) - NAMED
    rest = [(f"and {more} more", f"等 {len(names)} 个")[language]] if more > 0 else []
    return " – ".join([*names[:NAMED], *rest])


NO_VERDICT = Text("No verdict: fewer than two variants finished.", "没有结论：完成训练的变体不足两个。")
PARAMETERS = Text("parameters", "参数")
SPEED = Text("tokens/s", "词元/秒")
NOT_HERE = Text("There is no such experiment here.", "这里没有这个实验。")
STILL_GOING = Text(
    "This experiment is still being trained. It can be shared when it has ended.",
    "该实验仍在训练，结束后即可分享。",
)
