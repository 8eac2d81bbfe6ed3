"""What is added to the scores, computed over all positions instead of those that a cache holds.

The portable graph counts its keys by the size of the cache. An attention that writes into a longer buffer, or into a
window's, wants a column for every token up to now. Knows no position encoding.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import onnx_ir as ir

from playground.fast.matching import attribute, graph_constant
from playground.in_place import IDS, PAST


@dataclass(slots=True)
class AllPositions:
    """Copies what depends on how much a cache holds, with the number of all tokens read before in its place.

    total: the number of tokens up to the last one given, a scalar of 32 bits.
    """

    graph: ir.Graph
    total: ir.Value
    _copies: dict[ir.Value, ir.Value] = field(default_factory=dict)
    _before: ir.Value | None = None

    def bias(self, value: ir.Value, at: ir.Node) -> ir.Value:
        """`value` as [B or 1, H or 1, T, tokens up to the last one]; new nodes stand before `at`."""
        if value not in self._copies:
            four = graph_constant(self.graph, np.ones(4, np.int64), f"{value.name}.four")
            widened = ir.node("Expand", [self._copied(value, at), four])
            self.graph.insert_before(at, widened)
            self._copies[value] = widened.outputs[0]
        return self._copies[value]

    def _copied(self, value: ir.Value | None, at: ir.Node) -> ir.Value | None:
        node = None if value is None else value.producer()
        if value is None or node is None:
            return value
        if _counts_cache(node):
            return self._tokens_before(at)
        if value not in self._copies:
            inputs = [self._copied(one, at) for one in node.inputs]
            same = all(new is old for new, old in zip(inputs, node.inputs, strict=True))
            copies = node.outputs if same else self._copy(node, inputs, at)
            self._copies |= dict(zip(node.outputs, copies, strict=True))
        return self._copies[value]

    def _copy(self, node: ir.Node, inputs: list[ir.Value | None], at: ir.Node) -> tuple[ir.Value, ...]:
        copied = ir.node(
            node.op_type, inputs, attributes=node.attributes, domain=node.domain, num_outputs=len(node.outputs)
        )
        self.graph.insert_before(at, copied)
        return tuple(copied.outputs)

    def _tokens_before(self, at: ir.Node) -> ir.Value:
        """How many tokens were read before those that are given, [1]."""
        if self._before is None:
            self._before = self._counted(at)
        return self._before

    def _counted(self, at: ir.Node) -> ir.Value:
        ids = next(value for value in self.graph.inputs if value.name == IDS)
        wide = ir.node("Cast", [self.total], {"to": ir.DataType.INT64})
        row = ir.node("Reshape", [wide.outputs[0], graph_constant(self.graph, np.array([1]), f"{at.name}.row")])
        given = ir.node("Shape", [ids], {"start": 1, "end": 2})
        before = ir.node("Sub", [row.outputs[0], given.outputs[0]])
        self.graph.insert_before(at, [wide, row, given, before])
        return before.outputs[0]

    def recount(self, kept: Mapping[str, int | None]) -> None:
        """Let whoever still reads the size of these caches read how many entries the portable graph's would have.

        kept: the caches that are written in place or shifted now, and how many entries they keep at most; None: all.
        """
        for node in list(self.graph):
            name = node.inputs[0].name if _counts_cache(node) and node.inputs[0] is not None else None
            if name is None or name not in kept:
                continue
            entries, most = self._counted(node), kept[name]
            if most is not None:
                limit = graph_constant(self.graph, np.array([most]), f"{node.name}.most")
                fewer = ir.node("Min", [entries, limit])
                self.graph.insert_before(node, fewer)
                entries = fewer.outputs[0]
            ir.convenience.replace_all_uses_with(node.outputs[0], entries)


def _counts_cache(node: ir.Node) -> bool:
    """Does it read how many entries a cache holds?"""
    of = node.inputs[0] if node.op_type == "Shape" else None
    return of is not None and (of.name or "").startswith(PAST) and attribute(node, "start") == 2
