"""Products of one input with several weights become one product that is read as one. Knows no attention."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir
from numpy.typing import NDArray

from playground.fast.matching import constant, graph_constant, made_by, only_use


@dataclass(frozen=True, slots=True)
class _Linear:
    """`h` times a weight, plus a bias where there is one."""

    h: ir.Value
    weight: NDArray[np.generic]
    bias: NDArray[np.generic] | None


def packed(graph: ir.Graph, before: ir.Node, values: Sequence[ir.Value]) -> list[ir.Value | None]:
    """One value that holds all of `values` side by side, and None for the others; or `values` where it cannot be."""
    linears = [_linear(value) for value in values]
    first = linears[0]
    if first is None or any(one is None or one.h is not first.h for one in linears):
        return list(values)
    alike = [one for one in linears if one is not None]
    if len({one.bias is None for one in alike}) > 1:
        return list(values)
    name = values[0].name
    weight = graph_constant(graph, np.concatenate([one.weight for one in alike], 1), f"{name}.packed")
    nodes = [ir.node("MatMul", [first.h, weight])]
    if first.bias is not None:
        bias = np.concatenate([one.bias for one in alike if one.bias is not None])
        added = graph_constant(graph, bias, f"{name}.packed_bias")
        nodes.append(ir.node("Add", [nodes[0].outputs[0], added]))
    graph.insert_before(before, nodes)
    return [nodes[-1].outputs[0], *[None] * (len(values) - 1)]


def _linear(value: ir.Value) -> _Linear | None:
    product, bias = made_by(value, "MatMul"), None
    added = made_by(value, "Add")
    if added is not None:
        held = [constant(one) for one in added.inputs]
        bias = next((one for one in held if one is not None and one.ndim == 1), None)
        product = next((found for one in added.inputs if (found := made_by(one, "MatMul")) is not None), None)
        if bias is None:
            return None
    if product is None or (weight := constant(product.inputs[1])) is None or product.inputs[0] is None:
        return None
    alone = all(only_use(one) is not None for one in (value, product.outputs[0]))
    return _Linear(product.inputs[0], weight, bias) if alone else None
