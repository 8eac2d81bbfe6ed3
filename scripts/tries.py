"""Measures the five "try this" experiments over several seeds and writes docs/tries.md.

python -m scripts.tries [SEEDS]
"""

import statistics
import sys
from pathlib import Path
from typing import Any

from playground import link
from playground.bench.measure import machine
from playground.ui.tries import TRIES, Try
from scripts.trained import trained

DOCUMENT = Path(__file__).parent.parent / "docs" / "tries.md"
HEAD = """# The five "try this" experiments, measured

Written by `python -m scripts.tries {seeds}`: every experiment with {seeds} seeds, two runs at a time on
{processor}, {cores} cores. The page trains one seed of each.
Loss and accuracy: mean over the seeds on the whole validation part (lowest to highest); loss in nats per token.
Seconds: of training, median.

| experiment | variant | validation loss | accuracy | seconds |
|---|---|---|---|---|
"""


def main(seeds: int = 3) -> None:
    """Run all five and write the table."""
    about = machine()
    rows = [row for each in TRIES for row in measured(each, seeds)]
    head = HEAD.format(seeds=seeds, processor=about["processor"], cores=about["cores"])
    DOCUMENT.write_text(head + "\n".join(rows) + "\n", "utf-8")


def measured(each: Try, seeds: int) -> list[str]:
    """A line a variant."""
    experiment, notes = link.read(each.query)
    assert not notes, notes
    experiment = experiment.with_seeds(seeds)
    runs = trained(experiment, experiment.runs())
    rows = []
    for letter, variant in zip("AB", experiment.variants, strict=True):
        own = [run for run in runs if run["variant"] == variant.name]
        loss, accuracy = mean_and_range(own, "val_loss"), mean_and_range(own, "accuracy")
        rows.append(f"| {each.title.en} | {letter} | {loss} | {accuracy} | {seconds(own)} |")
    print(*rows, sep="\n", file=sys.stderr)
    return rows


def mean_and_range(runs: list[dict[str, Any]], name: str) -> str:
    """Mean, lowest and highest of a number that every run has."""
    values = [run[name] for run in runs]
    return f"{statistics.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def seconds(runs: list[dict[str, Any]]) -> str:
    """The median time of training."""
    return f"{statistics.median(run['curve'][-1]['seconds'] for run in runs):.0f}"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
