"""Fair pairs: the hidden width, or the model's, at which a variant costs what the first one does. Trains nothing.

Cost is linear in d_ff, whatever else an architecture does, so two counts give the d_ff that a third one confirms. The
width can take few values, since heads divide it: it comes as near as it can, and d_ff makes up the rest. d_ff is a
multiple of 8 where that leaves no more than 1 %, as processors like it, else of 4, of 2 or of 1.

Matching in time is no matter of architectures: there every variant has its budget in seconds.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from models.architecture import Architecture
from models.cost import cost, parameters
from models.spelling import change, paths
from models.text import Refusal, Text
from playground.experiment import Experiment, Variant

TOLERANCE = 0.01  # of what is matched: the largest mismatch that may be left
MULTIPLES = (8, 4, 2, 1)
GAP = 32  # widths in a row that may not be buildable
WIDTHS = 8  # a width is a multiple of this, and of twice the heads, whose width is even

Measure = Callable[[Architecture], float]
MEASURES: dict[str, Measure] = {
    "parameters": parameters,
    "flops": lambda architecture: cost(architecture).training_flops_per_token,
}


@dataclass(frozen=True, slots=True)
class Matched:
    """What matching made of one variant."""

    architecture: Architecture
    hidden: tuple[int, int]  # d_ff before and after
    width: tuple[int, int]
    mismatch: float  # what is left: its cost over the first variant's, minus 1

    @property
    def changed(self) -> dict[str, tuple[int, int]]:
        """Before and after, by path, of what is not as it was asked for."""
        both = {"shape.width": self.width, "feed_forward.size": self.hidden}
        return {path: numbers for path, numbers in both.items() if numbers[0] != numbers[1]}


def matched(experiment: Experiment, known: Sequence[Architecture]) -> Experiment:
    """`experiment` with every variant made `fair` to the first.

    `known` are the variants' architectures as asked for, with the vocabularies of their data. An experiment that was
    matched before is matched anew; one that is not to be matched is as it was asked for.

    Raises:
        Refusal: naming the bound that was hit.
    """
    pairs = zip(experiment.variants, known, strict=True)
    made = [fair(variant, architecture, known[0], experiment) for variant, architecture in pairs]
    return experiment.model_copy(update={"variants": tuple(made)})


def fair(variant: Variant, known: Architecture, reference: Architecture, experiment: Experiment) -> Variant:
    """The variant at the reference's cost by the experiment's rule, with what was asked for kept beside it.

    The vocabulary stays the one that was asked for: the data have the last word on it. Raises `Refusal` as `solve`.
    """
    if experiment.match == "time" and variant.recipe_in(experiment).seconds is None:
        raise Refusal(NO_SECONDS, "match", "recipe.seconds")
    solved = solution(known, reference, experiment)
    changes = {path: str(after) for path, (_, after) in solved.changed.items()}
    if not changes:
        return variant.model_copy(update={"architecture": variant.original, "asked": None})
    made = change(variant.original, _sized(variant.original, changes))
    return variant.model_copy(update={"architecture": made, "asked": variant.original})


def solution(known: Architecture, reference: Architecture, experiment: Experiment) -> Matched:
    """What the experiment's rule makes of an architecture; raises `Refusal` as `solve`."""
    measure = MEASURES.get(experiment.match)
    if measure is None or known == reference:
        return _between(known, known, 0.0)
    return solve(known, measure(reference), experiment.match, experiment.match_by)


@lru_cache(maxsize=512)
def solve(architecture: Architecture, target: float, match: str, by: str = "feed_forward") -> Matched:
    """`architecture` at the cost `target`, in parameters or training FLOPs per token, by its d_ff or its width.

    Raises:
        Refusal: no value within the field's bounds comes within `TOLERANCE`.
    """
    measure = MEASURES[match]
    solved = _by_width(architecture, target, measure) if by == "width" else None
    solved = solved or _by_hidden(architecture, target, measure)
    mismatch = measure(solved) / target - 1
    if abs(mismatch) > TOLERANCE:
        raise _too_far(architecture, solved, mismatch, by)
    return _between(architecture, solved, mismatch)


