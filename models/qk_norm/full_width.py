"""QK norm over the full width: queries and keys are normalized before they are split, so heads share one scale."""

from typing import TYPE_CHECKING, ClassVar, Literal

from torch import nn

from models.drawing import Spot
from models.hooks import Hooks, Place, QueryKeyValue
from models.piece import Piece
from models.qk_norm.base import Normalizing
from models.text import Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class FullWidth(Normalizing):
    """q ← N(q) over all H·K entries, k ← N(k) over all G·K: statistics mix the heads."""

    rank: ClassVar[int] = 4
    title: ClassVar[Text] = Text("QK norm, full width", "QK 归一化，整个宽度")
    help: ClassVar[Text] = Text(
        "Bounds all heads' scores together, one head may still be large · two norms as wide as q and k a layer · "
        "OLMo 2, OLMo 3",
        "对所有头的分数一起设限，单个头仍可偏大 · 每层两个与 q、k 等宽的归一化 · OLMo 2、OLMo 3",
    )
    formula: ClassVar[str] = "q, k = N(x W_q), N(x W_k), then split"
    citation: ClassVar[str] = "OLMo 2, OLMo et al. 2024, arXiv:2501.00656, §2.1"
    spot: ClassVar[Spot] = "projection"
    label: ClassVar[Text] = Text("normalize all q, k", "整体归一化 q、k")

    option: Literal["full_width"] = "full_width"

    def build(self, architecture: "Architecture") -> Hooks:
        return FullWidthNorms(self, architecture)

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        sizes = ("QUERY_HEADS * HEAD_WIDTH", "KV_HEADS * HEAD_WIDTH")
        normalized = "\n".join(f"{x}_BTE = self.{part}_norm({x}_BTE)" for x, part in (("q", "query"), ("k", "key")))
        return *self.written(architecture, sizes), Piece("projection", normalized, self.cited())


class FullWidthNorms(nn.Module, Hooks):
    """Two norms a layer."""

    def __init__(self, option: FullWidth, architecture: "Architecture") -> None:
        super().__init__()
        heads, norm, layers = architecture.heads, option.norm(), architecture.attention_layers
        width = heads.width(architecture)
        self.query = nn.ModuleList(norm.module(heads.query * width) for _ in range(layers))
        self.key = nn.ModuleList(norm.module(heads.kv * width) for _ in range(layers))

    def on_projection(self, qkv: QueryKeyValue, at: Place) -> QueryKeyValue:
        q, k, v = qkv
        return self.query[at.layer](q), self.key[at.layer](k), v
