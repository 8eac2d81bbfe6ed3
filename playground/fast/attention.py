"""Attention over a growing cache becomes GroupQueryAttention, which writes into the cache where it stands.

Takes in what feeds it: the heads' transpositions, RoPE, and the three projections where one product can do them.
Only layers that keep everything: the operator would keep what a window drops. It reads where the text ends from inputs.
"""

from dataclasses import dataclass, field

import numpy as np
import onnx_ir as ir

from playground.fast.matching import attribute, made_by, only_use, permuted
from playground.fast.projections import graph_constant, packed
from playground.fast.rotary import Waves, positions, turned
from playground.fast.skip_norm import MICROSOFT
from playground.in_place import ROTARY, SEQLENS, TOTAL

HEADS_FIRST = (0, 2, 1, 3)  # [B, T, H, K] ↔ [B, H, T, K]
HEAD_MULTIPLE, TURNED_MULTIPLE = 8, 16  # what the operator takes as a head's width, and as one that it turns


@dataclass(slots=True)
class Inputs:
    """What the rewritten graph wants beside the portable one's inputs: where the text ends, and tables of waves."""

    seqlens: ir.Value = field(default_factory=lambda: _input(SEQLENS, ir.DataType.INT32, ["batch"]))
    total: ir.Value = field(default_factory=lambda: _input(TOTAL, ir.DataType.INT32, []))
    tables: dict[Waves, list[ir.Value]] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)  # the caches that are written in place now

    def table(self, waves: Waves) -> list[ir.Value]:
        """Their cosines and sines, one pair for all layers that turn alike."""
        if waves not in self.tables:
            names = [ROTARY.format(number=len(self.tables), part=part) for part in ("cos", "sin")]
            size = len(waves.frequencies)
            self.tables[waves] = [_input(name, ir.DataType.FLOAT, ["positions", size]) for name in names]
        return self.tables[waves]

    def add_to(self, graph: ir.Graph) -> None:
        """Behind the inputs that the graph has."""
        graph.inputs.extend([self.seqlens, self.total, *(one for pair in self.tables.values() for one in pair)])


@dataclass(frozen=True, slots=True)
class _Found:
    """One attention and what is around it, as the portable graph spells it."""

    node: ir.Node
    past: tuple[ir.Value, ir.Value]
    fresh: tuple[ir.Value, ir.Value]  # this pass's keys and values, [B, G, T, K]

    @property
    def kv(self) -> int:
        return _size(self.past[0], 1)

    @property
    def width(self) -> int:
        return _size(self.past[0], 3)


def fuse_attention(graph: ir.Graph, heads: int) -> tuple[int, Inputs]:
    """Replace what can be replaced in a model of `heads` query heads; returns how many, and the inputs needed now."""
    inputs, fused = Inputs(), 0
    for node in list(graph):
        found = _found(node) if node.op_type == "Attention" and node.domain == "" else None
        if found is not None and _replaced(graph, found, heads, inputs):
            fused += 1
    if fused:
        inputs.add_to(graph)
    return fused, inputs


def _found(node: ir.Node) -> _Found | None:
    """The attention of `node`, if it is causal, sees all of a cache that is kept whole, and nothing else is asked."""
    if len(node.inputs) != 4 or not _causal(node.inputs[3]):
        return None
    grown = [_grown(value) for value in node.inputs[1:3]]
    if None in grown or attribute(node, "softcap", 0.0) or attribute(node, "is_causal", 0):
        return None
    (past_k, k), (past_v, v) = grown  # pyright: ignore[reportGeneralTypeIssues]  # None was excluded
    found = _Found(node, (past_k, past_v), (k, v))
    return found if found.width % HEAD_MULTIPLE == 0 else None


def _causal(mask: ir.Value | None) -> bool:
    """Key positions up to the query's: the exporter's own spelling, which a window would put an And upon."""
    compared = made_by(mask, "GreaterOrEqual")
    return compared is not None and positions(compared.inputs[0])


