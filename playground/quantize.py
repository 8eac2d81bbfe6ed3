"""An exported file with its weights in fewer bits: float16, int8 or int4. Only its numbers change, not its contract.

int8 and int4 are onnxruntime's own quantizers and need onnxruntime's operators to run. Knows neither what it costs
(see `precisions`) nor any model but the file.
"""

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import onnx_ir as ir
from google.protobuf.message import DecodeError
from onnx import numpy_helper

from models.text import Refusal, Text
from playground.half import halved
from playground.precision import FP16, FP32, INT4, INT8
from playground.seal import BLANK, DIGEST, write_whole
from playground.session import FORMAT, PRECISION, PREFIX

KEY = PREFIX + PRECISION
BLOCK = 32  # weights that share a scale and a zero point: 4 bits each become 5.1
COMPUTE_INT8 = 4  # onnxruntime's accuracy level at which activations are rounded to int8: several times faster


@dataclass(frozen=True, slots=True)
class Quantized:
    """What was written, and how many of the weights are in fewer bits than before."""

    path: Path
    precision: str
    bytes: int
    narrowed: int
    kept: int  # weights still in float32: vectors, tables that cannot be divided


def quantize(source: Path, target: Path, precision: str) -> Quantized:
    """Write the exported float32 file `source` to `target` in `precision`; the file appears whole or not at all.

    Raises:
        Refusal: no such precision, not one of our float32 files, nothing in it to quantize, or weights beyond float16.
        OSError: a file that cannot be read or written.
    """
    if precision not in _WAYS:
        raise Refusal(NO_SUCH_PRECISION.format(given=precision, known=", ".join(_WAYS)), "quantize")
    model = _read(source)
    if precision != FP16:
        _fold_transpositions(model)
    before = _floats(model)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    with _silence():
        made = _WAYS[precision](model)
    left = _floats(made)
    kept = sum(count for name, count in before.items() if name in left)
    narrowed = sum(before.values()) - kept
    if not narrowed:
        raise Refusal(NOTHING.format(path=source, precision=precision), "quantize")
    _write(made, target, metadata | {KEY: precision})
    return Quantized(target, precision, target.stat().st_size, narrowed, kept)


def precision_of(path: Path) -> str:
    """The precision that one of our files says it has; raises as `quantize`."""
    return _precision(_load(path), path)


def _read(path: Path) -> onnx.ModelProto:
    model = _load(path)
    found = _precision(model, path)
    if found != FP32:
        raise Refusal(ALREADY.format(path=path, precision=found), "quantize")
    return model


def _load(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load(path)
    except DecodeError:
        raise Refusal(NOT_ONNX.format(path=path)) from None


def _precision(model: onnx.ModelProto, path: Path) -> str:
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    if metadata.get(PREFIX + "format") != FORMAT:
        raise Refusal(NOT_OURS.format(path=path, known=FORMAT))
    return metadata.get(KEY, FP32)


def _fold_transpositions(model: onnx.ModelProto) -> None:
    """Matrices that stand in the file the other way round, as the table that embedding and head share, turned.

    The quantizers take a matrix only where the product reads it from the file itself.
    """
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in [node for node in model.graph.node if node.op_type == "Transpose" and node.input[0] in weights]:
        order = next((list(attribute.ints) for attribute in node.attribute if attribute.name == "perm"), None)
        turned = np.ascontiguousarray(np.transpose(numpy_helper.to_array(weights[node.input[0]]), order))
        model.graph.initializer.append(numpy_helper.from_array(turned, node.output[0]))
        model.graph.node.remove(node)
    read = {name for node in model.graph.node for name in node.input}
    for name in weights.keys() - read:
        model.graph.initializer.remove(weights[name])


def _write(model: onnx.ModelProto, target: Path, metadata: dict[str, str]) -> None:
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, metadata | {DIGEST: BLANK})
    del model.graph.value_info[:]  # shapes of before; every reader infers them itself
    write_whole(target, partial(onnx.save, model))


def _to_half(model: onnx.ModelProto) -> onnx.ModelProto:
    return ir.to_proto(halved(ir.from_proto(model)))


def _to_int8(model: onnx.ModelProto) -> onnx.ModelProto:
    """Matrices by column, once; activations each time they are computed. Tables that are looked up in stay float32."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.onnx"
        # 7 bits: processors without VNNI add pairs of products in 16 bits, which 8 bits of both factors overflow.
        quantize_dynamic(model, file, ["MatMul"], per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
        return onnx.load(file)


def _to_int4(model: onnx.ModelProto) -> onnx.ModelProto:
    """Matrices and looked-up tables in blocks of 32 with a scale and a zero point each."""
    from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer

    config = DefaultWeightOnlyQuantConfig(
        block_size=BLOCK, is_symmetric=False, accuracy_level=COMPUTE_INT8, op_types_to_quantize=("MatMul", "Gather")
    )
    MatMulNBitsQuantizer(model, algo_config=config, nodes_to_exclude=_undivided(model)).process()  # in place
    return model


def _undivided(model: onnx.ModelProto) -> list[str]:
    """Look-ups whose table is no matrix of weights that can be divided in blocks."""
    tables = {
        tensor.name
        for tensor in model.graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT and len(tensor.dims) == 2 and tensor.dims[1] % BLOCK == 0
    }
    return [node.name for node in model.graph.node if node.op_type == "Gather" and node.input[0] not in tables]


_WAYS: dict[str, Callable[[onnx.ModelProto], onnx.ModelProto]] = {FP16: _to_half, INT8: _to_int8, INT4: _to_int4}


def _floats(model: onnx.ModelProto) -> dict[str, int]:
    """The float32 tensors by name, and how many numbers each holds."""
    tensors = [tensor for tensor in model.graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT]
    return {tensor.name: int(numpy_helper.to_array(tensor).size) for tensor in tensors}


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Without the quantizers' log; with a handler, their import does not set up logging for the whole process."""
    root, handler, disabled = logging.getLogger(), logging.NullHandler(), logging.root.manager.disable
    root.addHandler(handler)
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(disabled)
        root.removeHandler(handler)


NO_SUCH_PRECISION = Text("{given!r} is no precision; choose {known}.", "没有“{given}”这种精度，可选：{known}。")
NOT_ONNX = Text(
    "{path} cannot be read: it is no ONNX file, or a damaged one.", "无法读取 {path}：它不是 ONNX 文件，或者已损坏。"
)
NOT_OURS = Text(
    "{path} was not exported by the playground in format {known}: export the run first, then quantize that file.",
    "{path} 不是本项目以格式 {known} 导出的文件：请先导出训练结果，再量化导出的文件。",
)
ALREADY = Text(
    "{path} is in {precision} already; quantize the float32 file it was made from.",
    "{path} 已经是 {precision}，请量化原始的 float32 文件。",
)
NOTHING = Text(
    "{path} holds no matrix that could be stored in {precision}: there is nothing to quantize.",
    "{path} 中没有可以存为 {precision} 的矩阵，无需量化。",
)
