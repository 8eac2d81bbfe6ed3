"""A trained model as one ONNX file: with a cache, for any length and batch, and with everything needed to speak to it.

The file is described in docs/onnx.md. Knows no run folder and checks nothing; see `verify` and `export_run`.
"""

import contextlib
import copy
import functools
import gc
import json
import logging
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import onnx_ir as ir
import torch
import torch._dynamo.config
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from models.architecture import Architecture
from models.block import UNLIMITED
from models.text import Refusal, Text
from models.transformer import Transformer
from playground import __version__
from playground.data.base import UNSPECIFIED
from playground.one_trace import one_trace
from playground.rotary_operator import by_operator
from playground.seal import BLANK, DIGEST, write_whole
from playground.session import FORMAT, POSITIONS, PREFIX
from playground.tokenizer import Tokenizer

OPSET = 23  # the first with Attention, RMSNormalization and RotaryEmbedding
LARGEST = 1_900_000_000  # bytes of weights: protobuf ends at 2 GiB, and the graph and the tokenizer need some
PAST, PRESENT = "past_key_values.{layer}.{part}", "present.{layer}.{part}"
PARTS = ("key", "value")
EXAMPLE = {"batch": 2, "tokens": 3, "past": 5}  # sizes that 0 and 1 could not stand for: those are never generalized


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the file says of itself beside its architecture: how to read and write text, how it was trained."""

    tokenizer: Tokenizer
    recipe: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    data_license: str = UNSPECIFIED  # as SPDX names it


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """What was written: where, how large, which operators how often."""

    path: Path
    bytes: int
    operators: dict[str, int]


def export(model: Transformer, path: Path, metadata: Metadata) -> ExportedFile:
    """Write `model` to `path` as float32 ONNX; the file appears whole or not at all. The model is left as it is.

    Raises:
        Refusal: weights that are not finite, more of them than one file can hold, or a tokenizer of another vocabulary.
    """
    _check(model, metadata.tokenizer)
    graph = _translated(_Exportable(model))
    _check_size(
        sum(value.const_value.nbytes for value in graph.graph.initializers.values() if value.const_value is not None)
    )
    for key, value in properties(model.architecture, metadata).items():
        graph.metadata_props[PREFIX + key] = value
    graph.metadata_props[DIGEST] = BLANK
    write_whole(path, functools.partial(ir.save, graph))
    return ExportedFile(path, path.stat().st_size, _operators(graph))


def properties(architecture: Architecture, metadata: Metadata) -> dict[str, str]:
    """The metadata of the file, without the prefix of its keys."""
    reach = architecture.position.reach(architecture)
    written = {
        "architecture": architecture.model_dump(mode="json"),
        "recipe": dict(metadata.recipe),
        "provenance": dict(metadata.provenance),
        # The weights are whose who trained them, and nobody asked what they may be used for.
        "license": {"weights": UNSPECIFIED, "data": metadata.data_license},
    }
    return {
        "format": FORMAT,
        "version": __version__,
        "tokenizer": metadata.tokenizer.to_json(),
        POSITIONS: "unlimited" if reach is None else str(reach),
        **{key: json.dumps(value, ensure_ascii=False) for key, value in written.items()},
    }


class _Exportable(nn.Module):
    """The model's `step` on plain tensors: ids, positions and the cache in, logits and the cache out."""

    def __init__(self, model: Transformer) -> None:
        super().__init__()
        self.model = copy.deepcopy(model).cpu().float().eval().requires_grad_(False)
        self.model.chain.exchange(by_operator)
        self.kept = [self._kept(layer) for layer in range(len(self.model.empty_cache(1)))]

    def _kept(self, layer: int) -> int:
        return self.model.architecture.span.kept(layer, UNLIMITED)

    def forward(self, ids_BT: Tensor, positions_BT: Tensor, past: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, ...]:
        lengths: dict[int, int] = {}  # layers that keep alike have seen equally much: their masks are one
        for kept, pair in zip(self.kept, past, strict=True):
            for part in pair:
                torch._check(part.shape[2] == lengths.setdefault(kept, part.shape[2]))
        logits_BTV, present = self.model.step(ids_BT, positions_BT[0], past)
        return (logits_BTV, *(part for pair in present for part in pair))

    def example(self) -> tuple[Tensor, Tensor, list[tuple[Tensor, Tensor]]]:
        """Inputs to trace with; a window is full, since a slice is traced as it is then, and ONNX clamps it before."""
        batch, tokens = EXAMPLE["batch"], EXAMPLE["tokens"]
        lengths = [EXAMPLE["past"] + (kept if kept < UNLIMITED else 0) for kept in self.kept]
        heads = self.model.architecture.heads
        shapes = [(batch, heads.kv, length, heads.width(self.model.architecture)) for length in lengths]
        positions = torch.arange(tokens).expand(batch, tokens).contiguous()
        return torch.zeros(batch, tokens, dtype=torch.int64), positions, [_zeros(shape) for shape in shapes]

    def dims(self) -> dict[str, tuple[str, ...]]:
        """Every input's and output's name, and what its dimensions are called; in the order of `forward`."""
        tokens = ("batch", "sequence")
        names: dict[str, tuple[str, ...]] = {"input_ids": tokens, "position_ids": tokens}
        for template, when in ((PAST, "past"), (PRESENT, "present")):
            if template is PRESENT:
                names["logits"] = (*tokens, "")
            for layer, kept in enumerate(self.kept):
                length = when if kept == UNLIMITED else f"{when}_within_{kept}"
                names |= {template.format(layer=layer, part=part): ("batch", "", length, "") for part in PARTS}
        return names


