"""From an experiment's runs to lines: the mean of a variant's seeds with its standard error, thinned. Draws nothing."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playground.follow import Snapshot
from playground.thinning import thinned

X = ("tokens", "step", "seconds", "flops")  # what the horizontal axis may show
POINTS = 2400  # of all lines of one kind together, at most
LEAST = 60  # points of a line that are kept whatever their number

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a variant's mean over its finished seeds, or one seed that diverged."""

    variant: int
    what: str  # val_loss, train_loss, grad_norm
    diverged: bool
    at: dict[str, list[float]]  # x by the name of the axis
    y: list[float]
    error: list[float]  # standard error of the mean; empty of one seed


def lines(snapshot: Snapshot, what: str) -> list[Line]:
    """The lines of `what`, of every variant that has any."""
    runs = snapshot["runs"]
    variants = sorted({run["variant"] for run in runs})
    most = max(LEAST, POINTS // max(1, len(variants)))
    found = []
    for variant in variants:
        mine = [run for run in runs if run["variant"] == variant and any(y is not None for y in run[what])]
        whole = [run for run in mine if run["state"] == "finished"]
        whole = whole or [run for run in mine if run["state"] != "diverged"]
        groups = ([whole] if whole else []) + [[run] for run in mine if run["state"] == "diverged"]
        found += [_line(variant, what, group, most) for group in groups]
    return found


def _line(variant: int, what: str, runs: Sequence[Json], most: int) -> Line:
    """The mean over `runs` at the steps that all of them have."""
    points = [{run["step"][n]: n for n, y in enumerate(run[what]) if y is not None} for run in runs]
    steps = thinned(sorted(set(points[0]).intersection(*points[1:])), most)
    rows = [[(run, place[step]) for run, place in zip(runs, points, strict=True)] for step in steps]
    values = [[run[what][n] for run, n in row] for row in rows]
    at = {x: [statistics.fmean(run[x][n] for run, n in row) for row in rows] for x in X}
    errors = [statistics.stdev(each) / math.sqrt(len(each)) for each in values] if len(runs) > 1 else []
    diverged = runs[0]["state"] == "diverged"
    return Line(variant, what, diverged, at, [statistics.fmean(each) for each in values], errors)
