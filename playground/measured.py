"""What a run came to, in the numbers that forms of experiment are read by; from a snapshot. Knows no form."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Measured:
    """One run. What was not measured is None; losses only count where the run has finished."""

    variant: int
    seed: int
    state: str
    parameters: int | None
    flops: float | None  # of the whole training
    tokens_per_second: float | None
    val_loss: float | None
    bits_per_byte: float | None
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over seeds with Student's 95 % interval, which takes two seeds at least."""

    mean: float | None
    low: float | None
    high: float | None
    seeds: int

    @property
    def told(self) -> bool:
        """Is zero outside the interval?"""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    def to_dict(self) -> dict[str, Any]:
        """As `result.json` holds it."""
        return {"mean": self.mean, "low": self.low, "high": self.high, "seeds": self.seeds}


def measured(runs: Iterable[Mapping[str, Any]]) -> list[Measured]:
    """The runs of a snapshot."""
    return [_measured(run) for run in runs]


def of_variant(all_of_them: Sequence[Measured], variant: int, quantity: str) -> dict[int, float]:
    """A quantity of a variant's finished runs, by seed."""
    there = (each for each in all_of_them if each.variant == variant and each.state == "finished")
    found = {each.seed: getattr(each, quantity) for each in there}
    return {seed: value for seed, value in found.items() if value is not None and math.isfinite(value)}


def interval(values: Iterable[float]) -> Interval:
    """The mean of independent values, and how well it is known."""
    numbers = list(values)
    if not numbers:
        return Interval(None, None, None, 0)
    mean, count = statistics.fmean(numbers), len(numbers)
    if count == 1:
        return Interval(mean, None, None, 1)
    half = quantile(count - 1) * statistics.stdev(numbers) / math.sqrt(count)
    return Interval(mean, mean - half, mean + half, count)


def quantile(freedom: int) -> float:
    """What a standard error is multiplied by for half of the interval."""
    return float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom))


def paired(of_a: Mapping[int, float], of_b: Mapping[int, float]) -> list[float]:
    """b minus a, for every seed that both have."""
    return [of_b[seed] - of_a[seed] for seed in sorted(of_a.keys() & of_b.keys())]


def shares(of_a: Mapping[int, float], of_b: Mapping[int, float]) -> list[float]:
    """By how much b is above a, as a share of a, for every seed that both have."""
    return [of_b[seed] / of_a[seed] - 1 for seed in sorted(of_a.keys() & of_b.keys()) if of_a[seed]]


def _measured(run: Mapping[str, Any]) -> Measured:
    started, finished = run["started"] or {}, run["finished"] or {}
    speeds = [speed for speed in run["tokens_per_second"] if speed is not None]
    return Measured(
        variant=run["variant"],
        seed=run["seed"],
        state=run["state"],
        parameters=started.get("parameters"),
        flops=run["flops"][-1] if run["flops"] else None,
        tokens_per_second=statistics.median(speeds) if speeds else None,
        val_loss=finished.get("val_loss"),
        bits_per_byte=finished.get("bits_per_byte"),
        accuracy=finished.get("accuracy"),
    )
