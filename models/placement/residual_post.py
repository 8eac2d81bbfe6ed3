"""Norm after the sublayer, inside the residual branch: the stream stays untouched, and so does what is read from it."""

from typing import ClassVar, Literal

from models.placement.base import Placement
from models.text import Text


class ResidualPost(Placement):
    """x + N(f(x)), with a final norm."""

    rank: ClassVar[int] = 4
    title: ClassVar[Text] = Text("in residual", "残差内后置")
    help: ClassVar[Text] = Text(
        "Bounds what a sublayer may add, reads the raw stream · as cheap as pre · OLMo 2, OLMo 3",
        "限制每个子层能加进来的量，读取未归一化的残差流 · 与前置同价 · OLMo 2、OLMo 3",
    )
    formula: ClassVar[str] = "x + N(f(x))"
    citation: ClassVar[str] = "OLMo Team 2024, arXiv:2501.00656, §2.1"
    after: ClassVar[bool] = True

    option: Literal["residual_post"] = "residual_post"
