"""Double norm: before and after the sublayer, both inside the residual branch."""

from typing import ClassVar, Literal

from models.placement.base import Placement
from models.text import Text


class Double(Placement):
    """x + N₂(f(N₁(x))), with a final norm."""

    rank: ClassVar[int] = 3
    title: ClassVar[Text] = Text("double", "前后双置")
    help: ClassVar[Text] = Text(
        "Bounds what a sublayer may add · two norms a sublayer · Gemma 2, Gemma 3, Grok-1",
        "限制每个子层能加进来的量 · 每个子层两个归一化 · Gemma 2、Gemma 3、Grok-1",
    )
    formula: ClassVar[str] = "x + N₂(f(N₁(x)))"
    citation: ClassVar[str] = "Gemma Team 2024, arXiv:2408.00118, §2"
    before: ClassVar[bool] = True
    after: ClassVar[bool] = True

    option: Literal["double"] = "double"
