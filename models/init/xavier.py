"""Xavier: a compromise between the scale of activations and that of gradients."""

from typing import ClassVar, Literal

from models.hooks import Matrix
from models.init.base import Init
from models.text import Text


class Xavier(Init):
    """σ = √(2 / (fan-in + fan-out))."""

    rank: ClassVar[int] = 3
    title: ClassVar[Text] = Text("Xavier", "Xavier")
    help: ClassVar[Text] = Text(
        "Balances forward and backward scale · nothing · original Transformer's code",
        "兼顾前向与反向的尺度 · 零开销 · 原始 Transformer 的代码",
    )
    formula: ClassVar[str] = "σ = √(2 / (fan_in + fan_out))"
    citation: ClassVar[str] = "Glorot & Bengio 2010, §4.2"

    option: Literal["xavier"] = "xavier"

    def matrix_std(self, matrix: Matrix) -> float:
        return (2 / (matrix.fan_in + matrix.fan_out)) ** 0.5

    def std_written(self) -> str:
        return "(2 / (fan_in + fan_out)) ** 0.5"
