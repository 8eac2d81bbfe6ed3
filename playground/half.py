"""An exported graph in float16: weights and activations, but for what is computed of positions alone.

Angles and distances grow with the position, and float16 has 11 bits: beyond position 2048 neighbours would be one. They
stay in float32, and so do inputs and outputs, which the file's contract names. Knows no file.
"""

import numpy as np
import onnx_ir as ir
from onnx_ir.passes.common import RemoveUnusedNodesPass

from models.text import Refusal, Text

LARGEST = float(np.finfo(np.float16).max)
LOOK_UPS = ("Gather", "GatherND")


def halved(model: ir.Model) -> ir.Model:
    """`model`, changed in place.

    Raises:
        Refusal: a weight that float16 cannot hold.
    """
    graph = model.graph
    nodes = activations(graph)
    here = {id(value) for node in nodes for value in node.outputs}
    change = _Change(graph)
    for node in nodes:
        for place, value in enumerate(node.inputs):
            if value is not None and value.dtype == ir.DataType.FLOAT and id(value) not in here:
                node.replace_input_with(place, change.narrow(value, node))
        _compute_narrow(node)
    outputs = [value for value in graph.outputs if id(value) in here and value.dtype == ir.DataType.FLOAT]
    for node in nodes:
        for value in node.outputs:
            if value.dtype == ir.DataType.FLOAT:
                value.dtype = ir.DataType.FLOAT16
    for value in outputs:
        change.widen(value)
    RemoveUnusedNodesPass()(model)  # and the weights of which nothing is read any more but their narrow form
    return model


def activations(graph: ir.Graph) -> list[ir.Node]:
    """Nodes that compute with the text: what follows from looking up a weight, or from the cache, but for sizes."""
    text = {id(value) for value in graph.inputs if value.dtype == ir.DataType.FLOAT}
    found = []
    for node in graph:
        looks_up = node.op_type in LOOK_UPS and _is_weight(node.inputs[0])
        if node.op_type != "Shape" and (looks_up or any(id(value) in text for value in node.inputs)):
            found.append(node)
            text |= {id(value) for value in node.outputs}
    return found


def _is_weight(value: ir.Value | None) -> bool:
    return value is not None and value.is_initializer() and value.dtype == ir.DataType.FLOAT


def _compute_narrow(node: ir.Node) -> None:
    """A cast to float32 among activations is one to float16 now."""
    to = node.attributes.get("to")
    if node.op_type == "Cast" and to is not None and to.as_int() == ir.DataType.FLOAT:
        node.attributes["to"] = ir.AttrInt64("to", int(ir.DataType.FLOAT16))


class _Change:
    """The casts where float32 and float16 meet, each made once."""

    def __init__(self, graph: ir.Graph) -> None:
        self.graph = graph
        self.made: dict[int, ir.Value] = {}

    def narrow(self, value: ir.Value, before: ir.Node) -> ir.Value:
        """`value` in float16, for `before`, the first node that asks for it, and all after it."""
        if id(value) not in self.made:
            if value.is_initializer():
                self.made[id(value)] = self._weight(value)
            elif (turning := _turning(value)) is not None:
                self.made[id(value)] = self._turned(turning, before)
            else:
                cast = _cast(value, ir.DataType.FLOAT16, f"{value.name}_half")
                self.graph.insert_before(before, cast)
                self.made[id(value)] = cast.outputs[0]
        return self.made[id(value)]

    def widen(self, value: ir.Value) -> None:
        """The output `value` in float32, under its name."""
        name, index = value.name, list(self.graph.outputs).index(value)
        value.name = f"{name}_half"
        shape, value.shape = value.shape, None
        cast = _cast(value, ir.DataType.FLOAT, str(name))
        cast.outputs[0].shape = shape
        self.graph.append(cast)
        self.graph.outputs[index] = cast.outputs[0]

    def _turned(self, turning: ir.Node, before: ir.Node) -> ir.Value:
        """A table that embedding and head share, turned in float16: a cast behind it would keep it in float32 too."""
        weight, wide = turning.inputs[0], turning.outputs[0]
        assert weight is not None
        narrow = ir.Value(name=f"{wide.name}_half", type=ir.TensorType(ir.DataType.FLOAT16), shape=wide.shape)
        inputs, attributes = [self.narrow(weight, before)], turning.attributes.values()
        self.graph.insert_before(
            before, ir.Node("", "Transpose", inputs, attributes, outputs=[narrow], name=narrow.name)
        )
        return narrow

    def _weight(self, value: ir.Value) -> ir.Value:
        assert value.const_value is not None
        tensor = ir.tensor(_fitting(value.const_value.numpy(), str(value.name)), name=f"{value.name}_half")
        narrow = ir.Value(name=tensor.name, type=ir.TensorType(tensor.dtype), const_value=tensor, shape=value.shape)
        self.graph.register_initializer(narrow)
        return narrow


def _turning(value: ir.Value) -> ir.Node | None:
    """The transposition of a weight that gives `value`."""
    node = value.producer()
    return node if node is not None and node.op_type == "Transpose" and _is_weight(node.inputs[0]) else None


def _cast(value: ir.Value, to: ir.DataType, name: str) -> ir.Node:
    output = ir.Value(name=name, type=ir.TensorType(to), shape=value.shape)
    return ir.Node("", "Cast", [value], [ir.AttrInt64("to", int(to))], outputs=[output], name=f"cast_{name}")


def _fitting(array: np.ndarray, name: str) -> np.ndarray:
    """A single number, such as what a mask adds, becomes the nearest there is; a weight must fit."""
    far = np.isfinite(array) & (np.abs(array) > LARGEST)
    if far.any() and array.size > 1:
        raise Refusal(TOO_FAR.format(name=name, value=f"{float(array[far].flat[0]):.3g}", most=f"{LARGEST:,.0f}"))
    return np.where(far, np.clip(array, -LARGEST, LARGEST), array).astype(np.float16)


TOO_FAR = Text(
    "float16 reaches to ±{most}, and {name} holds {value}. Choose int8 or int4, or leave the file in float32.",
    "float16 的范围是 ±{most}，而 {name} 中有 {value}。请改用 int8 或 int4，或保留 float32。",
)