def report(experiment: Experiment, measured: Sequence[float | None]) -> dict[str, Any] | None:
    """What matching changed in every variant and what mismatch is left, as `result.json` holds it; None without any.

    `measured` is what each variant truly has of what they were matched in; None where none of its runs began.
    """
    if experiment.match == "none":
        return None
    first = measured[0]
    rows = []
    for variant, has in zip(experiment.variants, measured, strict=True):
        changed = _between(variant.original, variant.architecture, 0.0).changed
        rows.append(
            {
                "variant": variant.name,
                "changed": {path: {"asked": asked, "matched": made} for path, (asked, made) in changed.items()},
                experiment.match: has,
                "mismatch": has / first - 1 if has and first else None,
            }
        )
    return {"match": experiment.match, "by": experiment.match_by, "variants": rows}


def _between(asked: Architecture, solved: Architecture, mismatch: float) -> Matched:
    return Matched(solved, (hidden(asked), hidden(solved)), (asked.shape.width, solved.shape.width), mismatch)


def hidden(architecture: Architecture) -> int:
    """d_ff, whether it was given as such or follows from the width."""
    return architecture.feed_forward.hidden(architecture.shape.width)


def same_model(one: Architecture, other: Architecture) -> bool:
    """Are they one model, however its d_ff is spelt?"""
    return _spelt_out(one) == _spelt_out(other)


def _spelt_out(architecture: Architecture) -> Architecture:
    feed_forward = architecture.feed_forward
    rules = {name: type(feed_forward).model_fields[name].default for name in ("ratio", "match")}
    size = {"size": hidden(architecture)}
    return architecture.model_copy(update={"feed_forward": feed_forward.model_copy(update=rules | size)})


def _sized(architecture: Architecture, changes: dict[str, str]) -> dict[str, str]:
    """A hidden width of one's own takes the place of the rule that chose it."""
    ruled = architecture.feed_forward.match and "feed_forward.size" in changes
    return changes | ({"feed_forward.match": "off"} if ruled else {})


def _hiding(architecture: Architecture, size: int) -> Architecture:
    return change(architecture, _sized(architecture, {"feed_forward.size": str(size)}))


def _by_hidden(architecture: Architecture, target: float, measure: Measure) -> Architecture:
    """The d_ff that comes nearest, of the largest multiple that comes near enough."""
    if not architecture.layout.feed_forward:
        return architecture
    now, cost_now = hidden(architecture), measure(architecture)
    low, high = _bounds("feed_forward.size")
    other = now + MULTIPLES[0] if now + MULTIPLES[0] <= high else now - 1
    each = (measure(_hiding(architecture, other)) - cost_now) / (other - now)
    exact = now + (target - cost_now) / each
    sizes = [min(max(multiple * round(exact / multiple), low), high) for multiple in MULTIPLES]
    near = (size for size in sizes if abs(cost_now + each * (size - now) - target) <= TOLERANCE * target)
    size = next(near, sizes[-1])
    return architecture if size == now else _hiding(architecture, size)


