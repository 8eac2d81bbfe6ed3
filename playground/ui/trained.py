"""Which of an experiment's runs have left a model, for those who know the experiment's id. Knows no page."""

import re
from itertools import groupby
from pathlib import Path
from typing import Any

from models.text import Refusal
from playground.findings import may_be_given_away
from playground.precision import FP32, file_in
from playground.rows import BROKEN_OFF, run_name
from playground.runs import ABOUT, MODEL, read_about
from playground.store import GOING, ExperimentRow, RunRow, Store
from playground.ui.catalogue import sentence

Json = dict[str, Any]
ID = re.compile(r"[0-9a-f]{32}")


def experiment_of(store: Store, id: object) -> ExperimentRow:
    """The experiment that the page asks about; its id cannot be guessed, so who knows it may look.

    Raises:
        Refusal: there is none of this id.
    """
    row = store.experiment(id) if isinstance(id, str) and ID.fullmatch(id) else None
    if row is None:
        raise Refusal(sentence("no_such_run"))
    return row


def first_runs(store: Store, id: object) -> list[RunRow]:
    """One run a variant, in the order of variants: the first seed that has left a model, else the first seed."""
    runs = sorted(store.runs(experiment_of(store, id).id), key=lambda run: (run.variant, run.seed))
    by_variant = [list(mine) for _, mine in groupby(runs, key=lambda run: run.variant)]
    return [next(filter(has_model, mine), mine[0]) for mine in by_variant]


def run_of(store: Store, id: object, variant: object) -> RunRow:
    """The run of a variant whose model is looked at.

    Raises:
        Refusal: no such experiment, no such variant, or one that has left no model.
    """
    run = next((run for run in first_runs(store, id) if run.variant == variant and type(variant) is int), None)
    if run is None:
        raise Refusal(sentence("no_such_run"))
    if not has_model(run):
        raise Refusal(sentence("panel_no_model"))
    return run


def exported_file(run: RunRow, precision: str = FP32) -> Path:
    """Where the run's exported file of that precision is, once there is one."""
    return run.folder / file_in(precision)


def is_offered(run: RunRow, precision: str = FP32) -> bool:
    """Is that file there, and may it be written with and downloaded? One that is just being verified, or that is not
    the model, may not; nor may what is made of it."""
    return exported_file(run, precision).is_file() and may_be_given_away(run.folder)


def file_name(run: RunRow, precision: str = FP32) -> str:
    """What a visitor's copy of the exported file is called: `gpt-2_norm-rmsnorm-A-seed0.onnx`, `…-seed0-int8.onnx`."""
    name = re.sub(r"[^a-z0-9._-]+", "-", read_about(run.folder).name.lower().replace(",", "_")).strip("-._")
    end = "" if precision == FP32 else f"-{precision}"
    return f"{name[:80] or 'model'}-{run_name(run.variant, run.seed)}{end}.onnx"


def has_model(run: RunRow) -> bool:
    """Is the run over, and did it leave a model? One that broke off may be gone on with: its model is not its last."""
    return run.state not in (*GOING, *BROKEN_OFF) and all((run.folder / name).is_file() for name in (MODEL, ABOUT))
