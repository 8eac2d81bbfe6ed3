"""What an ended experiment shows about its variants, in sentences about letters: the best against the others."""

from typing import Any

from models.text import Text
from playground.experiment import Experiment
from playground.results import compare, one_metric
from playground.ui.catalogue import sentence

Json = dict[str, Any]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWX"


def verdicts(experiment: Experiment, runs: list[Json]) -> list[Text]:
    """The sentences, the closest rival first; none while runs are going, or where fewer than two variants finished."""
    if any(run["state"] in ("queued", "running") for run in runs):
        return []
    metric = one_metric(experiment)
    losses = _by_variant(runs, metric)
    if len(losses) < 2:
        return []
    best, *others = sorted(losses, key=lambda variant: _mean(losses[variant]))
    told = [compare(LETTERS[other], LETTERS[best], metric, losses[other], losses[best]).text for other in others]
    return told + _accuracies(runs)


def _accuracies(runs: list[Json]) -> list[Text]:
    """On tasks: the share of right answers, which is what they are about."""
    right = _by_variant(runs, "accuracy")
    if not right or all(run["bits_per_byte"] is not None for run in runs):
        return []
    shares = ", ".join(f"{LETTERS[variant]} {_mean(of):.0%}" for variant, of in sorted(right.items()))
    return [sentence("accuracies", shares=shares)]


def _by_variant(runs: list[Json], metric: str) -> dict[int, dict[int, float]]:
    """What the finished runs measured, by variant and seed."""
    found: dict[int, dict[int, float]] = {}
    for run in runs:
        if run["state"] == "finished" and run[metric] is not None:
            found.setdefault(run["variant"], {})[run["seed"]] = run[metric]
    return found


def _mean(of: dict[int, float]) -> float:
    return sum(of.values()) / len(of)