def _by_width(architecture: Architecture, target: float, measure: Measure) -> Architecture:
    """The width that heads allow at which d_ff keeps its ratio to it most nearly, and that d_ff.

    Raises:
        Refusal: no width near the right one can be built.
    """
    heads = architecture.heads
    step = WIDTHS if heads.head_dim else math.lcm(WIDTHS, 2 * heads.query)
    ratio, last = hidden(architecture) / architecture.shape.width, _bounds("shape.width")[1] // step

    def wide(n: int) -> Architecture:
        """As wide as n steps, with a d_ff in the ratio that was asked for."""
        sizes = {"shape.width": str(n * step)}
        if architecture.feed_forward.size is not None:
            sizes |= {"feed_forward.size": str(max(1, round(ratio * n * step)))}
        return change(architecture, sizes)

    def at(n: int) -> float:
        first = next(_built(wide, range(n, n + GAP)), None)
        return math.inf if first is None else measure(first)

    above = bisect_left(range(1, last), target, key=at) + 1
    ways = (range(above - 1, max(0, above - 1 - GAP), -1), range(above, min(above + GAP, last + 1)))
    near = [_by_hidden(one, target, measure) for way in ways for one in islice(_built(wide, way), 1)]
    near = near or [_by_hidden(wide(above), target, measure)]  # which says why it cannot be
    fair = [one for one in near if abs(measure(one) / target - 1) <= TOLERANCE]
    if not fair:
        return min(near, key=lambda one: abs(measure(one) / target - 1))
    return min(fair, key=lambda one: abs(math.log(hidden(one) / one.shape.width / ratio)))


def _built(wide: Callable[[int], Architecture], steps: Iterable[int]) -> Iterator[Architecture]:
    """Those of some widths that can be built: RoPE, for one, turns pairs in a fraction of a head, which may be odd."""
    for n in steps:
        try:
            yield wide(n)
        except Refusal:
            continue


def _bounds(name: str) -> tuple[int, int]:
    path = next(path for path in paths() if path.name == name)
    assert path.minimum is not None and path.maximum is not None
    return int(path.minimum), int(path.maximum)


def _too_far(asked: Architecture, solved: Architecture, mismatch: float, by: str) -> Refusal:
    """Which bound was hit, or that there is no d_ff to make up for a rest; else that a d_ff is too coarse a step."""
    words = {"left": f"{mismatch:+.1%}", "width": solved.shape.width, "hidden": hidden(solved)}
    if not asked.layout.feed_forward:
        return Refusal((NO_REST if by == "width" else NO_HIDDEN).format(**words), "match", "layout.feed_forward")
    low, high = _bounds("feed_forward.size")
    text = {low: SMALLEST, high: LARGEST}.get(hidden(solved), NEAREST)
    return Refusal(text.format(**words), "match", "feed_forward.size", *(["shape.width"] if by == "width" else []))


NO_SECONDS = Text(
    "Matched in time, all variants train equally long: give the budget in seconds, recipe.seconds.",
    "按时间对齐时，各变体训练同样长的时间：请用 recipe.seconds 以秒给出预算。",
)
NO_HIDDEN = Text(
    "it has no feed-forward layer whose d_ff could make up for {left} to the first variant. Match by width, or not at "
    "all.",
    "它没有前馈层，无法靠 d_ff 补上与第一个变体相差的 {left}。请按宽度对齐，或不对齐。",
)
NO_REST = Text(
    "a width of {width} comes nearest, {left} to the first variant, and there is no d_ff to make up for the rest.",
    "最接近的宽度是 {width}，与第一个变体仍差 {left}，又没有 d_ff 可以补足。",
)
SMALLEST = Text(
    "even with the smallest d_ff, {hidden}, at width {width}, {left} is left to the first variant. Match by width, or "
    "make the first variant larger.",
    "宽度为 {width} 时，即使取最小的 d_ff（{hidden}），与第一个变体仍差 {left}。请按宽度对齐，或把第一个变体加大。",
)
LARGEST = Text(
    "even with the largest d_ff, {hidden}, at width {width}, {left} is left to the first variant. Match by width, or "
    "make the first variant smaller.",
    "宽度为 {width} 时，即使取最大的 d_ff（{hidden}），与第一个变体仍差 {left}。请按宽度对齐，或把第一个变体减小。",
)
NEAREST = Text(
    "d_ff {hidden} at width {width} comes nearest, {left} to the first variant: the model is too small for finer "
    "steps.",
    "最接近的是宽度 {width}、d_ff {hidden}，与第一个变体仍差 {left}：模型太小，无法调得更细。",
)