def _grown(value: ir.Value | None) -> tuple[ir.Value, ir.Value] | None:
    """A cache that leaves the graph as it is, and what was added: (past, fresh)."""
    joined = made_by(value, "Concat")
    if joined is None or len(joined.inputs) != 2 or attribute(joined, "axis") != 2:
        return None
    past, fresh = joined.inputs
    whole = past is not None and past.is_graph_input() and joined.outputs[0].is_graph_output()
    return (past, fresh) if whole and past is not None and fresh is not None else None


def _replaced(graph: ir.Graph, found: _Found, heads: int, inputs: Inputs) -> bool:
    """Put the operator in place of what was found; False where its output is read in a way not foreseen."""
    joined = _joined(found.node.outputs[0])
    if joined is None:
        return False
    (q, k), table = _unturned(found, inputs)
    flat = [_flat(graph, found.node, value) for value in (q, k, found.fresh[1])]
    fused = ir.node(
        "GroupQueryAttention",
        [*packed(graph, found.node, flat), *found.past, inputs.seqlens, inputs.total, *table],
        {
            "num_heads": heads,
            "kv_num_heads": found.kv,
            "scale": attribute(found.node, "scale", found.width**-0.5),
            "do_rotary": int(bool(table)),
        },
        domain=MICROSOFT,
        num_outputs=3,
    )
    inputs.kept += [past.name for past in found.past if past.name is not None]
    graph.insert_before(found.node, fused)
    for old, new in zip((joined, *found.node.inputs[1:3]), fused.outputs, strict=True):
        assert old is not None
        new.shape, new.type = old.shape, old.type
        name, leaves = old.name, old.is_graph_output()
        ir.convenience.replace_all_uses_with(old, new, replace_graph_outputs=True)
        if leaves:
            old.name, new.name = None, name
    return True


def _joined(y_BHTK: ir.Value) -> ir.Value | None:
    """Where attention's output is put together again, [B, T, H · K]."""
    transposed = only_use(y_BHTK)
    if transposed is None or permuted(transposed.outputs[0], HEADS_FIRST) is None:
        return None
    reshaped = only_use(transposed.outputs[0])
    return reshaped.outputs[0] if reshaped is not None and reshaped.op_type == "Reshape" else None


def _unturned(found: _Found, inputs: Inputs) -> tuple[tuple[ir.Value, ir.Value], list[ir.Value]]:
    """Queries and keys before RoPE and its tables, where the operator can turn them; else as they are and none."""
    q, k = found.node.inputs[0], found.fresh[0]
    assert q is not None
    of_q, of_k = turned(q), turned(k)
    if of_q is None or of_k is None or of_q.waves != of_k.waves:
        return (q, k), []
    if 2 * len(of_q.waves.frequencies) != found.width or found.width % TURNED_MULTIPLE:
        return (q, k), []
    return (of_q.value, of_k.value), inputs.table(of_q.waves)


def _flat(graph: ir.Graph, before: ir.Node, x_BHTK: ir.Value) -> ir.Value:
    """`x_BHTK` as [B, T, H · K]: what it was split from, or put together again."""
    split = made_by(permuted(x_BHTK, HEADS_FIRST), "Reshape")
    if split is not None and split.inputs[0] is not None:
        return split.inputs[0]
    shape = graph_constant(graph, np.array([0, 0, -1]), f"{x_BHTK.name}.flat")
    turned_back = ir.node("Transpose", [x_BHTK], {"perm": HEADS_FIRST})
    flat = ir.node("Reshape", [turned_back.outputs[0], shape])
    graph.insert_before(before, [turned_back, flat])
    return flat.outputs[0]


def _input(name: str, kind: ir.DataType, dims: list[str | int]) -> ir.Value:
    return ir.Value(name=name, type=ir.TensorType(kind), shape=ir.Shape(dims))


def _size(value: ir.Value, dim: int) -> int:
    assert value.shape is not None
    size = value.shape[dim]
    assert isinstance(size, int)
    return size
