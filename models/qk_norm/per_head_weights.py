"""QK norm per head with weights of its own: statistics over one head, a gain for every entry of every head."""

from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn

from models.hooks import Hooks, Place, QueryKey
from models.norm.base import Gain, applied, gain_vector
from models.piece import Piece
from models.qk_norm.base import NORMALIZED, Normalizing, named
from models.text import Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class PerHeadWeights(Normalizing):
    """q_h ← w_h ⊙ (q_h normalized over its K entries), likewise k: gains [H, K] and [G, K]."""

    rank: ClassVar[int] = 3
    title: ClassVar[Text] = Text("QK norm, gains per head", "QK 归一化，各头独立增益")
    help: ClassVar[Text] = Text(
        "Every head sets the scale of its own scores · two gains as wide as q and k a layer · Command R+; an option of "
        "StableLM (both LayerNorm)",
        "每个头自行决定分数的尺度 · 每层两组与 q、k 等宽的增益 · Command R+；StableLM 的可选项（都用 LayerNorm）",
    )
    formula: ClassVar[str] = "(w_h ⊙ N(q_h))·(w′_h ⊙ N(k_h))/√K"
    citation: ClassVar[str] = "Cohere 2024 (Command R+) and StableLM, by their published code: no paper says it"

    option: Literal["per_head_weights"] = "per_head_weights"

    def build(self, architecture: "Architecture") -> Hooks:
        return PerHeadWeightsNorms(self, architecture)

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        norm, parts = self.norm(), {"query": "QUERY_HEADS", "key": "KV_HEADS"}
        made = [f"self.{part}_norm = {norm.made('HeadsNorm', heads)}" for part, heads in parts.items()]
        return (
            Piece("definition", norm.written("HeadsNorm", "heads, HEAD_WIDTH"), norm.cited()),
            *(Piece("attention.parts", line) for line in made),
            *map(named, parts),
            Piece("heads", NORMALIZED, self.cited()),
        )

    def gain_note(self) -> str:
        return {"w": "w_h", "one_plus_w": "1 + w_h", "none": "w_h = 1"}[self.gain]


class PerHeadWeightsNorms(nn.Module, Hooks):
    """Two norms a layer."""

    def __init__(self, option: PerHeadWeights, architecture: "Architecture") -> None:
        super().__init__()
        heads, width, layers = architecture.heads, architecture.heads.width(architecture), architecture.attention_layers
        self.query = nn.ModuleList(HeadsNorm(option, heads.query, width) for _ in range(layers))
        self.key = nn.ModuleList(HeadsNorm(option, heads.kv, width) for _ in range(layers))

    def on_heads(self, qk: QueryKey, at: Place) -> QueryKey:
        q_BHTK, k_BGTK = qk
        return self.query[at.layer](q_BHTK), self.key[at.layer](k_BGTK)


class HeadsNorm(nn.Module):
    """Each of the heads of x_BHTK normalized, times its own gain, plus its own offset if there are any."""

    def __init__(self, option: PerHeadWeights, heads: int, width: int) -> None:
        super().__init__()
        self.gain: Gain = option.gain
        bare = {"gain": "none", "bias": False} if option.kind == "layernorm" else {"gain": "none"}
        self.normalize = option.norm(**bare).module(width)
        self.weight = gain_vector(option.gain, heads, width)
        self.bias = nn.Parameter(torch.zeros(heads, width)) if option.bias else None

    def forward(self, x_BHTK: Tensor) -> Tensor:
        """x [B, H, T, K] → same shape."""
        y_BHTK, weight_HK = self.normalize(x_BHTK), applied(self.weight, self.gain)
        if weight_HK is not None:
            y_BHTK = y_BHTK * weight_HK[:, None]
        return y_BHTK if self.bias is None else y_BHTK + self.bias[:, None]
