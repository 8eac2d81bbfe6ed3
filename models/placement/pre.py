"""Pre-norm: a sublayer reads a normalized copy of the stream; the stream itself is never touched."""

from typing import ClassVar, Literal

from models.placement.base import Placement
from models.text import Text


class Pre(Placement):
    """x + f(N(x)), with a final norm."""

    rank: ClassVar[int] = 2
    title: ClassVar[Text] = Text("pre", "前置")
    help: ClassVar[Text] = Text(
        "Keeps gradients even over depth, needs little warmup · one final norm more · GPT-2 and nearly all since",
        "梯度随深度保持均匀，几乎不需要预热 · 末尾多一个归一化 · GPT-2 及之后几乎所有模型",
    )
    formula: ClassVar[str] = "x + f(N(x))"
    citation: ClassVar[str] = "Xiong et al. 2020, arXiv:2002.04745, §3"
    before: ClassVar[bool] = True

    option: Literal["pre"] = "pre"
