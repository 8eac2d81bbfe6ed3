"""Lets torch's ONNX exporter translate a model's first trace, instead of tracing it a second time.

The exporter traces a program again to break down the operators that it does not know, or knows only by longer ways:
more than half of its time. A model of ours has six of those, and changes no tensor in place, so they are respelt in the
graph. A program with anything else is left to torch. Knows no model.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import fx
from torch.export import ExportedProgram
from torch.onnx._internal.exporter import _fx_passes

aten = torch.ops.aten


Sizes = dict[str, fx.Node]  # the node that gives a size which is known only when the file is run
Spelling = Callable[[fx.Graph, fx.Node, Sizes], fx.Node]


def _same(graph: fx.Graph, node: fx.Node, sizes: Sizes) -> fx.Node:
    return _first(node)


def _cast(graph: fx.Graph, node: fx.Node, sizes: Sizes) -> fx.Node:
    x, dtype = _first(node), node.args[1]
    return x if x.meta["val"].dtype == dtype else graph.call_function(aten._to_copy.default, (x,), {"dtype": dtype})


def _and(graph: fx.Graph, node: fx.Node, sizes: Sizes) -> fx.Node:
    return graph.call_function(aten.bitwise_and.Tensor, node.args)


def _square(graph: fx.Graph, node: fx.Node, sizes: Sizes) -> fx.Node:
    return graph.call_function(aten.pow.Tensor_Scalar, (_first(node), 2))


def _reshape(graph: fx.Graph, node: fx.Node, sizes: Sizes) -> fx.Node:
    """With every size written out; those of run-time are asked for once in the whole graph, of its inputs."""
    shape = list[Any](node.meta["val"].shape)
    for dim in [dim for dim, size in enumerate(shape) if not isinstance(size, int)]:
        if str(shape[dim]) not in sizes:
            return graph.node_copy(node)  # a size that it makes: the long way, then
        shape[dim] = sizes[str(shape[dim])]
    return graph.call_function(aten.reshape.default, (_first(node), shape))


SPELLINGS: dict[Any, Spelling] = {
    aten.detach_.default: _same,  # of a constant
    aten.to.dtype: _cast,
    aten.__and__.Tensor: _and,
    aten.square.default: _square,
    aten.flatten.using_ints: _reshape,
    aten.unflatten.int: _reshape,
}
IGNORED = {aten._assert_tensor_metadata.default}  # the exporter drops it


@contextlib.contextmanager
def one_trace() -> Iterator[None]:
    """Inside, `torch.onnx.export` takes programs as they were traced, wherever it can."""
    usual = _fx_passes.decompose_with_registry

    def broken_down(program: ExportedProgram, registry: Any) -> ExportedProgram:
        respell(program.graph)
        return program if all(_known(node, registry) for node in program.graph.nodes) else usual(program, registry)

    _fx_passes.decompose_with_registry = broken_down
    try:
        yield
    finally:
        _fx_passes.decompose_with_registry = usual


def respell(graph: fx.Graph) -> None:
    """Put in the place of each operator in `SPELLINGS` what means the same."""
    found = [node for node in graph.nodes if node.op == "call_function" and node.target in SPELLINGS]
    sizes = _sizes(graph) if found else {}
    for node in found:
        if any(user.op == "output" for user in node.users):  # the program knows those by name
            continue
        with graph.inserting_before(node):
            other = SPELLINGS[node.target](graph, node, sizes)
        other.meta = other.meta or dict(node.meta)
        node.replace_all_uses_with(other)
        graph.erase_node(node)
    for node in sizes.values():
        if not node.users:
            graph.erase_node(node)


def _sizes(graph: fx.Graph) -> Sizes:
    """The sizes of inputs that run-time knows: the nodes that ask for them, and new ones; all before anything else."""
    inputs = [node for node in graph.nodes if node.op == "placeholder" and isinstance(node.meta["val"], torch.Tensor)]
    first = next(node for node in graph.nodes if node.op != "placeholder")
    sizes: Sizes = {}
    for node in graph.nodes:
        if node.target is aten.sym_size.int and node.args[0] in inputs:
            sizes.setdefault(str(node.meta["val"]), node)
    for node in sizes.values():
        if node is not first:
            first.prepend(node)
    for node in inputs:
        for dim, size in enumerate(node.meta["val"].shape):
            if not isinstance(size, int) and str(size) not in sizes:
                with graph.inserting_before(first):
                    asked = graph.call_function(aten.sym_size.int, (node, dim))
                asked.meta, sizes[str(size)] = {**first.meta, "val": size}, asked
    return sizes


def _known(node: fx.Node, registry: Any) -> bool:
    if node.op != "call_function":
        return node.op in ("placeholder", "output")
    schema = getattr(node.target, "_schema", None)  # sizes are computed by Python's own operators
    changes = schema is not None and schema.is_mutable
    return node.target in IGNORED or (not changes and registry.is_registered(node.target))


def _first(node: fx.Node) -> fx.Node:
    x = node.args[0]
    assert isinstance(x, fx.Node)
    return x
