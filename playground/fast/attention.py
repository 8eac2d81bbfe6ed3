"""Attention over a cache becomes GroupQueryAttention, which writes into the cache where it stands.

Takes in what feeds it: the heads' transpositions, RoPE, and the three projections where one product can do them; and
what acts on the scores: a cap, a sink, a bias. A layer that keeps everything gets a buffer with room for more; one with
a window a buffer of little more than the window, which whoever runs the graph shifts now and then; with a bias as well,
whose columns are all positions, a cache of that many entries, which the operator shifts. Where the text ends, and where
in a window's buffer, it reads from inputs.
"""

from dataclasses import dataclass, field

import numpy as np
import onnx_ir as ir

from playground.fast.bias import AllPositions
from playground.fast.matching import attribute, constant, graph_constant, made_by, only_use, permuted
from playground.fast.projections import packed
from playground.fast.rotary import Turned, Waves, positions, turned
from playground.fast.scores import Scored, scored
from playground.fast.skip_norm import MICROSOFT
from playground.in_place import POSITION_IDS, ROTARY, SEQLENS, TOTAL, within

HEADS_FIRST = (0, 2, 1, 3)  # [B, T, H, K] ↔ [B, H, T, K]
OTHER = -1
HEAD_MULTIPLE, TURNED_MULTIPLE = 8, 16  # what the operator takes as a head's width, and as one that it turns


@dataclass(slots=True)
class Inputs:
    """What the rewritten graph wants beside the portable one's inputs: where the text ends, and tables of waves."""

    seqlens: ir.Value = field(default_factory=lambda: _input(SEQLENS, ir.DataType.INT32, ["batch"]))
    total: ir.Value = field(default_factory=lambda: _input(TOTAL, ir.DataType.INT32, []))
    tables: dict[Waves, list[ir.Value]] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)  # the caches that are written in place now
    windows: dict[str, int] = field(default_factory=dict)  # those of layers with a window, and how much they show
    ends: dict[int, list[ir.Value]] = field(default_factory=dict)

    def end(self, window: int | None) -> list[ir.Value]:
        """Where the text ends: among all tokens, or in the buffers of layers with that window."""
        if window is None:
            return [self.seqlens, self.total]
        if window not in self.ends:
            self.ends[window] = [
                _input(within(SEQLENS, window), ir.DataType.INT32, ["batch"]),
                _input(within(TOTAL, window), ir.DataType.INT32, []),
            ]
        return self.ends[window]

    def table(self, waves: Waves) -> list[ir.Value]:
        """Their cosines and sines, one pair for all layers that turn alike."""
        if waves not in self.tables:
            names = [ROTARY.format(number=len(self.tables), part=part) for part in ("cos", "sin")]
            size = len(waves.frequencies)
            self.tables[waves] = [_input(name, ir.DataType.FLOAT, ["positions", size]) for name in names]
        return self.tables[waves]

    def add_to(self, graph: ir.Graph) -> None:
        """Behind the inputs that the graph has."""
        pairs = (*self.ends.values(), *self.tables.values())
        graph.inputs.extend([self.seqlens, self.total, *(one for pair in pairs for one in pair)])


@dataclass(frozen=True, slots=True)
class _Grown:
    """A cache and what is added to it in this pass, [B, G, S, K] and [B, G, T, K]."""

    past: ir.Value
    fresh: ir.Value
    present: ir.Value  # as it leaves the graph
    kept: int | None  # entries; None: all


@dataclass(frozen=True, slots=True)
class _Found:
    """One attention over a cache, as the portable graph spells it."""

    scored: Scored
    keys: _Grown
    values: _Grown

    @property
    def kv(self) -> int:
        return _size(self.keys.past, 1)

    @property
    def width(self) -> int:
        return _size(self.keys.past, 3)

    @property
    def window(self) -> int | None:
        return self.keys.kept

    @property
    def shifted(self) -> bool:
        """Must the operator itself shift the window's cache?"""
        return self.window is not None and self.scored.bias is not None


