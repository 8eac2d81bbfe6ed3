"""The engines that run a variant: torch, eager and compiled, and ONNX Runtime in three precisions. One thread each.

Every one of them is a `Step`: it reads tokens after a cache and gives the likeliest next ones. Weights are random,
since the time that a token takes does not depend on them; the positions reach as far as is measured.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from models.architecture import Architecture
from models.initialize import initialize
from models.spelling import change
from models.transformer import Transformer
from playground.bench.decode import any_tokenizer
from playground.decode import AT_ONCE
from playground.export import Metadata, export
from playground.export_fast import export_fast, narrow_fast
from playground.precision import FP32, INT4, INT8, file_in
from playground.quantize import quantize
from playground.session import Ids, Session, fastest

THREADS = 1
EAGER, COMPILED = "torch", "compiled"

Step = Callable[[Ids, Any], tuple[Ids, Any]]
"""Ids [B, T] to read and the cache before them, None for an empty one; the likeliest next ids [B, 1] and the cache."""


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to run a variant, and how many bytes of weights it reads for every token."""

    name: str
    step: Step
    weight_bytes: int
    form: str | None = None  # fast or portable, of an exported file
    rows: int | None = None  # that it can run at once, where that is limited


def measured_model(architecture: Architecture, reach: int) -> Transformer:
    """A model of this architecture, not trained, whose positions reach `reach` tokens or more."""
    context = max(reach, architecture.shape.context)
    longer = change(architecture, {"shape.context": str(context)})
    return initialize(Transformer(longer), seed=0).eval().requires_grad_(False)


def engines(model: Transformer, folder: Path) -> list[Engine]:
    """Torch eager and the three precisions of one model, whose files are written into `folder`; raises as `export`."""
    file = export(model, folder / file_in(FP32), Metadata(any_tokenizer(model))).path
    export_fast(file, model)
    files = {FP32: file} | {name: _narrow(file, folder, model.architecture, name) for name in (INT8, INT4)}
    eager = Engine(EAGER, torch_step(model.step), read_each_token(file))
    return [eager, *(_onnx(*named) for named in files.items())]


def _narrow(file: Path, folder: Path, architecture: Architecture, precision: str) -> Path:
    narrow = quantize(file, folder / file_in(precision), precision).path
    narrow_fast(narrow, architecture, precision)
    return narrow


def compiled(model: Transformer, eager: Engine) -> Engine:
    """Torch compiled, once, for one row and any length.

    Raises:
        RuntimeError: no compiler on this machine, or a model that cannot be compiled.
    """
    step = torch_step(torch.compile(model.step, dynamic=True))
    ids, cache = step(prompt(1, 64, model.architecture.shape.vocabulary), None)
    for _ in range(2):
        ids, cache = step(ids, cache)
    return Engine(COMPILED, step, eager.weight_bytes, rows=1)


def _onnx(precision: str, file: Path) -> Engine:
    """The file in its fast form where it has one, as the page decodes with it."""
    session = fastest(file, THREADS)
    return Engine(precision, onnx_step(session), read_each_token(file), session.form)


def onnx_step(session: Session) -> Step:
    """A session as the page decodes with it: a long prompt is read in parts."""

    def step(ids_BT: Ids, cache: Any) -> tuple[Ids, Any]:
        *before, last = np.split(ids_BT, range(AT_ONCE, ids_BT.shape[1], AT_ONCE), axis=1)
        for part in before:
            _, cache = session.step(part, cache)
        logits_BTV, cache = session.step(last, cache)
        return logits_BTV[:, -1:].argmax(-1), cache

    return step


def torch_step(run: Callable[..., Any]) -> Step:
    """A model's cached `step`, eager or compiled, without gradients; the threads are torch's."""

    def step(ids_BT: Ids, state: Any) -> tuple[Ids, Any]:
        length, cache = state or (0, None)
        end = length + ids_BT.shape[1]
        with torch.inference_mode():
            logits_BTV, cache = run(torch.from_numpy(ids_BT), torch.arange(length, end), cache)
            return logits_BTV[:, -1:].argmax(-1).numpy(), (end, cache)

    return step


def read_each_token(file: Path) -> int:
    """Bytes of a file's weights that every token needs: all but tables of which it takes a row."""
    graph = onnx.load(file).graph
    whole = {name for node in graph.node if "Gather" not in node.op_type for name in node.input}
    return sum(numpy_helper.to_array(tensor).nbytes for tensor in graph.initializer if tensor.name in whole)


def prompt(batch: int, length: int, vocabulary: int) -> Ids:
    """Any ids [B, T]."""
    return np.arange(batch * length, dtype=np.int64).reshape(batch, length) % vocabulary
