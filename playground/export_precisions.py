"""A run's folder to files in several precisions, with what each costs; and to one file for the command.

The worker does `compare_run` as the job `precisions`: the files lie beside `model.onnx`, made once, then reused.
"""

import math
import tempfile
from pathlib import Path
from typing import Any

import torch

from models.text import Refusal
from playground.alone import alone
from playground.export import export
from playground.export_fast import narrow_fast
from playground.export_run import exported, metadata
from playground.findings import keep, known
from playground.precision import FP16, FP32, INT4, INT8, file_in
from playground.precisions import ALLOWED, ROUNDS, THREADS, Cost, Rows, costs, stretch, text_of
from playground.quantize import quantize
from playground.runs import ABOUT, MODEL, About, load
from playground.verify import verify

FOUND = "precisions.json"


def wanted() -> tuple[str, ...]:
    """The precisions worth comparing here: float16 is slower than float32 on a processor, and for others to run."""
    return (FP32, FP16, INT8, INT4) if torch.cuda.is_available() else (FP32, INT8, INT4)


def compare_run(folder: Path, text: bytes | None = None) -> dict[str, Any]:
    """The run's model in every precision wanted here, and what each costs, as plain JSON; `text` is a person's own.

    `precisions` has a row each: `precision`, `bytes`, `val_loss`, `speed`, the `provider` and the `form` that these
    hold for, and whether its loss is `within` what is `allowed`. Beside every file lies its fast form where there is
    one. Kept in `precisions.json`, and returned again while model and files are unchanged.

    Raises:
        Refusal: a folder that is no run, a model that diverged, a text that cannot be had.
    """
    names = wanted()
    files = {name: folder / file_in(name) for name in names}
    of = (ABOUT, MODEL, *(file.name for file in files.values()))
    model, about = load(folder)
    with alone(folder):
        found = known(folder, FOUND, of)
        if found is None or any("form" not in row for row in found["precisions"]):  # speeds of what no longer writes
            rows = stretch(about, text)
            exported(folder, model, about, text)
            found = keep(folder, FOUND, of, _made(files, about, rows))
    return found


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
    said = verify(file, model, text_of(rows)).to_dict() | _described(precision, found) | {"not_measured": missing}
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
        "form": cost["form"],
        "form_fp32": full["form"],
        "threads": THREADS,
    }


def _made(files: dict[str, Path], about: About, rows: Rows) -> dict[str, Any]:
    for name in files.keys() - {FP32}:
        quantize(files[FP32], files[name], name)
        narrow_fast(files[name], about.architecture, name, text_of(rows))
    found = costs(files, rows)
    each = [
        {"precision": name, **cost.to_dict(), "within": allowed(name, cost, found[FP32]), "allowed": ALLOWED.get(name)}
        for name, cost in found.items()
    ]
    targets = sum(len(targets) for _, targets in rows)
    return {"precisions": each, "threads": THREADS, "rounds": ROUNDS, "targets": targets}
