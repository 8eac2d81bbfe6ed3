"""A ladder: the way from one variant to another, one change at a time, and each change alone. Making it, reading it.

The changes stand in the order of the architecture's axes, in which data meet them; those of the recipe come last. One
that cannot be made where it stands is made later, as soon as it can be; where none of those left can be made alone,
the fewest that can be made together are one change. Where the changes do not act on each other, what one does on the
way is what it does alone.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from models.cost import cost
from models.option import Axis
from models.spelling import differing
from models.text import Refusal, Text
from playground.experiment import MOST_VARIANTS, Experiment, Variant
from playground.forms import Ladder, Rung
from playground.interval import Interval, interval, paired, shares
from playground.measured import Measured, of_variant
from playground.metric import one_metric
from playground.recipe import BUDGETS
from playground.variants import changed, formed, unequal_recipes
from playground.verdict import METRICS, Metric, Noise, noise_sentence

Json = dict[str, Any]
Change = dict[str, str | None]  # by path; None gives a field of the recipe back to the experiment
MOST_CHANGES = MOST_VARIANTS // 2  # n changes make 2 n variants: the first on the way is also one alone


@dataclass(frozen=True, slots=True)
class Step:
    """One change on the way, the variant it makes, and whether it had to wait for others."""

    change: Change
    made: Variant
    later: bool


def expand(experiment: Experiment, ladder: Ladder) -> Experiment:
    """The experiment with every rung between its two variants.

    Raises:
        Refusal: there are not two, they do not differ, or in more choices than there is room for.
    """
    if len(experiment.variants) != 2:
        raise Refusal(TWO.format(count=len(experiment.variants)), Ladder.key)
    first, last = experiment.variants
    changes = choices(first, last)
    if not changes:
        raise Refusal(ALIKE, Ladder.key)
    if len(changes) > MOST_CHANGES:
        raise Refusal(TOO_FAR.format(count=len(changes), most=MOST_CHANGES), Ladder.key)
    steps = way(first, changes)
    variants = [first, *(step.made for step in steps[:-1]), last]
    rungs = [
        Rung(kind="way", change=spelt(step.change), against=number, variant=number + 1, later=step.later)
        for number, step in enumerate(steps)
    ]
    rungs.append(rungs[0].model_copy(update={"kind": "alone", "later": False}))
    for step in steps[1:]:
        rung, made = _alone(first, step.change, len(variants))
        rungs.append(rung)
        variants += made
    if len(steps) > 1:
        rungs.append(Rung(kind="whole", change=spelt(_joined(changes)), against=0, variant=len(steps)))
    return formed(experiment, variants, ladder.model_copy(update={"rungs": tuple(rungs)}))


def choices(first: Variant, last: Variant) -> list[Change]:
    """What takes the first variant to the last, a choice each.

    An axis is one choice where another option is chosen, or where its numbers have one reading (MHA, GQA, MQA); else
    each of its numbers is one. So is each field of the recipe, the budget being one whatever it is given in.
    """
    found: list[Change] = []
    for axis, choice in last.original.choices():
        before = getattr(first.original, axis)
        changes: Change = {f"{axis}.{name}".rstrip("."): word for name, word in differing(choice, before).items()}
        if axis in changes or _has_reading(choice):
            found += [changes] if changes else []
        else:
            found += [{path: word} for path, word in changes.items()]
    own = unequal_recipes(first, last)
    budget: Change = {path: word for path, word in own.items() if path.removeprefix("recipe.") in BUDGETS}
    rest: list[Change] = [{path: word} for path, word in own.items() if path not in budget]
    return found + rest + ([budget] if budget else [])


def spelt(change: Change) -> str:
    """`position=rope,position.theta=500000`; a field given back to the experiment is spelt without a value."""
    return ",".join(path if word is None else f"{path}={word}" for path, word in change.items())[:400]


def way(first: Variant, changes: Sequence[Change]) -> list[Step]:
    """The changes in the order in which they can be made, each on top of all before it."""
    left, made, passed = list(changes), first, []
    steps: list[Step] = []
    while left:
        taken, made = _next(made, left)
        ones = [left[number] for number in taken]
        steps.append(Step(_joined(ones), made, any(one in passed for one in ones)))
        passed += left[: taken[-1]]
        left = [change for number, change in enumerate(left) if number not in taken]
    return steps


def reading(
    experiment: Experiment,
    ladder: Ladder,
    runs: Sequence[Measured],
    names: Sequence[str],
    labels: Sequence[Text] = (),
    noise: Noise | None = None,
) -> Json:
    """What a ladder shows: for every change the differences in loss, speed, cache and parameters.

    Args:
        names: what the two variants are called in sentences.
        labels: what the changes of the rungs are called; as they are spelt if left out.
        noise: how much differs from seed to seed, where that is known.
    """
    metric = one_metric(experiment)
    rows = [_read(experiment, rung, runs, metric) for rung in ladder.rungs]
    content: Json = {"metric": metric, "rows": rows, "sentences": []}
    if any(run.state in ("queued", "running") for run in runs):
        return content
    labels = labels or [Text(rung.change, rung.change) for rung in ladder.rungs]
    return content | {"sentences": _told(rows, names, labels, METRICS[metric], noise)}


def rows(content: Json) -> list[tuple[str, ...]]:
    """The rows as words, for a terminal."""
    lines: list[tuple[str, ...]] = [
        (
            "change",
            "made",
            f"Δ {content['metric']}",
            "95 %",
            "Δ tokens/s",
            "95 %",
            "Δ cache B/token",
            "Δ parameters",
            "",
        )
    ]
    for row in content["rows"]:
        cells = [*_with_half(row["loss"], "+.4f", 1), *_with_half(row["speed"], "+.1f", 100, " %")]
        cells += [_signed(row["cache"]), _signed(row["parameters"])]
        made = f"{row['kind']} (later)" if row["later"] else row["kind"]
        lines.append(("all of them" if row["kind"] == "whole" else row["change"], made, *cells, row["why"] or ""))
    return lines


def _next(made: Variant, left: Sequence[Change]) -> tuple[tuple[int, ...], Variant]:
    """The first of the changes that can be made now, else the first two together, and so on: all of them can be."""
    for count in range(1, len(left) + 1):
        for taken in itertools.combinations(range(len(left)), count):
            try:
                return taken, changed(made, _joined(left[number] for number in taken))
            except Refusal:
                continue
    raise AssertionError("all changes together make a variant that there is")


def _alone(first: Variant, change: Change, number: int) -> tuple[Rung, list[Variant]]:
    """The rung of a change alone, and the variant `number` that shows it, where there can be one."""
    try:
        made = changed(first, change)
    except Refusal as refusal:
        return Rung(kind="alone", change=spelt(change), against=0, why=refusal.text), []
    return Rung(kind="alone", change=spelt(change), against=0, variant=number), [made]


def _joined(changes: Iterable[Change]) -> Change:
    return {path: word for change in changes for path, word in change.items()}


def _has_reading(choice: Axis) -> bool:
    return hasattr(choice, "reading")


def _read(experiment: Experiment, rung: Rung, runs: Sequence[Measured], metric: str) -> Json:
    nothing = interval([]).to_dict()
    said: Json = {**rung.model_dump(exclude={"why"}), "why": rung.why}
    if rung.variant is None or rung.against is None:
        return said | {"loss": nothing, "speed": nothing, "cache": None, "parameters": None}
    both = (rung.against, rung.variant)
    before, after = (cost(experiment.variants[number].architecture).cache_bytes_per_token for number in both)
    sizes = [next((run.parameters for run in runs if run.variant == number), None) for number in both]

    def of(quantity: str) -> list[dict[int, float]]:
        return [of_variant(runs, number, quantity) for number in both]

    return said | {
        "loss": interval(paired(*of(metric))).to_dict(),
        "speed": interval(shares(*of("tokens_per_second"))).to_dict(),
        "cache": after - before,
        "parameters": None if sizes[0] is None or sizes[1] is None else sizes[1] - sizes[0],
    }


def _told(
    rows: Sequence[Json], names: Sequence[str], labels: Sequence[Text], metric: Metric, noise: Noise | None
) -> list[Text]:
    """Which step on the way does most, as far as that can be told, and which had to wait.

    The largest of several is told only where its interval, widened for having been picked, leaves zero out.
    """
    steps = [(label, row) for label, row in zip(labels, rows, strict=True) if row["kind"] == "way"]
    late = [label for label, row in steps if row["later"]]
    waited = [LATER.format(en=", ".join(label.en for label in late), zh="、".join(label.zh for label in late))]
    known = [(label, row) for label, row in steps if row["loss"]["mean"] is not None]
    if not known:
        return waited if late else []
    label, row = max(known, key=lambda step: abs(step[1]["loss"]["mean"]))
    loss = Interval(**row["loss"])
    half = 0.0 if loss.low is None or loss.high is None else (loss.high - loss.low) / 2
    words = {
        "a": names[0],
        "b": names[1],
        "count": len(steps),
        "size": f"{loss.mean:+.3f}".replace("-", "−"),
        "half": f"{half:.3f}",
    }
    unit = {"unit_en": metric.unit.en, "unit_zh": metric.unit.zh}
    words |= {"seeds": loss.seeds, "label_en": label.en, "label_zh": label.zh, **unit}
    beside = [noise_sentence(noise, metric)] if loss.seeds == 1 else []
    return [_sentence(loss, len(known)).format(**words), *beside, *(waited if late else [])]


def _sentence(largest: Interval, count: int) -> Text:
    if largest.low is None:
        return ONE_SEED
    if not largest.told:
        return NOT_TOLD
    return TOLD if largest.told_among(count) else TOLD_ALONE


def _with_half(content: Json, form: str, times: float, unit: str = "") -> list[str]:
    """A mean and half of its interval, as words."""
    if content["mean"] is None:
        return ["-", "-"]
    mean = f"{content['mean'] * times:{form}}{unit}"
    if content["low"] is None:
        return [mean, "-"]
    return [mean, f"± {(content['high'] - content['low']) / 2 * times:{form.removeprefix('+')}}"]


def _signed(number: int | None) -> str:
    return "-" if number is None else f"{number:+,d}" if number else "0"


TWO = Text(
    "“Which change did it?” is asked of two variants, and there are {count}.",
    "“是哪个改动起的作用”只适用于两个变体，这里有 {count} 个。",
)
ALIKE = Text("The two variants do not differ: there is no change to look for.", "两个变体没有差别，无从寻找改动。")
TOO_FAR = Text(
    "The two variants differ in {count} choices; there is room for {most}. Make them more alike.",
    "两个变体相差 {count} 项，最多只能比较 {most} 项。请让它们更接近。",
)
TOLD = Text(
    "Of the {count} changes from {a} to {b}, {label_en} does most on the way: {size} ± {half} {unit_en} "
    "({seeds} seeds).",
    "从 {a} 到 {b} 的 {count} 项改动中，沿途影响最大的是 {label_zh}：变化 {size} ± {half} {unit_zh}"
    "（{seeds} 个种子）。",
)
TOLD_ALONE = Text(
    "Of the {count} changes from {a} to {b}, the largest on the way is {label_en}: {size} ± {half} {unit_en} "
    "({seeds} seeds). Taken alone it would be told from noise; as the largest of {count} it is not.",
    "从 {a} 到 {b} 的 {count} 项改动中，沿途影响最大的是 {label_zh}：变化 {size} ± {half} {unit_zh}"
    "（{seeds} 个种子）。单独看可以与噪声区分；但它是从 {count} 项中挑出的最大者，因此还不能区分。",
)
NOT_TOLD = Text(
    "Of the {count} changes from {a} to {b}, the largest on the way is {label_en}, and even that cannot be told from "
    "noise: {size} ± {half} {unit_en} ({seeds} seeds).",
    "从 {a} 到 {b} 的 {count} 项改动中，沿途影响最大的是 {label_zh}，但仍无法与噪声区分：变化 {size} ± {half} {unit_zh}"
    "（{seeds} 个种子）。",
)
ONE_SEED = Text(
    "Of the {count} changes from {a} to {b}, {label_en} comes with the largest difference on the way: {size} "
    "{unit_en}, with one seed only.",
    "从 {a} 到 {b} 的 {count} 项改动中，沿途差异最大的是 {label_zh}：变化 {size} {unit_zh}；但只有一个种子。",
)
LATER = Text(
    "Made later than their place, because they do not go with what was there then: {en}.",
    "以下改动与当时的其他选择不相容，因此推迟：{zh}。",
)
