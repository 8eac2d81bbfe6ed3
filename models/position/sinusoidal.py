"""Sinusoidal positions: fixed sines and cosines, added once to the embedding."""

import math
from typing import TYPE_CHECKING, ClassVar, Literal

from torch import Tensor

from models.drawing import Mark
from models.hooks import Place
from models.piece import Piece
from models.position.base import Position
from models.text import Text
from models.waves import WAVES, waves

if TYPE_CHECKING:
    from models.architecture import Architecture


class Sinusoidal(Position):
    """x_t + [sin(t ω₀), cos(t ω₀), sin(t ω₁), …] with ω_i = 10000^(−2i/D).

    Sines on even entries, cosines on odd ones.
    """

    rank: ClassVar[int] = 2
    title: ClassVar[Text] = Text("sinusoidal", "正弦")
    help: ClassVar[Text] = Text(
        "Fixed waves added to the embedding · no parameters · original Transformer",
        "把固定的正弦波加到嵌入上 · 没有参数 · 原始 Transformer",
    )
    formula: ClassVar[str] = "x_t + [sin(t·ω_i), cos(t·ω_i)], ω_i = 10000^(−2i/D)"
    citation: ClassVar[str] = "Vaswani et al. 2017, arXiv:1706.03762, §3.5"

    option: Literal["sinusoidal"] = "sinusoidal"

    def on_embedding(self, x_BTD: Tensor, at: Place) -> Tensor:
        return x_BTD + waves(at.positions_T, x_BTD.shape[-1]).to(x_BTD.dtype)

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        wave = tuple(math.sin(step / 24 * 4 * math.pi) for step in range(25))
        return (Mark("embedding", Text("+ sines and cosines", "+ 正弦位置"), "position", curve=wave),)

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        return WAVES, Piece("embedding", "{x} + waves(positions_T)")
