"""What an ended experiment shows about its variants, in sentences about letters: the best against the others."""

from collections import Counter
from typing import Any

from models.text import Text
from playground.experiment import Experiment
from playground.judging import by_variant, judged, mean
from playground.rows import letter
from playground.ui.catalogue import sentence

Json = dict[str, Any]


def verdicts(experiment: Experiment, runs: list[Json]) -> list[Text]:
    """The sentences of what was judged, of accuracies on tasks, and of runs that do not count because they diverged."""
    told = [comparison.text for comparison in judged(experiment, runs)]
    return told + (_accuracies(runs) if told else []) + _diverged(experiment, runs)


def _accuracies(runs: list[Json]) -> list[Text]:
    """On tasks: the share of right answers, which is what they are about."""
    right = by_variant(runs, "accuracy")
    if not right or any(run["bits_per_byte"] is not None for run in runs):  # text: the loss says more
        return []
    shares = ", ".join(f"{letter(variant)} {mean(of):.0%}" for variant, of in sorted(right.items()))
    return [sentence("accuracies", shares=shares)]


def _diverged(experiment: Experiment, runs: list[Json]) -> list[Text]:
    """With several seeds: how many of a variant's runs diverged. They are shown, and in no mean."""
    count = Counter(run["variant"] for run in runs if run["state"] == "diverged")
    if experiment.seeds == 1:
        return []
    said = []
    for variant, many in sorted(count.items()):
        key = "all_diverged" if many == experiment.seeds else "some_diverged"
        said.append(sentence(key, letter=letter(variant), many=many, of=experiment.seeds))
    return said
