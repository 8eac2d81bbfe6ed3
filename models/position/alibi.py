"""ALiBi: a penalty on distance, steeper in some heads than in others."""

import math
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from models.drawing import Mark, short
from models.hooks import Hooks, Place
from models.option import parameter
from models.piece import Piece, literal
from models.position.base import Layered
from models.text import Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class Alibi(Layered):
    """Score − m_h · (i − j), added after scaling."""

    rank: ClassVar[int] = 5
    title: ClassVar[Text] = Text("ALiBi", "ALiBi")
    help: ClassVar[Text] = Text(
        "Penalizes distance, and goes on beyond the trained length · no parameters · BLOOM, MPT",
        "按距离扣分，超出训练长度仍可用 · 没有参数 · BLOOM、MPT",
    )
    formula: ClassVar[str] = "q·k/√K − m_h·(i − j)"
    citation: ClassVar[str] = "Press et al. 2021, arXiv:2108.12409, §3"

    option: Literal["alibi"] = "alibi"
    slopes: float = parameter(
        8.0,
        Text("range of slopes", "斜率范围"),
        Text(
            "Head h of H has slope 2^(−range·h/H): the larger, the flatter the last head (alibi_bias_max of MPT).",
            "H 个头中第 h 个的斜率是 2^(−范围·h/H)；越大，最后一个头越平缓（即 MPT 的 alibi_bias_max）。",
        ),
        gt=0,
        le=64,
    )
    inside_scale: bool = parameter(
        False,
        Text("inside the scale", "一并缩放"),
        Text(
            "Multiply the penalty by the score scale too, (q·k + penalty) / √K (Falcon-RW).",
            "扣分也乘以分数缩放：(q·k + 扣分) / √K（Falcon-RW）。",
        ),
    )
    rounding: Literal["none", "bfloat16"] = parameter(
        "none",
        Text("rounding", "舍入"),
        Text(
            "bfloat16: slopes, positions and their products keep 8 significant bits, whatever the model's precision "
            "(Falcon-RW).",
            "bfloat16：无论模型是什么精度，斜率、位置及其乘积都只保留 8 个二进制有效位（Falcon-RW）。",
        ),
    )

    def build(self, architecture: "Architecture") -> Hooks:
        return Penalty(self, architecture.heads.query, self.acting(architecture))

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        steep = "" if self.slopes == 8 else f"2^(−{short(self.slopes)} h/H)"
        inside = "× scale" if self.inside_scale else ""
        rounded = "" if self.rounding == "none" else self.rounding
        note = " · ".join(filter(None, (steep, inside, rounded, self.where())))
        curve = () if note else (0.0, -1.0)
        return (Mark("bias", Text("− slope · distance", "− 斜率 · 距离"), "position", note=note, curve=curve),)

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        heads = architecture.heads
        power = heads.query & (heads.query - 1) == 0
        function, of = (ALIBI, "i_T1 - j_T") if self.rounding == "none" else (ALIBI_ROUNDED, "i_T1, j_T")
        scale = f" * {heads.scale_written()}" if self.inside_scale else ""
        return (
            Piece("constant", f"SLOPES = {literal(self.slopes)}", "head h of H has the slope 2^(−this · h/H)"),
            Piece("definition", EVEN if power else BETWEEN),
            Piece("definition", function, self.cited()),
            Piece("bias", f"alibi({of}){scale}", only=self.only(architecture)),
        )


EVEN = '''def slopes() -> list[float]:
    """How steep the penalty is in every head, H a power of two: 2^(−SLOPES · h / H)."""
    return [2 ** (-SLOPES * head / QUERY_HEADS) for head in range(1, QUERY_HEADS + 1)]'''

BETWEEN = '''def slopes() -> list[float]:
    """Those of the next lower power of two, then every other one of twice as many."""
    lower = 2 ** math.floor(math.log2(QUERY_HEADS))
    first = [2 ** (-SLOPES * head / lower) for head in range(1, lower + 1)]
    steps = range(1, 2 * lower + 1, 2)
    between = [2 ** (-SLOPES * step / (2 * lower)) for step in steps]
    return (first + between)[:QUERY_HEADS]'''

ALIBI = '''def alibi(distance_TT: Tensor) -> Tensor:
    """says"""
    slope_H11 = torch.tensor(slopes(), device=distance_TT.device)[:, None, None]
    return -slope_H11 * distance_TT'''

ALIBI_ROUNDED = '''def alibi(i_T1: Tensor, j_T: Tensor) -> Tensor:
    """says"""
    slope_H11 = torch.tensor(slopes(), device=j_T.device)[:, None, None].bfloat16()
    height_HT1, height_H1T = (slope_H11 * t.bfloat16() for t in (i_T1, j_T))
    return height_H1T.float() - height_HT1.float()'''


class Penalty(Hooks):
    """What ALiBi adds to the scores of the layers where it acts."""

    def __init__(self, option: Alibi, heads: int, acting: tuple[bool, ...]) -> None:
        self.option, self.acting = option, acting
        self.slopes = slopes(heads, option.slopes)

    def on_bias(self, bias_HTS: Tensor | None, at: Place) -> Tensor | None:
        if not self.acting[at.layer]:
            return bias_HTS
        keys_S = at.keys_S
        assert keys_S is not None
        lost = penalty if self.option.rounding == "none" else rounded_penalty
        mine = at.once_for_keys("alibi", lambda: lost(self.slopes, at.positions_T, keys_S))
        mine = mine * at.scale if self.option.inside_scale else mine
        return mine if bias_HTS is None else bias_HTS + mine


def penalty(slopes: list[float], queries_T: Tensor, keys_S: Tensor) -> Tensor:
    """−m_h · (i − j) for queries at i and keys at j: [H, T, S], float32."""
    slope_H = torch.tensor(slopes, device=queries_T.device)
    return -slope_H[:, None, None] * (queries_T[:, None] - keys_S).float()


def rounded_penalty(slopes: list[float], queries_T: Tensor, keys_S: Tensor) -> Tensor:
    """m_h · j − m_h · i, each product as bfloat16 has it: [H, T, S], float32.

    Falcon adds m_h · j alone; what is the same for all keys of a query makes no difference to a softmax.
    """
    slope_H = _rounded(torch.tensor(slopes, device=queries_T.device))
    height_HT, height_HS = (_rounded(slope_H[:, None] * _rounded(t.float())) for t in (queries_T, keys_S))
    return height_HS[:, None, :] - height_HT[:, :, None]


def slopes(heads: int, reach: float = 8.0) -> list[float]:
    """2^(−reach·h/H) for a power of two; else those of the next lower, then every other one of twice that power."""
    lower = 2 ** math.floor(math.log2(heads))
    first = [2 ** (-reach * h / lower) for h in range(1, lower + 1)]
    between = [2 ** (-reach * h / (2 * lower)) for h in range(1, 2 * lower + 1, 2)]
    return (first + between)[:heads]


def _rounded(x: Tensor) -> Tensor:
    return x.bfloat16().float()
