"""Attention as the exported graph spells it, read back: one operator, or step by step where there is a cap or a sink.

What is found is the same for both; see `models.attention`, whose two ways they are. Knows no operator of ONNX Runtime.
"""

from dataclasses import dataclass

import numpy as np
import onnx_ir as ir
from numpy.typing import NDArray

from playground.fast.matching import attribute, constant, made_by, only_use, permuted

KEYS_LAST = (0, 1, 3, 2)  # [B, G, S, K] → [B, G, K, S]


@dataclass(frozen=True, slots=True)
class Scored:
    """y = softmax(cap(q · k · scale) + bias, where `mask` is true; beside a sink) · v."""

    node: ir.Node  # the last one that computes it
    q: ir.Value  # [B, H, T, K]
    k: ir.Value  # [B, G, S, K]
    v: ir.Value
    y: ir.Value  # [B, H, T, K]
    mask: ir.Value
    scale: float | None  # None: the width of a head to the power of −½
    bias: ir.Value | None
    cap: float = 0.0  # 0: none
    sink: NDArray[np.generic] | None = None  # [H]


@dataclass(frozen=True, slots=True)
class _Product:
    """cap(q · k · scale)."""

    q: ir.Value
    k: ir.Value
    scale: float
    cap: float


def scored(node: ir.Node) -> Scored | None:
    """The attention that `node` computes (`Attention`) or is the heart of (`Softmax`); None if it is none of ours."""
    if node.domain:
        return None
    if node.op_type == "Attention":
        return _fused(node)
    return _stepwise(node) if node.op_type == "Softmax" else None


def _fused(node: ir.Node) -> Scored | None:
    if len(node.inputs) != 4 or attribute(node, "softcap", 0.0) or attribute(node, "is_causal", 0):
        return None
    q, k, v, mask = node.inputs
    if q is None or k is None or v is None or mask is None:
        return None
    hidden = _hidden(mask)
    mask, bias = (mask, None) if hidden is None else hidden
    return Scored(node, q, k, v, node.outputs[0], mask, attribute(node, "scale"), bias)


def _stepwise(softmax: ir.Node) -> Scored | None:
    scores, sink = softmax.inputs[0], None
    joined = made_by(scores, "Concat")
    if joined is not None:
        scores, sink = joined.inputs[0], _column(joined.inputs[-1])
        if sink is None or len(joined.inputs) != 2:
            return None
    hidden = _hidden(scores)
    found = None if hidden is None else _summands(hidden[1])
    written = _written(softmax.outputs[0], sink is not None)
    if hidden is None or found is None or written is None:
        return None
    (product, bias), (node, v, y) = found, written
    return Scored(node, product.q, product.k, v, y, hidden[0], product.scale, bias, product.cap, sink)


def _hidden(value: ir.Value | None) -> tuple[ir.Value, ir.Value] | None:
    """(mask, shown) of what is `shown` where the mask is true and minus infinity elsewhere."""
    chosen = made_by(value, "Where")
    negated = made_by(chosen.inputs[0], "Not") if chosen is not None else None
    if chosen is None or negated is None or (gone := constant(chosen.inputs[1])) is None:
        return None
    mask, shown = negated.inputs[0], chosen.inputs[2]
    return (mask, shown) if mask is not None and shown is not None and np.all(gone == -np.inf) else None


def _summands(value: ir.Value) -> tuple[_Product, ir.Value | None] | None:
    """The product of queries and keys, and what is added to it."""
    product, added = _product(value), made_by(value, "Add")
    if product is not None or added is None:
        return None if product is None else (product, None)
    for one, other in (added.inputs, reversed(added.inputs)):
        if one is not None and (product := _product(one)) is not None:
            return product, other
    return None


def _product(value: ir.Value) -> _Product | None:
    cap, outer = 0.0, _times(value)
    bounded = None if outer is None else made_by(outer[0], "Tanh")
    if outer is not None and bounded is not None:
        divided = made_by(bounded.inputs[0], "Div")
        if divided is None or divided.inputs[0] is None or _number(divided.inputs[1]) != outer[1]:
            return None
        value, cap = divided.inputs[0], outer[1]
    value, scale = _times(value) or (value, 1.0)
    product = made_by(_unshaped(value), "MatMul")
    if product is None or product.inputs[0] is None:
        return None
    q, k = _unshaped(product.inputs[0]), permuted(product.inputs[1], KEYS_LAST)
    return None if k is None else _Product(q, k, scale, cap)


def _written(map_BHTS: ir.Value, sink: bool) -> tuple[ir.Node, ir.Value, ir.Value] | None:
    """The product of the map and the values: its node, the values, and what it gives with its heads apart."""
    if sink:
        cut = only_use(map_BHTS)
        ends = [] if cut is None or cut.op_type != "Slice" else [constant(value) for value in cut.inputs[1:4]]
        if cut is None or [None if end is None else end.tolist() for end in ends] != [[0], [-1], [3]]:
            return None
        map_BHTS = cut.outputs[0]
    product = only_use(_shaped(map_BHTS))
    if product is None or product.op_type != "MatMul" or product.inputs[1] is None:
        return None
    return product, product.inputs[1], _shaped(product.outputs[0])


def _column(value: ir.Value | None) -> NDArray[np.generic] | None:
    """What a head's sink adds to its scores, [H]: a constant that was stretched over batch and queries."""
    stretched = made_by(value, "Expand")
    column = None if stretched is None else constant(stretched.inputs[0])
    return None if column is None or column.shape[1:] != (1, 1) else column.ravel()


def _times(value: ir.Value) -> tuple[ir.Value, float] | None:
    """(what, how much) of a product with a number."""
    product = made_by(value, "Mul")
    if product is None or product.inputs[0] is None or (number := _number(product.inputs[1])) is None:
        return None
    return product.inputs[0], number


def _number(value: ir.Value | None) -> float | None:
    held = constant(value)
    return float(held.reshape(())) if held is not None and held.size == 1 else None


def _unshaped(value: ir.Value) -> ir.Value:
    """Before its heads were grouped, where they were: with as many key heads nothing is to be done."""
    reshaped = made_by(value, "Reshape")
    return value if reshaped is None or reshaped.inputs[0] is None else reshaped.inputs[0]


def _shaped(value: ir.Value) -> ir.Value:
    """The same forwards."""
    reshaped = only_use(value)
    return reshaped.outputs[0] if reshaped is not None and reshaped.op_type == "Reshape" else value
