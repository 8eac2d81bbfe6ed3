"""ALiBi: a penalty on distance, steeper in some heads than in others."""

import math
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from models.drawing import Mark
from models.hooks import Place
from models.position.base import Position
from models.text import Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class Alibi(Position):
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

    def on_bias(self, bias_HTS: Tensor | None, at: Place) -> Tensor | None:
        assert at.keys_S is not None and at.q_BHTK is not None
        heads, keys_S = at.q_BHTK.shape[1], at.keys_S
        mine = at.once_for_keys("alibi", lambda: penalty(heads, at.positions_T, keys_S))
        return mine if bias_HTS is None else bias_HTS + mine

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        falling = (0.0, -1.0)
        return (Mark("bias", Text("− slope · distance", "− 斜率 · 距离"), "position", curve=falling),)


def penalty(heads: int, queries_T: Tensor, keys_S: Tensor) -> Tensor:
    """−m_h · (i − j) for queries at i and keys at j: [heads, T, S], float32."""
    slope_H = torch.tensor(slopes(heads), device=queries_T.device)
    return -slope_H[:, None, None] * (queries_T[:, None] - keys_S).float()


def slopes(heads: int) -> list[float]:
    """2^(−8h/H) for a power of two; else those of the next lower power, then every other one of twice that power."""
    lower = 2 ** math.floor(math.log2(heads))
    first = [2 ** (-8 * h / lower) for h in range(1, lower + 1)]
    between = [2 ** (-8 * h / (2 * lower)) for h in range(1, 2 * lower + 1, 2)]
    return (first + between)[:heads]
