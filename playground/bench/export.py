"""How long export takes: file, fast form, verification of both, and timing, as a worker does them at a press. No peer.

Every option of every axis, on the twin that the page begins with, one after the other in this process.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from models.architecture import Architecture
from models.initialize import initialize
from models.spelling import change
from models.systems import systems
from models.text import Refusal
from models.transformer import Transformer
from playground import runs
from playground.bench.decode import any_tokenizer
from playground.bench.measure import Report, Spread
from playground.export_run import export_run
from playground.recipe import Recipe
from playground.threads import threads

BASE = "gpt-2"
METRIC = "seconds"
CASES = tuple(name for name, axis in Architecture.axes().items() if len(axis.options()) > 1)


def report(cases: Sequence[str] = CASES) -> Report:
    """Seconds from a trained model's folder to what the page shows of its file, for each option, and over all."""
    found, twin = Report(), systems()[BASE].twin
    with threads(1):
        _seconds(twin)  # does not count: what is loaded on first use
        for case in cases:
            for option, architecture in _options(twin, case):
                found.row(case, option, METRIC, Spread.of([_seconds(architecture)]))
    found.row(f"all {len(found.rows)} options", BASE, METRIC, Spread.of([row["median"] for row in found.rows]))
    return found


def _options(twin: Architecture, axis: str) -> Iterator[tuple[str, Architecture]]:
    """Those that can stand alone in `twin`; the others need more than one change."""
    for option in Architecture.axes()[axis].options():
        try:
            yield option, change(twin, {axis: option})
        except Refusal:
            continue


def _seconds(architecture: Architecture) -> float:
    model = initialize(Transformer(architecture), seed=0).eval()
    about = runs.About(BASE, architecture, Recipe(), any_tokenizer(model), {})
    with tempfile.TemporaryDirectory() as folder:
        runs.save(Path(folder), model, about, runs.State({}, {}))
        begun = time.perf_counter()
        verification = export_run(Path(folder))["verification"]
        seconds = time.perf_counter() - begun
    if not verification["passed"]:
        raise AssertionError(f"{architecture} was exported wrong: {verification}")
    return seconds
