"""What an ended experiment shows about its variants, in sentences about letters: the best against the others."""

from collections import Counter
from typing import Any

from models.text import Text
from playground.experiment import Experiment
from playground.metric import one_metric
from playground.noise import noise_of
from playground.ui.catalogue import sentence
from playground.verdict import METRICS, Comparison, compare

Json = dict[str, Any]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWX"


def judged(experiment: Experiment, runs: list[Json]) -> list[Comparison]:
    """Of every other variant against the best, by letter, the closest rival first.

    None while runs are going, or where fewer than two variants finished.
    """
    if any(run["state"] in ("queued", "running") for run in runs):
        return []
    metric = one_metric(experiment)
    losses = _by_variant(runs, metric)
    if len(losses) < 2:
        return []
    best, *others = sorted(losses, key=lambda variant: _mean(losses[variant]))
    noise = noise_of(experiment, metric)
    return [compare(LETTERS[other], LETTERS[best], metric, losses[other], losses[best], noise) for other in others]


def verdicts(experiment: Experiment, runs: list[Json]) -> list[Text]:
    """The sentences of what was judged, of accuracies on tasks, and of runs that do not count because they diverged."""
    told = [comparison.text for comparison in judged(experiment, runs)]
    return told + (_accuracies(runs) if told else []) + _diverged(experiment, runs)


def pictures(experiment: Experiment, runs: list[Json]) -> list[Json]:
    """For every pair that was judged: how far the other is behind the best, the interval of it, the recipe's noise."""
    return [_picture(comparison) for comparison in judged(experiment, runs) if comparison.difference is not None]


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


def _accuracies(runs: list[Json]) -> list[Text]:
    """On tasks: the share of right answers, which is what they are about."""
    right = _by_variant(runs, "accuracy")
    if not right or any(run["bits_per_byte"] is not None for run in runs):  # text: the loss says more
        return []
    shares = ", ".join(f"{LETTERS[variant]} {_mean(of):.0%}" for variant, of in sorted(right.items()))
    return [sentence("accuracies", shares=shares)]


def _diverged(experiment: Experiment, runs: list[Json]) -> list[Text]:
    """With several seeds: how many of a variant's runs diverged. They are shown, and in no mean."""
    count = Counter(run["variant"] for run in runs if run["state"] == "diverged")
    if experiment.seeds == 1:
        return []
    said = []
    for variant, many in sorted(count.items()):
        key = "all_diverged" if many == experiment.seeds else "some_diverged"
        said.append(sentence(key, letter=LETTERS[variant], many=many, of=experiment.seeds))
    return said


def _by_variant(runs: list[Json], metric: str) -> dict[int, dict[int, float]]:
    """What the finished runs measured, by variant and seed."""
    found: dict[int, dict[int, float]] = {}
    for run in runs:
        if run["state"] == "finished" and run[metric] is not None:
            found.setdefault(run["variant"], {})[run["seed"]] = run[metric]
    return found


def _mean(of: dict[int, float]) -> float:
    return sum(of.values()) / len(of)
