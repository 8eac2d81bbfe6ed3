"""Verdicts by a rule that was written down before anything was measured: data in, one of three words out.

A rule is a tuple of `Lies`. A claim is confirmed if every part of its rule is, contradicted if one is, and undecided
otherwise. Knows no lesson, no model and no page.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from models.text import Text
from playground.interval import Interval, interval, share, share_difference

Verdict = Literal["confirmed", "contradicted", "undecided"]
Values = Mapping[int, Mapping[str, Any]]  # by seed (or round), then by metric
Readings = Mapping[str, Values]  # by arm

VERDICTS: dict[Verdict, Text] = {
    "confirmed": Text("confirmed", "成立"),
    "contradicted": Text("contradicted", "不成立"),
    "undecided": Text("undecided", "无法判定"),
}


@dataclass(frozen=True, slots=True)
class Lies:
    """One part of a rule: where a number has to lie, seed by seed.

    The number is `metric` of the arm `of`, minus that of the arm `minus` with the same seed, or over it (`over`). The
    part is confirmed if the whole interval lies between `above` and `below`, contradicted if all of it lies outside,
    and undecided if an end of the range falls into it. Of a metric that is 0 or 1 of a run (`counted`) the interval is
    exact: Student's would have no width where no run failed.
    """

    metric: str
    of: str
    minus: str | None = None
    over: str | None = None
    above: float = -math.inf
    below: float = math.inf
    counted: bool = False

    def __post_init__(self) -> None:
        if not self.above < self.below or math.isinf(self.above) and math.isinf(self.below):
            raise TypeError(f"a rule needs a range: {self.above} … {self.below}")
        if self.minus and self.over:
            raise TypeError("a number is a difference or a ratio, not both")
        if self.over and self.counted:
            raise TypeError("counts are not divided by each other: most are 0")

    def numbers(self, readings: Readings) -> list[float]:
        """The number of every seed that has it."""
        mine, theirs = readings.get(self.of, {}), readings.get(self.minus or self.over or "", {})
        seeds = sorted(mine.keys() & theirs.keys()) if self.minus or self.over else sorted(mine)
        pairs = [(mine[seed].get(self.metric), theirs.get(seed, {}).get(self.metric)) for seed in seeds]
        if self.over:
            return [one / other for one, other in pairs if one is not None and other]
        if self.minus:
            return [one - other for one, other in pairs if one is not None and other is not None]
        return [one for one, _ in pairs if one is not None]

    def judge(self, readings: Readings) -> "Finding":
        """What the readings say about this part."""
        found = self._interval(self.numbers(readings))
        return Finding(self, found, self._verdict(found))

    def _interval(self, numbers: Sequence[float]) -> Interval:
        if not self.counted:
            return interval(numbers)
        return share_difference(numbers) if self.minus else share(numbers)

    def _verdict(self, found: Interval) -> Verdict:
        if found.low is None or found.high is None:
            return "undecided"
        if self.above <= found.low and found.high <= self.below:
            return "confirmed"
        return "contradicted" if found.high <= self.above or self.below <= found.low else "undecided"

    def who(self, titles: Mapping[str, Text], metric: Text) -> Text:
        """Which number it is: "loss: A − B"; `titles` by arm."""
        one, other = titles[self.of], titles.get(self.minus or self.over or "")
        sign = " ÷ " if self.over else " − "
        who = [one[index] if other is None else f"{one[index]}{sign}{other[index]}" for index in range(2)]
        return Text(f"{metric.en}: {who[0]}", f"{metric.zh}：{who[1]}")

    def words(self, titles: Mapping[str, Text], metric: Text) -> Text:
        """The part as a sentence: "loss: A − B above 0.02"; `titles` by arm."""
        who, range = self.who(titles, metric), _range(self)
        return Text(f"{who.en} {range.en}", f"{who.zh} {range.zh}")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found for one part of a rule."""

    part: Lies
    interval: Interval
    verdict: Verdict

    def to_dict(self) -> dict[str, Any]:
        """As `lesson.json` holds it; an open end of the range is null."""
        part, found = self.part, self.interval
        ends = {"above": part.above, "below": part.below}
        return {
            **{name: getattr(part, name) for name in ("metric", "of", "minus", "over")},
            **{name: None if math.isinf(end) else end for name, end in ends.items()},
            "mean": rounded(found.mean),
            "low": rounded(found.low),
            "high": rounded(found.high),
            "seeds": found.seeds,
            "verdict": self.verdict,
        }


def judged(rule: Sequence[Lies], readings: Readings) -> tuple[Verdict, list[Finding]]:
    """The verdict of a whole rule, and what was found for each of its parts."""
    findings = [part.judge(readings) for part in rule]
    words = {finding.verdict for finding in findings}
    if "contradicted" in words:
        return "contradicted", findings
    return ("undecided" if "undecided" in words else "confirmed"), findings


def rounded(number: float | None) -> float | None:
    """Six significant digits; None of what is not finite."""
    return None if number is None or not math.isfinite(number) else float(f"{number:.6g}")


def _range(part: Lies) -> Text:
    if math.isinf(part.above):
        return Text(f"below {part.below:g}", f"低于 {part.below:g}")
    if math.isinf(part.below):
        return Text(f"above {part.above:g}", f"高于 {part.above:g}")
    return Text(f"between {part.above:g} and {part.below:g}", f"介于 {part.above:g} 与 {part.below:g} 之间")
