"""A run's folder to files in several precisions, with what each costs; and to one file for the command.

The worker does `compare_run` as the job `precisions`: the files lie beside `model.onnx`, made once, then reused.
"""

import math
import tempfile
from pathlib import Path
from typing import Any

import torch

from models.text import Refusal
from playground.export import export
from playground.export_run import export_run, metadata
from playground.findings import keep, known
from playground.precision import FP16, FP32, INT4, INT8, file_in
from playground.precisions import ALLOWED, ROUNDS, THREADS, Cost, costs, stretch
from playground.quantize import quantize
from playground.runs import ABOUT, MODEL, load, read_about
from playground.verify import verify

FOUND = "precisions.json"


def wanted() -> tuple[str, ...]:
    """The precisions worth comparing here: float16 is slower than float32 on a processor."""
    return (FP32, FP16, INT8, INT4) if torch.cuda.is_available() else (FP32, INT8, INT4)


def compare_run(folder: Path, text: bytes | None = None) -> dict[str, Any]:
    """The run's model in every precision wanted here, and what each costs, as plain JSON; `text` is a person's own.

    `precisions` has a row each: `precision`, `bytes`, `val_loss`, `speed`, `provider`, and whether its loss is `within`
    what is `allowed`. Kept in `precisions.json`, and returned again while model and files are unchanged.

    Raises:
        Refusal: a folder that is no run, a model that diverged, a text that cannot be had.
    """
    names = wanted()
    files = {name: folder / file_in(name) for name in names}
    of = (ABOUT, MODEL, *(file.name for file in files.values()))
    return known(folder, FOUND, of) or keep(folder, FOUND, of, _made(folder, files, text))


def compare_job(payload: dict[str, Any]) -> dict[str, Any]:
    """`compare_run` as a worker's job, for the folder in `payload` and the text in the file it names, if any."""
    text = payload.get("text")
    return compare_run(Path(payload["folder"]), None if text is None else Path(text).read_bytes())


def export_as(folder: Path, file: Path, precision: str = FP32, text: bytes | None = None) -> dict[str, Any]:
    """Export the run in `folder` to `file` in `precision`: what verifying it found, and what it costs beside float32.

    `passed` judges by `criterion`: the logits in float32, the rise of the loss in fewer bits, each against `tolerance`.

    Raises:
        Refusal: as `compare_run`; in float32 a missing text is no reason, but said in `not_measured`.
    """
    model, about = load(folder)
    rows, missing = [], None
    try:
        rows = stretch(about, text)
    except Refusal as refusal:
        if precision != FP32:
            raise
        missing = str(refusal)
    with tempfile.TemporaryDirectory() as place:
        portable = file if precision == FP32 else Path(place) / file.name
        export(model, portable, metadata(about))
        files = {FP32: portable}
        if precision != FP32:
            files[precision] = quantize(portable, file, precision).path
        found = costs(files, rows)
    said = verify(file, model).to_dict() | _described(precision, found) | {"not_measured": missing}
    if precision == FP32:
        return said | {"criterion": "max_rel_diff"}
    within = allowed(precision, found[precision], found[FP32])
    return said | {"criterion": "val_loss", "tolerance": ALLOWED[precision], "passed": within}


def allowed(precision: str, cost: Cost, full: Cost) -> bool:
    """Is the loss within what this precision may cost, above that in float32? One that is no number is not."""
    rise = cost.val_loss - full.val_loss
    return math.isfinite(rise) and rise <= ALLOWED.get(precision, 0.0)


def _described(precision: str, found: dict[str, Cost]) -> dict[str, Any]:
    cost, full = found[precision].to_dict(), found[FP32].to_dict()
    return {
        "precision": precision,
        "bytes": cost["bytes"],
        "bytes_fp32": full["bytes"],
        "val_loss": cost["val_loss"],
        "val_loss_fp32": full["val_loss"],
        "tokens_per_second": cost["speed"]["median"],
        "tokens_per_second_fp32": full["speed"]["median"],
        "threads": THREADS,
    }


def _made(folder: Path, files: dict[str, Path], text: bytes | None) -> dict[str, Any]:
    rows = stretch(read_about(folder), text)
    export_run(folder)
    for name in files.keys() - {FP32}:
        quantize(files[FP32], files[name], name)
    found = costs(files, rows, cuda=torch.cuda.is_available())
    each = [
        {"precision": name, **cost.to_dict(), "within": allowed(name, cost, found[FP32]), "allowed": ALLOWED.get(name)}
        for name, cost in found.items()
    ]
    targets = sum(len(targets) for _, targets in rows)
    return {"precisions": each, "threads": THREADS, "rounds": ROUNDS, "targets": targets}
