"""What a run came to, in the numbers that forms of experiment are read by; from a snapshot. Knows no form."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


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


def measured(runs: Iterable[Mapping[str, Any]]) -> list[Measured]:
    """The runs of a snapshot."""
    return [_measured(run) for run in runs]


def of_variant(all_of_them: Sequence[Measured], variant: int, quantity: str) -> dict[int, float]:
    """A quantity of a variant's finished runs, by seed."""
    there = (each for each in all_of_them if each.variant == variant and each.state == "finished")
    found = {each.seed: getattr(each, quantity) for each in there}
    return {seed: value for seed, value in found.items() if value is not None and math.isfinite(value)}


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
