"""What an experiment shows about its variants, in a sentence: with one seed, that one seed decides nothing. Pure."""

from typing import Any

from models.text import Text
from playground.experiment import Experiment
from playground.ui.catalogue import sentence

Json = dict[str, Any]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWX"


def verdicts(experiment: Experiment, runs: list[Json]) -> list[Text]:
    """The sentence about the best variant against the next; nothing while runs are going, or with one variant."""
    if any(run["state"] in ("queued", "running") for run in runs):
        return []
    losses = {variant: _losses(runs, variant) for variant in range(len(experiment.variants))}
    complete = {variant: of for variant, of in losses.items() if len(of) == experiment.seeds}
    if len(complete) < 2:
        return []
    best, second = sorted(complete, key=lambda variant: _mean(complete[variant]))[:2]
    difference = _mean(complete[second]) - _mean(complete[best])
    words = {
        "best": LETTERS[best],
        "second": LETTERS[second],
        "difference": f"{difference:.3f}",
        "seeds": experiment.seeds,
    }
    return [sentence("verdict_one_seed" if experiment.seeds == 1 else "verdict_seeds", **words)]


def _losses(runs: list[Json], variant: int) -> list[float]:
    """The validation losses at the end of the variant's finished runs, in the order of seeds."""
    mine = sorted(
        (run for run in runs if run["variant"] == variant and run["state"] == "finished"), key=lambda run: run["seed"]
    )
    return [run["val_loss"] for run in mine if run["val_loss"] is not None]


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)
