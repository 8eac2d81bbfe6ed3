"""Reading a graph backwards: which node made a value, whether it is the one that a rule expects; its constants.

Knows no rule.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx_ir as ir
from numpy.typing import NDArray


def made_by(value: ir.Value | None, operator: str, domain: str = "") -> ir.Node | None:
    """The node of that kind that `value` is the first output of, or None."""
    node = None if value is None else value.producer()
    found = node is not None and (node.op_type, node.domain) == (operator, domain) and value is node.outputs[0]
    return node if found else None


def constant(value: ir.Value | None) -> NDArray[np.generic] | None:
    """What the graph holds for `value`, or None where it is computed."""
    if value is None or value.const_value is None or value.is_graph_input():
        return None
    return value.const_value.numpy()


def attribute(node: ir.Node, name: str, default: Any = None) -> Any:
    """An attribute's value; `default` where the node does not give it."""
    found = node.attributes.get(name)
    return default if found is None else found.value


def only_use(value: ir.Value) -> ir.Node | None:
    """The one node that reads `value`, or None where there are several, or where it leaves the graph."""
    uses = list(value.uses())
    return uses[0].node if len(uses) == 1 and not value.is_graph_output() else None


def permuted(value: ir.Value | None, order: Sequence[int]) -> ir.Value | None:
    """What was transposed by `order` to become `value`, or None."""
    node = made_by(value, "Transpose")
    return node.inputs[0] if node is not None and attribute(node, "perm") == tuple(order) else None


def graph_constant(graph: ir.Graph, array: NDArray[np.generic], name: str) -> ir.Value:
    """A new constant of the graph."""
    value = ir.Value(name=name, const_value=ir.tensor(array, name=name))
    graph.register_initializer(value)
    return value
