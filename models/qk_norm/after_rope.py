"""QK norm after rotation: every head's query and key, as they are about to meet, in the layers that rotate."""

from typing import TYPE_CHECKING, ClassVar, Literal

from torch import nn

from models.drawing import Spot
from models.hooks import Hooks, Place, QueryKey
from models.norm.base import GAIN, Gain
from models.option import parameter
from models.piece import Only, Piece
from models.qk_norm.base import NORMALIZED, Normalizing
from models.text import Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class AfterRope(Normalizing):
    """q ← N(rotated q), k ← N(rotated k); layers in which the position does not act are left alone.

    Rotation keeps a vector's mean square, so an RMSNorm without gain would say the same before it.
    """

    rank: ClassVar[int] = 5
    title: ClassVar[Text] = Text("QK norm after RoPE", "旋转后的 QK 归一化")
    help: ClassVar[Text] = Text(
        "Bounds the scores without a parameter, only in layers with positions · two small norms a layer · Llama 4 "
        "Scout",
        "不加参数就能给分数封顶，只用于带位置编码的层 · 每层两个小归一化 · Llama 4 Scout",
    )
    formula: ClassVar[str] = "N(R_i q)·N(R_j k)/√K"
    citation: ClassVar[str] = "Meta 2025 (Llama 4), its published code (models/llama4/model.py); no paper"
    spot: ClassVar[Spot] = "rotation"
    label: ClassVar[Text] = Text("normalize turned q, k", "归一化转后 q、k")

    option: Literal["after_rope"] = "after_rope"
    gain: Gain = parameter("none", GAIN["title"], GAIN["help"])

    def build(self, architecture: "Architecture") -> Hooks:
        return RotatedNorms(self, architecture)

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        position, layers = architecture.position, range(architecture.shape.layers)
        local = getattr(position, "layers", "") == "local"
        acting = tuple(position.acts(architecture, layer) for layer in layers)
        only = Only("local" if local else "positioned", acting)
        norms = self.written(architecture, ("HEAD_WIDTH", "HEAD_WIDTH"), only)
        return *norms, Piece("rotation", NORMALIZED, self.cited(), only)


class RotatedNorms(nn.Module, Hooks):
    """Two norms in a layer where the position acts, none in another."""

    def __init__(self, option: AfterRope, architecture: "Architecture") -> None:
        super().__init__()
        norm, width = option.norm(), architecture.heads.width(architecture)
        acts = [architecture.position.acts(architecture, layer) for layer in range(architecture.attention_layers)]
        self.query = nn.ModuleList(norm.module(width) if here else nn.Identity() for here in acts)
        self.key = nn.ModuleList(norm.module(width) if here else nn.Identity() for here in acts)

    def on_rotation(self, qk: QueryKey, at: Place) -> QueryKey:
        # The position, an axis before this one, has rotated here; what it does once rotated comes after.
        q_BHTK, k_BGTK = qk
        return self.query[at.layer](q_BHTK), self.key[at.layer](k_BGTK)