def _zeros(shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    return torch.zeros(shape), torch.zeros(shape)


def _translated(model: _Exportable) -> ir.Model:
    dims = model.dims()
    names = {when: [name for name in dims if _is_output(name) == (when == "out")] for when in ("in", "out")}
    with _quiet(), _swift(), one_trace():
        program = torch.onnx.export(
            _traced(model),
            dynamo=True,
            opset_version=OPSET,
            input_names=names["in"],
            output_names=names["out"],
            verbose=False,
        )
    assert program is not None
    return _tidied(program.model, dims)


def _is_output(name: str) -> bool:
    return name.startswith(("logits", "present"))


def _traced(model: _Exportable) -> ExportedProgram:
    dynamic = {0: Dim.DYNAMIC, 1: Dim.DYNAMIC}
    cache = {0: Dim.DYNAMIC, 2: Dim.DYNAMIC}
    shapes = (dynamic, dynamic, [(cache, cache) for _ in model.kept])
    with torch.no_grad():
        return torch.export.export(model, model.example(), dynamic_shapes=shapes, strict=False)


def _tidied(model: ir.Model, dims: Mapping[str, tuple[str, ...]]) -> ir.Model:
    """The graph without inputs that nothing reads, traces of its making, and shapes that every reader infers itself."""
    graph = model.graph
    for value in [value for value in graph.inputs if not value.uses()]:
        graph.inputs.remove(value)
    for node in graph:
        node.metadata_props.clear()
        node.doc_string = None
        for value in node.outputs:
            value.metadata_props.clear()
            value.shape = None if value.name not in dims else value.shape
    for value in (*graph.inputs, *graph.outputs):
        assert value.name is not None and value.shape is not None
        value.metadata_props.clear()
        value.shape = ir.Shape([name or size for name, size in zip(dims[value.name], value.shape, strict=True)])
    model.metadata_props.clear()
    graph.metadata_props.clear()
    return model


def _operators(model: ir.Model) -> dict[str, int]:
    return dict(Counter(node.op_type for node in model.graph).most_common())


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what the exporter says that is about its own making: missing torchvision, its own deprecated calls."""
    registration = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = registration.level
    registration.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r".isinstance\(treespec, LeafSpec\). is deprecated", FutureWarning)
            yield
    finally:
        registration.setLevel(level)


@contextlib.contextmanager
def _swift() -> Iterator[None]:
    """A fifth faster: torch's memory of fake tensors costs more than it saves where sizes are symbols, and a trace
    is a million small objects, none of them garbage before its end."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        with torch._dynamo.config.patch(fake_tensor_cache_enabled=False):
            yield
    finally:
        if collecting:
            gc.enable()


def _check(model: Transformer, tokenizer: Tokenizer) -> None:
    known = model.architecture.shape.vocabulary
    if tokenizer.vocabulary != known:
        raise Refusal(OTHER_VOCABULARY.format(ours=known, theirs=tokenizer.vocabulary), "shape.vocabulary")
    _check_size(sum(parameter.numel() for parameter in model.parameters()) * 4)  # at least: before minutes of tracing
    broken = [name for name, tensor in model.named_parameters() if not tensor.isfinite().all()]
    if broken:
        raise Refusal(NOT_FINITE.format(name=broken[0]))


def _check_size(weights: int) -> None:
    if weights > LARGEST:
        raise Refusal(TOO_LARGE.format(size=f"{weights / 2**30:.1f}"))


OTHER_VOCABULARY = Text(
    "The model has a vocabulary of {ours}, the tokenizer one of {theirs}: they do not belong together.",
    "模型的词表大小是 {ours}，分词器的是 {theirs}，两者不匹配。",
)
TOO_LARGE = Text(
    "The weights take {size} GiB, and one ONNX file can hold less than 2 GiB.",
    "权重占 {size} GiB，而单个 ONNX 文件最多只能容纳不到 2 GiB。",
)
NOT_FINITE = Text(
    "There is nothing to export: training diverged, and {name} holds numbers that are not finite.",
    "无法导出：训练已发散，{name} 中含有非有限的数值。",
)
