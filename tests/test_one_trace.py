"""The exporter's shortcut: the file is what torch writes by its own way, which everything unknown still goes."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import onnx_ir as ir
import pytest
import torch
from exported import randomized
from pairwise import design
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram
from torch.onnx._internal.exporter import _fx_passes

from models.architecture import Architecture
from models.spelling import change
from playground import export
from playground.bench.decode import any_tokenizer
from playground.one_trace import SPELLINGS, one_trace, respell


class Everything(nn.Module):
    """Every operator that is respelt, with sizes of run-time before, between and behind."""

    def forward(self, x_BTD: Tensor) -> tuple[Tensor, ...]:
        positive = x_BTD.gt(0).__and__(x_BTD.lt(1))
        scaled = x_BTD * torch.tensor([2.0, 3.0]).repeat(3)
        heads = scaled.unflatten(-1, (3, 2))
        found = positive.float(), heads.square(), heads.flatten(2), heads.flatten(0, 1), x_BTD.to(torch.float32)
        return tuple(part + 1 for part in found)


def traced(module: nn.Module) -> ExportedProgram:
    shapes = ({0: Dim.DYNAMIC, 1: Dim.DYNAMIC},)
    return torch.export.export(module, (torch.randn(2, 3, 6),), dynamic_shapes=shapes, strict=False)


def test_what_is_respelt_means_the_same() -> None:
    program = traced(Everything())
    found = {node.target for node in program.graph.nodes}
    assert {*SPELLINGS} <= found
    module = program.module()
    expected = module(x := torch.randn(4, 5, 6))
    respell(program.graph)
    left = {node.target for node in program.graph.nodes} & {*SPELLINGS}
    assert left == {torch.ops.aten.flatten.using_ints}, "one of them makes a new size"
    for ours, theirs in zip(program.module()(x), expected, strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("row", [*range(3, len(design().rows), 40), "plain"])
def test_the_file_is_the_one_that_torch_writes(row: int | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = change(Architecture(), {"shape.layers": "2", "shape.width": "24", "shape.vocabulary": "20"})
    model = randomized(small if isinstance(row, str) else design().rows[row])
    files: list[tuple[list[str], list[bytes]]] = []
    for way in (one_trace, nullcontext):
        monkeypatch.setattr(export, "one_trace", way)
        file = export.export(model, tmp_path / "file.onnx", export.Metadata(any_tokenizer(model))).path
        graph = ir.load(file).graph
        constants = sorted(np.asarray(value.const_value).tobytes() for value in graph.initializers.values())
        files.append((sorted(node.op_type for node in graph), constants))
    assert files[0] == files[1]


@pytest.mark.parametrize("changes", [lambda x: x.clone().add_(1), lambda x: torch.special.i0e(x).sum()])
def test_what_it_does_not_know_is_left_to_torch(
    changes: Callable[[Tensor], Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator that changes its input in place, and one that no one has translated."""

    class Other(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return changes(x)

    asked: list[ExportedProgram] = []

    def usual(program: ExportedProgram, registry: object) -> ExportedProgram:
        asked.append(program)
        raise InterruptedError

    monkeypatch.setattr(_fx_passes, "decompose_with_registry", usual)
    for module, times in ((Everything(), 0), (Other(), 1)):
        with one_trace(), torch.no_grad():
            try:
                torch.onnx.export(traced(module), dynamo=True, verbose=False)
            except Exception as error:
                assert times and "InterruptedError" in repr(error) + repr(error.__cause__)
        assert len(asked) == times
    assert _fx_passes.decompose_with_registry is usual
