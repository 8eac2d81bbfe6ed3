"""The attention sublayer as source code: fused where nothing acts on its scores, else step by step."""

import re

from models.architecture import Architecture
from models.piece import linear
from playground.source.lines import STEP, Statement, docstring, fitted, statements
from playground.source.pieces import Pieces

SPLIT = '''def split(x_BTE: Tensor) -> Tensor:
    """Heads beside each other in one vector become a dimension: [B, heads, T, K]."""
    return x_BTE.unflatten(-1, (-1, HEAD_WIDTH)).transpose(1, 2)'''
POSITIONS = [
    Statement("j_T = torch.arange(x_BTD.shape[1], device=x_BTD.device)", "Query at i, key at j."),
    Statement("i_T1 = j_T[:, None]"),
]
MHA = "Multi-head attention: softmax(q·k · scale) v\nVaswani et al. 2017, arXiv:1706.03762, §3.2"
MQA = "Multi-query attention: all heads share one key and one value\nShazeer 2019, arXiv:1911.02150, §2.4"
GQA = (
    "Grouped-query attention: QUERY_HEADS // KV_HEADS heads share a key and a value\n"
    "Ainslie et al. 2023, arXiv:2305.13245, §2.2"
)


def attention(pieces: Pieces) -> list[str]:
    """The class Attention."""
    body = _forward(pieces)
    passed = [f"{name}: Tensor" for name in passed_names(pieces)]
    made = _made(pieces)
    layered = "layer" in _words(made)
    return [
        "class Attention(nn.Module):",
        *docstring(_says(pieces.architecture)),
        "",
        f"    def __init__(self{', layer: int' if layered else ''}) -> None:",
        "        super().__init__()",
        *made,
        "",
        *fitted(f"    def forward({', '.join(('self', 'x_BTD: Tensor', *passed))}) -> Tensor:"),
        *body,
    ]


def passed_names(pieces: Pieces) -> list[str]:
    """What every attention is given beside the stream."""
    return [piece.text.partition(" = ")[0] for piece in pieces.at("passed")]


def flags(pieces: Pieces) -> dict[str, tuple[bool, ...]]:
    """What layers are called that differ from others, and which they are."""
    found = (piece.only for piece in pieces.all if piece.only and len({*piece.only.acting}) > 1)
    return {only.flag: only.acting for only in found}


def _says(architecture: Architecture) -> str:
    heads = architecture.heads
    return MHA if heads.query == heads.kv else MQA if heads.kv == 1 else GQA


def _made(pieces: Pieces) -> list[str]:
    """The lines of __init__."""
    bias = pieces.architecture.bias
    queries, keys = "QUERY_HEADS * HEAD_WIDTH", "KV_HEADS * HEAD_WIDTH"
    matrices = {
        "query": linear("WIDTH", queries, bias.qkv),
        "key": linear("WIDTH", keys, bias.qkv),
        "value": linear("WIDTH", keys, bias.qkv),
        "out": linear(queries, "WIDTH", bias.attention_out),
    }
    own = [Statement(f"self.{name} = {matrix}") for name, matrix in matrices.items()]
    told = [Statement(f"self.{flag} = {flag.upper()}[layer]") for flag in flags(pieces)]
    return statements([*told, *own, *pieces.statements("attention.parts")], 2 * STEP)


def _forward(pieces: Pieces) -> list[str]:
    """The lines of forward."""
    names = {"q": "query", "k": "key", "v": "value"}
    before = pieces.statements("projection")
    projected = [Statement(f"{x}_BTE = self.{name}(x_BTD)") for x, name in names.items()] if before else []
    given = {x: f"{x}_BTE" if before else f"self.{name}(x_BTD)" for x, name in names.items()}
    heads = {"q": "q_BHTK", "k": "k_BGTK", "v": "v_BGTK"}
    divided = [Statement(f"{heads[x]} = split({given[x]})") for x in names]
    acted = pieces.statements("heads", "rotation", "rotated")
    body = statements([*projected, *before, *divided, *acted, *_attended(pieces)], 2 * STEP)
    needed = {"i_T1", "j_T"} & _words(body)
    return [*(statements(POSITIONS if "i_T1" in needed else POSITIONS[:1], 2 * STEP) if needed else []), *body]


def _attended(pieces: Pieces) -> list[Statement]:
    explicit = pieces.at("cap", "bias", "sink")
    found = [*_visible(pieces), *(_explicit(pieces) if explicit else _fused(pieces))]
    return [*found, Statement("return self.out(y_BHTK.transpose(1, 2).flatten(2))")]


def _visible(pieces: Pieces) -> list[Statement]:
    masks = pieces.at("mask")
    if not masks and not pieces.at("cap", "bias", "sink"):
        return []
    narrowed = [Statement(f"seen_TT = seen_TT & ({mask.text})", mask.says, mask.only) for mask in masks]
    return [Statement("seen_TT = j_T <= i_T1"), *narrowed]


def _fused(pieces: Pieces) -> list[Statement]:
    heads = pieces.architecture.heads
    arguments = ["q_BHTK", "k_BGTK", "v_BGTK"]
    arguments.append("attn_mask=seen_TT" if pieces.at("mask") else "is_causal=True")
    if pieces.at("weights"):
        arguments.append("dropout_p=DROPOUT if self.training else 0.0")
    if heads.scale is not None or heads.scale_by_layer:
        arguments.append(f"scale={heads.scale_written()}")
    if heads.query != heads.kv:
        arguments.append("enable_gqa=True")
    return [Statement(f"y_BHTK = F.scaled_dot_product_attention({', '.join(arguments)})")]


def _explicit(pieces: Pieces) -> list[Statement]:
    heads = pieces.architecture.heads
    found: list[Statement] = []
    if heads.query != heads.kv:
        times = "QUERY_HEADS // KV_HEADS, dim=1"
        found += [Statement(f"{x}_BHTK = {x}_BGTK.repeat_interleave({times})") for x in ("k", "v")]
    found.append(Statement(f"scores_BHTT = q_BHTK @ k_BHTK.transpose(-1, -2) * {heads.scale_written()}"))
    found += pieces.assigned("cap", "scores_BHTT")
    found += [Statement(f"scores_BHTT = scores_BHTT + {term.text}", term.says, term.only) for term in pieces.at("bias")]
    found.append(Statement('scores_BHTT = scores_BHTT.masked_fill(~seen_TT, float("-inf"))'))
    found += _softmax(pieces)
    found += pieces.assigned("weights", "weights_BHTT")
    return [*found, Statement("y_BHTK = weights_BHTT @ v_BHTK")]


def _softmax(pieces: Pieces) -> list[Statement]:
    sinks = pieces.at("sink")
    if not sinks:
        return [Statement("weights_BHTT = scores_BHTT.softmax(-1)")]
    (sink,) = sinks
    column = f"sink_BHT1 = {sink.text}[:, None, None].expand(*scores_BHTT.shape[:3], 1)"
    joined = "weights_BHTT = torch.cat((scores_BHTT, sink_BHT1), -1).softmax(-1)[..., :-1]"
    return [Statement(column, sink.says), Statement(joined)]


def _words(lines: list[str]) -> set[str]:
    return set(re.findall(r"\w+", "\n".join(lines)))
