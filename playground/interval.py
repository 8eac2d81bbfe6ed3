"""How well a mean over seeds is known: 95 % intervals of means, shares and paired differences. Numbers alone."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over seeds with its 95 % interval; without ends where there is one seed alone, nothing without any."""

    mean: float | None
    low: float | None
    high: float | None
    seeds: int

    @property
    def told(self) -> bool:
        """Is zero outside the interval?"""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    def told_among(self, count: int) -> bool:
        """Would zero lie outside, were the interval widened for being one of `count` (Bonferroni)?

        Meant for one that was picked because it is the largest; of Student's intervals.
        """
        if self.mean is None or self.low is None or self.high is None:
            return False
        widened = (self.high - self.mean) * quantile(self.seeds - 1, count) / quantile(self.seeds - 1)
        return abs(self.mean) > widened

    def to_dict(self) -> dict[str, Any]:
        """As `result.json` holds it."""
        return {"mean": self.mean, "low": self.low, "high": self.high, "seeds": self.seeds}


def interval(values: Iterable[float]) -> Interval:
    """The mean of independent values, and how well it is known (Student's t)."""
    numbers = list(values)
    if not numbers:
        return Interval(None, None, None, 0)
    mean, count = statistics.fmean(numbers), len(numbers)
    if count == 1:
        return Interval(mean, None, None, 1)
    half = quantile(count - 1) * statistics.stdev(numbers) / math.sqrt(count)
    return Interval(mean, mean - half, mean + half, count)


def share(values: Sequence[float]) -> Interval:
    """The share of 1 among values that are 0 or 1, exact (Clopper and Pearson 1934): none of 3 leaves 0 to 0.71.

    Student's interval would be [0, 0] of three zeros.
    """
    if not values:
        return interval(values)
    low, high = _exact(sum(value > 0 for value in values), len(values), CONFIDENCE)
    return Interval(statistics.fmean(values), low, high, len(values))


def share_difference(values: Sequence[float]) -> Interval:
    """The mean of paired differences −1, 0 or 1 of such values.

    Its bounds are those of the shares of 1 and of −1, each at 97.5 % so that both hold (Bonferroni): wide, and right.
    """
    if not values:
        return interval(values)
    each = 1 - (1 - CONFIDENCE) / 2
    ups = _exact(sum(value > 0 for value in values), len(values), each)
    downs = _exact(sum(value < 0 for value in values), len(values), each)
    return Interval(statistics.fmean(values), ups[0] - downs[1], ups[1] - downs[0], len(values))


def quantile(freedom: int, among: int = 1) -> float:
    """What a standard error is multiplied by for half of the interval; of one `among` several, all of which hold."""
    return float(stats.t.isf((1 - CONFIDENCE) / 2 / among, freedom))


def paired(of_a: Mapping[int, float], of_b: Mapping[int, float]) -> list[float]:
    """b minus a, for every seed that both have."""
    return [of_b[seed] - of_a[seed] for seed in sorted(of_a.keys() & of_b.keys())]


def shares(of_a: Mapping[int, float], of_b: Mapping[int, float]) -> list[float]:
    """By how much b is above a, as a share of a, for every seed that both have."""
    return [of_b[seed] / of_a[seed] - 1 for seed in sorted(of_a.keys() & of_b.keys()) if of_a[seed]]


def _exact(hits: int, count: int, confidence: float) -> tuple[float, float]:
    found = stats.binomtest(hits, count).proportion_ci(confidence, method="exact")
    return float(found.low), float(found.high)
