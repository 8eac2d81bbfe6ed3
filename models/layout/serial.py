"""Serial block: attention first, then feed-forward on what attention left."""

from typing import ClassVar, Literal

from torch import Tensor

from models.layout.base import Flow, OneNormEach
from models.text import Text


class Serial(OneNormEach):
    """x ← x + A(N(x)); x ← x + M(N(x))."""

    rank: ClassVar[int] = 1
    title: ClassVar[Text] = Text("serial", "串行")
    help: ClassVar[Text] = Text(
        "Feed-forward sees what attention found · two steps in a row · nearly everyone",
        "前馈层看得到注意力的结果 · 两步先后执行 · 几乎所有模型",
    )
    formula: ClassVar[str] = "x + A(N(x)), then x + M(N(x))"
    citation: ClassVar[str] = "Vaswani et al. 2017, arXiv:1706.03762, §3.1"

    option: Literal["serial"] = "serial"

    def flow(self, x_BTD: Tensor, block: Flow) -> Tensor:
        for name in self.sublayers():
            h_BTD = block.read(x_BTD, name)
            x_BTD = block.merge(self.stays(x_BTD, h_BTD), block.write(name, h_BTD), name)
        return x_BTD
