"""What an ended experiment shows about its variants: the best against each other one, by letter. Knows no page.

A run is read as `{"variant", "seed", "state"}` and the metrics that it ended at, None where it was not measured.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from playground.experiment import Experiment
from playground.metric import one_metric
from playground.noise import noise_of
from playground.rows import GOING, letter
from playground.verdict import METRICS, Comparison, compare

Json = dict[str, Any]
Runs = Sequence[Mapping[str, Any]]


def judged(experiment: Experiment, runs: Runs) -> list[Comparison]:
    """Of every other variant against the best, by letter, the closest rival first.

    Empty while runs are going, or where fewer than two variants finished.
    """
    if any(run["state"] in GOING for run in runs):
        return []
    metric = one_metric(experiment)
    losses = by_variant(runs, metric)
    if len(losses) < 2:
        return []
    best, *others = sorted(losses, key=lambda variant: mean(losses[variant]))
    noise = noise_of(experiment, metric)
    return [compare(letter(other), letter(best), metric, losses[other], losses[best], noise) for other in others]


def pictures(experiment: Experiment, runs: Runs) -> list[Json]:
    """For every pair that was judged: how far the other is behind the best, the interval of it, the recipe's noise."""
    return [_picture(comparison) for comparison in judged(experiment, runs) if comparison.difference is not None]


def by_variant(runs: Runs, metric: str) -> dict[int, dict[int, float]]:
    """What the finished runs measured, by variant and seed."""
    found: dict[int, dict[int, float]] = {}
    for run in runs:
        if run["state"] == "finished" and run[metric] is not None:
            found.setdefault(run["variant"], {})[run["seed"]] = run[metric]
    return found


def mean(of: Mapping[int, float]) -> float:
    """The mean over seeds."""
    return sum(of.values()) / len(of)


def _picture(found: Comparison) -> Json:
    """Of b, the best, minus a: turned round, so that more is further behind."""
    assert found.difference is not None
    unit = METRICS[found.metric].unit
    return {
        "best": found.b,
        "other": found.a,
        "behind": -found.difference,
        "low": None if found.high is None else -found.high,
        "high": None if found.low is None else -found.low,
        "told": found.verdict in ("better", "worse"),
        "noise": found.noise and found.noise.sd,
        "unit": {"en": unit.en, "zh": unit.zh},
    }
