"""A sum and the norm that reads it become one operator that gives both: Skip(Simplified)LayerNormalization."""

import onnx_ir as ir

from playground.fast.matching import attribute, constant, made_by

MICROSOFT = "com.microsoft"
FUSED = {"RMSNormalization": "SkipSimplifiedLayerNormalization", "LayerNormalization": "SkipLayerNormalization"}
RANK = 3  # batch, tokens, width
SUM = 3  # which of the fused operator's outputs is the sum itself


def fuse_skip_norms(graph: ir.Graph) -> int:
    """Fuse where it can be done; returns how often. The first norm of a sum takes it with it."""
    fused = 0
    for node in list(graph):
        if node.op_type in FUSED and node.domain == "" and (added := _sum(node)) is not None:
            _fuse(graph, added, node)
            fused += 1
    return fused


def _sum(norm: ir.Node) -> ir.Node | None:
    """The sum of two streams that `norm` reads; never a bias, nor a sum of heads, whose norm the operator refuses."""
    added = made_by(norm.inputs[0], "Add")
    if added is None or attribute(norm, "axis", -1) != -1:
        return None
    streams = all(value is not None and constant(value) is None for value in added.inputs)
    shape = added.outputs[0].shape
    gain = constant(norm.inputs[1])
    fits = shape is not None and len(shape) == RANK and gain is not None and gain.ndim == 1
    return added if streams and fits else None


def _fuse(graph: ir.Graph, added: ir.Node, norm: ir.Node) -> None:
    left, right = added.inputs
    epsilon = attribute(norm, "epsilon", 1e-5)
    fused = ir.node(
        FUSED[norm.op_type],
        [left, right, *norm.inputs[1:]],
        {"epsilon": epsilon},
        domain=MICROSOFT,
        outputs=[ir.Value(), ir.Value(name=""), ir.Value(name=""), ir.Value()],  # unnamed: not wanted
    )
    graph.insert_before(added, fused)  # others may read the sum before the norm does
    for old, new in ((norm.outputs[0], fused.outputs[0]), (added.outputs[0], fused.outputs[SUM])):
        ir.convenience.replace_all_uses_with(old, new, replace_graph_outputs=True)
    graph.remove([norm, added], safe=True)
