"""How things are measured against each other: in turns, with medians and ranges, on a machine that is named.

Taking turns makes rivals share whatever else the machine does meanwhile. Knows no benchmark.
"""

import math
import os
import platform
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from playground.device import processor
from playground.environment import versions
from playground.profile import machine_memory

PACKAGES = ("torch", "numpy", "onnx", "onnxruntime", "onnxruntime-gpu", "onnxruntime-genai", "transformers")
DIGITS = 6
Measured = TypeVar("Measured")


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some measurements, the lowest and the highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        """The spread of at least one value."""
        values = list(values)
        return cls(statistics.median(values), min(values), max(values))

    def to_dict(self) -> dict[str, float]:
        """As JSON has it."""
        return {name: _rounded(getattr(self, name)) for name in ("median", "low", "high")}


@dataclass(slots=True)
class Report:
    """Rows of what was measured, and who is how much faster."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    ratios: dict[str, dict[str, float]] = field(default_factory=dict)
    not_run: dict[str, str] = field(default_factory=dict)  # engines, and why

    def add(self, case: str, metric: str, spreads: Mapping[str, Spread], ours: str) -> None:
        """One row an engine; ratios of medians, `ours` over every peer (above 1: ours is higher)."""
        for engine, spread in spreads.items():
            self.row(case, engine, metric, spread)
        peers = {engine: spread for engine, spread in spreads.items() if engine != ours}
        if peers:
            ratios = {f"{ours}/{peer}": _rounded(spreads[ours].median / peers[peer].median) for peer in peers}
            self.ratios[f"{case}/{metric}"] = ratios

    def row(self, case: str, engine: str, metric: str, spread: Spread) -> None:
        """One row, compared with nothing."""
        self.rows.append({"case": case, "engine": engine, "metric": metric, **spread.to_dict()})

    def to_dict(self) -> dict[str, Any]:
        """As `bench --json` writes it; `not_run` only where some engine was not."""
        written = {"machine": machine(), "rows": self.rows, "ratios": self.ratios}
        return written | {"not_run": self.not_run} if self.not_run else written


def in_turns(rivals: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Spread]:
    """The spread of each rival's measurements, taken in turns; see `taking_turns`."""
    return {name: Spread.of(values) for name, values in taking_turns(rivals, rounds).items()}


def taking_turns(rivals: Mapping[str, Callable[[], Measured]], rounds: int) -> dict[str, list[Measured]]:
    """Each rival's measurements over `rounds` rounds, after one that does not count; every other round runs backwards.

    A rival does its work and returns what was measured, such as tokens per second.
    """
    for rival in rivals.values():
        rival()
    return warm_turns(rivals, rounds)


def warm_turns(rivals: Mapping[str, Callable[[], Measured]], rounds: int) -> dict[str, list[Measured]]:
    """The same for rivals that have had the round that does not count."""
    names = list(rivals)
    found: dict[str, list[Measured]] = {name: [] for name in names}
    for count in range(rounds):
        for name in names if count % 2 else reversed(names):
            found[name].append(rivals[name]())
    return found


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """The ratio of what both measured in the same round: its median and the interval that holds it with about 95 %.

    The interval lies between order statistics (the sign test's), so it asks nothing of how the ratios are spread.
    """
    ratios = sorted(one / other for one, other in zip(ours, theirs, strict=True))
    count, outside = len(ratios), 0
    while 2 * sum(math.comb(count, k) for k in range(outside + 1)) <= 0.05 * 2**count:
        outside += 1
    cut = max(outside - 1, 0)
    return Spread(statistics.median(ratios), ratios[cut], ratios[count - 1 - cut])


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": machine_memory(),
        "system": platform.platform(),
        "versions": versions(PACKAGES),
    }


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
