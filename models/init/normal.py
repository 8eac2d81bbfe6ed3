"""Normal: one standard deviation for all matrices, whatever their size."""

from typing import ClassVar, Literal

from models.hooks import Matrix
from models.init.base import Init
from models.option import parameter
from models.piece import literal
from models.text import Text


class Normal(Init):
    """σ as given; GPT-2's is 0.02."""

    rank: ClassVar[int] = 2
    title: ClassVar[Text] = Text("normal", "正态")
    help: ClassVar[Text] = Text(
        "One σ for all, tuned to one width · nothing · GPT-2, LLaMA in transformers",
        "所有矩阵同一个 σ，只适合某个宽度 · 零开销 · GPT-2、transformers 里的 LLaMA",
    )
    formula: ClassVar[str] = "σ = 0.02"
    citation: ClassVar[str] = "GPT-2, Radford et al. 2019; code openai/gpt-2"

    option: Literal["normal"] = "normal"
    std: float = parameter(
        0.02, Text("σ", "σ"), Text("Standard deviation of every matrix.", "每个矩阵的标准差。"), gt=0, le=10
    )

    def note(self) -> str:
        return f"σ {self.std:g}  {super().note()}".rstrip()

    def matrix_std(self, matrix: Matrix) -> float:
        return self.std

    def std_written(self) -> str:
        return literal(self.std)