def fuse_attention(graph: ir.Graph, heads: int) -> tuple[int, Inputs]:
    """Replace what can be replaced in a model of `heads` query heads; returns how many, and the inputs needed now."""
    inputs, fused = Inputs(), 0
    everywhere, kept = AllPositions(graph, inputs.total), dict[str, int | None]()
    for node in list(graph):
        found = _found(node)
        if found is not None and _replaced(graph, found, heads, inputs, everywhere):
            fused += 1
            kept |= {
                cache.past.name: found.window for cache in (found.keys, found.values) if cache.past.name is not None
            }
    if fused:
        everywhere.recount(kept)
        inputs.add_to(graph)
    return fused, inputs


def _found(node: ir.Node) -> _Found | None:
    """The attention of `node`, if it is causal and sees all of its cache: everything, or a window's entries."""
    one = scored(node)
    if one is None:
        return None
    keys, values = _grown(one.k), _grown(one.v)
    if keys is None or values is None or not keys.kept == values.kept == _window(one.mask, keys.kept):
        return None
    found = _Found(one, keys, values)
    return found if found.width % HEAD_MULTIPLE == 0 else None


def _window(mask: ir.Value | None, kept: int | None) -> int | None:
    """How many keys a causal `mask` shows to a query, itself counted; None: all. −1 if it is another kind of mask.

    The exporter's own spelling: query ≥ key, and key ≥ query − W + 1, each with a column of queries and a row of keys.
    `kept` tells windows from everything: a mask that shows everything of a cache that keeps less would be another.
    """
    both = made_by(mask, "And")
    within, causal = both.inputs if both is not None and len(both.inputs) == 2 else (None, mask)
    compared = made_by(causal, "GreaterOrEqual")
    if compared is None or not positions(compared.inputs[0]):
        return OTHER
    if both is None:
        return None if kept is None else OTHER
    reached = made_by(within, "GreaterOrEqual")
    if reached is None or _spread(reached.inputs[0]) is not _spread(compared.inputs[1]):
        return OTHER
    first = made_by(reached.inputs[1], "Add")
    back = made_by(first.inputs[0], "Sub") if first is not None and _is(first.inputs[1], 1) else None
    if back is None or not positions(back.inputs[0]) or _spread(back.inputs[0]) is not _spread(compared.inputs[0]):
        return OTHER
    size = constant(back.inputs[1])
    return OTHER if size is None or size.size != 1 else int(size.reshape(()))


def _spread(value: ir.Value | None) -> ir.Value | None:
    """What was given one more dimension, if that is how `value` was made; else `value`."""
    unsqueezed = made_by(value, "Unsqueeze")
    return value if unsqueezed is None else unsqueezed.inputs[0]


def _is(value: ir.Value | None, number: int) -> bool:
    held = constant(value)
    return held is not None and held.size == 1 and held.reshape(()) == number


def _grown(value: ir.Value) -> _Grown | None:
    """A cache with what is added, which leaves the graph as it is or as its last entries."""
    joined = made_by(value, "Concat")
    if joined is None or len(joined.inputs) != 2 or attribute(joined, "axis") != 2:
        return None
    past, fresh = joined.inputs
    if past is None or fresh is None or not past.is_graph_input():
        return None
    if value.is_graph_output():
        return _Grown(past, fresh, value, None)
    last = [use.node for use in value.uses() if use.node.op_type == "Slice" and use.node.outputs[0].is_graph_output()]
    start = constant(last[0].inputs[1]) if len(last) == 1 else None
    return None if start is None else _Grown(past, fresh, last[0].outputs[0], -int(start.reshape(())))


