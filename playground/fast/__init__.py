"""The fast form of an exported file: the same graph in ONNX Runtime's own operators where they mean exactly the same.

Made from the portable file, beside it. Reads of the model what the file says; neither torch nor `models`.
"""

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path

import onnx_ir as ir
from onnx_ir.passes.common import RemoveUnusedNodesPass

from playground.fast.attention import fuse_attention
from playground.fast.shapes import infer_shapes
from playground.fast.skip_norm import MICROSOFT, fuse_skip_norms
from playground.seal import BLANK, DIGEST, write_whole
from playground.session import FAST, PREFIX, fingerprint


def write_fast(portable: Path, fast: Path) -> dict[str, int]:
    """Write the fast form of `portable` to `fast`; returns how often each rule applied. The file appears whole.

    The weights are those of `portable`, so a file of up to 2 GiB is held in memory meanwhile.
    """
    model = ir.load(portable)
    architecture = json.loads(model.metadata_props[PREFIX + "architecture"])
    infer_shapes(model)
    attention, inputs = fuse_attention(model.graph, architecture["heads"]["query"])
    norms = fuse_skip_norms(model.graph)
    RemoveUnusedNodesPass()(model)
    _forget_shapes(model.graph)
    for value in [value for value in model.graph.inputs if not value.uses()]:
        model.graph.inputs.remove(value)
    model.opset_imports[MICROSOFT] = 1
    notes = {
        "waves": [asdict(waves) for waves in inputs.tables],
        "kept": inputs.kept,
        "windows": inputs.windows,
        "of": fingerprint(portable),
    }
    model.metadata_props[PREFIX + FAST] = json.dumps(notes)
    model.metadata_props[DIGEST] = BLANK
    write_whole(fast, partial(ir.save, model))
    return {"attention": attention, "norms": norms}


def _forget_shapes(graph: ir.Graph) -> None:
    """What the rules read and then made untrue: every reader infers the shapes within the graph itself."""
    for node in graph:
        for value in node.outputs:
            if not value.is_graph_output():
                value.shape = None
