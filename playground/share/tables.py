"""The results as tables: runs and curves as CSV, safe to open in a spreadsheet whatever names they hold."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from playground.follow import CURVE
from playground.share.content import Content

RUN = (
    "variant",
    "seed",
    "status",
    "parameters",
    "tokens",
    "tokens_per_second",
    "val_loss",
    "perplexity",
    "bits_per_byte",
    "accuracy",
    "diverged_at",
)
FORMULA = tuple("=+-@\t\r")  # what a spreadsheet takes for a formula when a text begins with it


def runs(content: Content) -> str:
    """A line a run."""
    return _csv(RUN, ([row[name] for name in RUN] for row in content.result["runs"]))


def curves(content: Content) -> str:
    """A line a point of every run's curve."""
    rows = (
        [run["variant"], run["seed"], *(point[name] for name in CURVE)]
        for run in content.result["runs"]
        for point in run["curve"]
    )
    return _csv(("variant", "seed", *CURVE), rows)


def _csv(head: Iterable[str], rows: Iterable[list[Any]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return file.getvalue()


def _plain(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
