"""No normalization at all."""

from typing import ClassVar, Literal

from torch import nn

from models.norm.base import Norm
from models.text import Text


class NoNorm(Norm):
    """The identity wherever a norm would stand."""

    rank: ClassVar[int] = 9
    title: ClassVar[Text] = Text("none", "无")
    help: ClassVar[Text] = Text(
        "Nothing keeps the stream's scale in check · free · nobody at scale",
        "没有任何东西约束残差流的尺度 · 零开销 · 大模型里没人这么做",
    )
    formula: ClassVar[str] = "x"
    normalizes: ClassVar[bool] = False

    option: Literal["none"] = "none"

    def module(self, size: int) -> nn.Module:
        return nn.Identity()
