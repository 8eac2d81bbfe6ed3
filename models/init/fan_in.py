"""Fan-in: a matrix keeps the scale of what it reads."""

from typing import ClassVar, Literal

from models.hooks import Matrix
from models.init.base import Init
from models.text import Text


class FanIn(Init):
    """σ = 1/√fan-in; a table of embeddings counts its width as fan-in, since the head reads it."""

    rank: ClassVar[int] = 1
    title: ClassVar[Text] = Text("fan-in", "fan-in")
    help: ClassVar[Text] = Text(
        "Keeps the scale of activations at any width · nothing · T5, PaLM, but for their embeddings and T5's queries",
        "任何宽度下都保持激活的尺度 · 零开销 · T5、PaLM（嵌入与 T5 的查询除外）",
    )
    formula: ClassVar[str] = "σ = 1/√fan_in"
    citation: ClassVar[str] = "LeCun et al. 1998, Efficient BackProp, §4.6"

    option: Literal["fan_in"] = "fan_in"

    def matrix_std(self, matrix: Matrix) -> float:
        return matrix.fan_in**-0.5

    def std_written(self) -> str:
        return "fan_in**-0.5"
