"""QK norm per head: every head's query and key is normalized before rotation, with one gain for all heads."""

from typing import TYPE_CHECKING, ClassVar, Literal

from torch import nn

from models.hooks import Hooks, Place, QueryKey
from models.norm.base import Norm
from models.piece import Piece
from models.qk_norm.base import NORMALIZED, Normalizing
from models.text import Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class PerHead(Normalizing):
    """q ← N(q), k ← N(k) over the K entries of a head."""

    rank: ClassVar[int] = 2
    title: ClassVar[Text] = Text("QK norm", "QK 归一化")
    help: ClassVar[Text] = Text(
        "Bounds the scores, so higher learning rates hold · two small norms a layer · Qwen3, Gemma 3",
        "给分数封顶，能承受更高的学习率 · 每层两个小归一化 · Qwen3、Gemma 3",
    )
    formula: ClassVar[str] = "N(q)·N(k)/√K"
    citation: ClassVar[str] = "Henry et al. 2020, arXiv:2010.04245, §2; Qwen3, arXiv:2505.09388, §2"

    option: Literal["per_head"] = "per_head"

    def build(self, architecture: "Architecture") -> Hooks:
        return PerHeadNorms(self.norm(), architecture.heads.width(architecture), architecture.attention_layers)

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        norms = self.written(architecture, ("HEAD_WIDTH", "HEAD_WIDTH"))
        return *norms, Piece("heads", NORMALIZED, self.cited())


class PerHeadNorms(nn.Module, Hooks):
    """Two norms a layer."""

    def __init__(self, norm: Norm, head_width: int, layers: int) -> None:
        super().__init__()
        self.query = nn.ModuleList(norm.module(head_width) for _ in range(layers))
        self.key = nn.ModuleList(norm.module(head_width) for _ in range(layers))

    def on_heads(self, qk: QueryKey, at: Place) -> QueryKey:
        q_BHTK, k_BGTK = qk
        return self.query[at.layer](q_BHTK), self.key[at.layer](k_BGTK)