def _replaced(graph: ir.Graph, found: _Found, heads: int, inputs: Inputs, everywhere: AllPositions) -> bool:
    """Put the operator in place of what was found; False where its output is read in a way not foreseen."""
    one, joined = found.scored, _joined(found.scored.y)
    if joined is None:
        return False
    (q, k), rotation = _unturned(found)
    table = [] if rotation is None else inputs.table(rotation.waves)
    flat = [_flat(graph, one.node, value) for value in (q, k, found.values.fresh)]
    cos, sin = table or (None, None)
    bias = None if one.bias is None else everywhere.bias(one.bias, one.node)
    sink = None if one.sink is None else graph_constant(graph, one.sink, f"{one.q.name}.sink")
    cache = [found.keys.past, found.values.past]
    ends = inputs.end(None if found.shifted else found.window)
    # In a window's buffer a token does not stand at its own position, so that the operator must be told it.
    turned_by = _position_ids(graph) if table and found.window is not None and not found.shifted else None
    fused = ir.node(
        "GroupQueryAttention",
        [*packed(graph, one.node, flat), *cache, *ends, cos, sin, turned_by, bias, sink],
        _attributes(found, heads, rotation),
        domain=MICROSOFT,
        num_outputs=3,
    )
    graph.insert_before(one.node, fused)
    for old, new in zip((joined, found.keys.present, found.values.present), fused.outputs, strict=True):
        new.shape, new.type = old.shape, old.type
        name, leaves = old.name, old.is_graph_output()
        ir.convenience.replace_all_uses_with(old, new, replace_graph_outputs=True)
        if leaves:
            old.name, new.name = None, name
    _keep(found, inputs, fused)
    return True


def _keep(found: _Found, inputs: Inputs, fused: ir.Node) -> None:
    """Say how the two caches are held from now on."""
    cache = [found.keys.past, found.values.past]
    names = [past.name for past in cache if past.name is not None]
    if found.window is None:
        inputs.kept += names
    elif not found.shifted:
        inputs.windows |= dict.fromkeys(names, found.window)
    else:
        for value in (*cache, *fused.outputs[1:]):
            value.shape = _with_size(value, 2, found.window)


def _attributes(found: _Found, heads: int, rotation: Turned | None) -> dict[str, int | float]:
    scale, cap = found.scored.scale, found.scored.cap
    attributes: dict[str, int | float] = {
        "num_heads": heads,
        "kv_num_heads": found.kv,
        "scale": found.width**-0.5 if scale is None else scale,
        "do_rotary": int(rotation is not None),
    }
    if rotation is not None and rotation.interleaved:
        attributes["rotary_interleaved"] = 1
    if cap:
        attributes["softcap"] = cap
    if found.window is not None:
        attributes["local_window_size"] = found.window
    if found.shifted:
        attributes["sliding_window_cache"] = 1
    return attributes


def _joined(y_BHTK: ir.Value) -> ir.Value | None:
    """Where attention's output is put together again, [B, T, H · K]."""
    transposed = only_use(y_BHTK)
    if transposed is None or permuted(transposed.outputs[0], HEADS_FIRST) is None:
        return None
    reshaped = only_use(transposed.outputs[0])
    return reshaped.outputs[0] if reshaped is not None and reshaped.op_type == "Reshape" else None


def _unturned(found: _Found) -> tuple[tuple[ir.Value, ir.Value], Turned | None]:
    """Queries and keys before RoPE and how they turn, where the operator can do it; else as they are and None."""
    q, k = found.scored.q, found.keys.fresh
    of_q, of_k = turned(q), turned(k)
    if of_q is None or of_k is None or (of_q.waves, of_q.interleaved) != (of_k.waves, of_k.interleaved):
        return (q, k), None
    if found.width % TURNED_MULTIPLE or 2 * len(of_q.waves.frequencies) % TURNED_MULTIPLE:
        return (q, k), None
    return (of_q.value, of_k.value), of_q


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


def _position_ids(graph: ir.Graph) -> ir.Value:
    return next(value for value in graph.inputs if value.name == POSITION_IDS)


def _input(name: str, kind: ir.DataType, dims: list[str | int]) -> ir.Value:
    return ir.Value(name=name, type=ir.TensorType(kind), shape=ir.Shape(dims))


def _with_size(value: ir.Value, dim: int, size: int) -> ir.Shape:
    """Its shape, with that size."""
    assert value.shape is not None
    return ir.Shape([size if at == dim else one for at, one in enumerate(value.shape)])


def _size(value: ir.Value, dim: int) -> int:
    assert value.shape is not None
    size = value.shape[dim]
    assert isinstance(size, int)
    return size
