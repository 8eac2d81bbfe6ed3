"""The shapes of a graph's values, also behind ONNX Runtime's operators for 4-bit weights, which ONNX does not know."""

import contextlib
from collections.abc import Iterator

import onnx_ir as ir
from onnx_ir.passes.common import ShapeInferencePass

STANDS_FOR = {"MatMulNBits": "MatMul", "GatherBlockQuantized": "Gather"}


def infer_shapes(model: ir.Model) -> None:
    """Give every value the shape that follows from the inputs'; what cannot be told stays without."""
    with contextlib.ExitStack() as meanwhile:
        for node in [node for node in model.graph if node.op_type in STANDS_FOR and node.domain]:
            meanwhile.enter_context(_plain(model.graph, node))
        ShapeInferencePass()(model)


@contextlib.contextmanager
def _plain(graph: ir.Graph, node: ir.Node) -> Iterator[None]:
    """The node as what it means, with weights that have only a type and a shape."""
    kind, domain, inputs = node.op_type, node.domain, list(node.inputs)
    place, weights = _weights(node)
    graph.inputs.append(weights)
    node.op_type, node.domain = STANDS_FOR[kind], ""
    node.resize_inputs(2)
    node.replace_input_with(place, weights)
    try:
        yield
    finally:
        node.op_type, node.domain = kind, domain
        node.resize_inputs(len(inputs))
        for place, value in enumerate(inputs):
            node.replace_input_with(place, value)
        graph.inputs.remove(weights)


def _weights(node: ir.Node) -> tuple[int, ir.Value]:
    """Which input of the plain operator they are, and they themselves, as wide as they mean."""
    if node.op_type == "MatMulNBits":
        place, shape = 1, ir.Shape([node.attributes[name].as_int() for name in ("K", "N")])
    else:
        table = node.inputs[0]
        assert table is not None
        place, shape = 0, table.shape
    return place, ir.Value(name=f"{node.outputs[0].name}.weights", type=ir.TensorType(ir.DataType.FLOAT), shape=shape)
