"""Transformer-XL's relative positions: a query meets a key's content, and the distance to it, each in its own way."""

from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn

from models.drawing import Mark
from models.hooks import Hooks, Place, QueryKey
from models.piece import Piece
from models.position.base import Layered
from models.text import Text
from models.waves import WAVES, waves

if TYPE_CHECKING:
    from models.architecture import Architecture


class TransformerXL(Layered):
    """Score = ((q_i + u)·k_j + (q_i + v)·r_{i−j}) · scale, r_d = W_r [sin(d ω₀), cos(d ω₀), …].

    Every layer has W_r, u and v of its own.
    """

    rank: ClassVar[int] = 7
    title: ClassVar[Text] = Text("Transformer-XL", "Transformer-XL")
    help: ClassVar[Text] = Text(
        "Asks for a distance by content · a matrix a layer and nearly half as many score products again · "
        "Transformer-XL, XLNet",
        "可按内容查询距离 · 每层多一个矩阵，分数的乘法多出近一半 · Transformer-XL、XLNet",
    )
    formula: ClassVar[str] = "((q + u)·k + (q + v)·r_{i−j}) · scale"
    citation: ClassVar[str] = "Dai et al. 2019, arXiv:1901.02860, §3.3"

    option: Literal["transformer_xl"] = "transformer_xl"

    def build(self, architecture: "Architecture") -> Hooks:
        return Relative(architecture, self.acting(architecture))

    def pair_flops(self, architecture: "Architecture", layer: int) -> float:
        heads = architecture.heads
        return 2.0 * heads.query * heads.width(architecture) if self.acts(architecture, layer) else 0.0

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        content, place = (Text(label, label) for label in ("q + u", "+ (q + v) · r · scale"))
        return (
            Mark("rotated", content, "position", note=self.where()),
            Mark("bias", place, "position", note=self.where()),
        )

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        only = self.only(architecture)
        place = "place_BHTT = self.position(q_BHTK, i_T1 - j_T)"
        return (
            WAVES,
            Piece("definition", RELATIVE, self.cited()),
            Piece("attention.parts", "self.position = RelativePosition()", only=only),
            Piece("rotated", f"{place}\nq_BHTK = q_BHTK + self.position.u[:, None]", only=only),
            Piece("bias", f"place_BHTT * {architecture.heads.scale_written()}", only=only),
            Piece("renamed", r'r"parts.position.layers.(\d+)": r"blocks.\1.attention.position",'),
        )


RELATIVE = '''class RelativePosition(nn.Module):
    """says"""

    def __init__(self) -> None:
        super().__init__()
        self.relative = nn.Linear(WIDTH, QUERY_HEADS * HEAD_WIDTH, bias=False)
        self.u = nn.Parameter(torch.zeros(QUERY_HEADS, HEAD_WIDTH))
        self.v = nn.Parameter(torch.zeros(QUERY_HEADS, HEAD_WIDTH))

    def forward(self, q_BHTK: Tensor, distance_TT: Tensor) -> Tensor:
        """(q + v)·r_{i−j} of every query and key, [B, H, T, T]."""
        distances_T = torch.arange(q_BHTK.shape[2], device=q_BHTK.device)
        r_THK = self.relative(waves(distances_T)).unflatten(-1, self.v.shape)
        scores_BHTT = (q_BHTK + self.v[:, None]) @ r_THK.permute(1, 2, 0)
        return scores_BHTT.gather(-1, distance_TT.clamp(0).expand(scores_BHTT.shape))'''


class Relative(nn.Module, Hooks):
    """What is learned, for the layers where it acts, and both places where it acts."""

    def __init__(self, architecture: "Architecture", acting: tuple[bool, ...]) -> None:
        super().__init__()
        self.acting = acting
        layers = [layer for layer in range(architecture.attention_layers) if acting[layer]]
        self.layers = nn.ModuleDict({str(layer): Layer(architecture) for layer in layers})

    def on_rotated(self, qk: QueryKey, at: Place) -> QueryKey:
        if not self.acting[at.layer]:
            return qk
        q_BHTK, k_BGTK = qk
        return q_BHTK + self._layer(at).u[:, None].to(q_BHTK.dtype), k_BGTK

    def on_bias(self, bias_HTS: Tensor | None, at: Place) -> Tensor | None:
        if not self.acting[at.layer]:
            return bias_HTS
        layer, keys_S = self._layer(at), at.keys_S
        assert keys_S is not None
        wave_SD = at.once_for_keys("waves", lambda: waves(_distances(keys_S), layer.width))
        distance_TS = at.once_for_keys("distances", lambda: (at.positions_T[:, None] - keys_S).clamp(min=0))
        mine = layer.scores(at, wave_SD, distance_TS)
        return mine if bias_HTS is None else bias_HTS + mine

    def _layer(self, at: Place) -> "Layer":
        layer = self.layers[str(at.layer)]
        assert isinstance(layer, Layer)
        return layer


class Layer(nn.Module):
    """One layer's W_r, and its u and v, which start at zero."""

    def __init__(self, architecture: "Architecture") -> None:
        super().__init__()
        heads, head_width = architecture.heads.query, architecture.heads.width(architecture)
        self.width = architecture.shape.width
        self.relative = nn.Linear(self.width, heads * head_width, bias=False)
        self.u = nn.Parameter(torch.zeros(heads, head_width))
        self.v = nn.Parameter(torch.zeros(heads, head_width))

    def scores(self, at: Place, wave_SD: Tensor, distance_TS: Tensor) -> Tensor:
        """(q + v)·r_{i−j} · scale: [B, H, T, S]. The products with the S distances there are, then each pair's own."""
        assert at.q_BHTK is not None
        r_SHK = self.relative(wave_SD.to(self.relative.weight.dtype)).unflatten(-1, self.v.shape)
        q_BHTK = at.q_BHTK + (self.v - self.u)[:, None]  # it comes with u
        scores_BHTS = q_BHTK @ r_SHK.permute(1, 2, 0)
        return scores_BHTS.gather(-1, distance_TS.expand(scores_BHTS.shape)) * at.scale


def _distances(keys_S: Tensor) -> Tensor:
    """The distances there may be between the last query and a key, 0 to S − 1."""
    return torch.arange(keys_S.shape[0], device=keys_S.device)
