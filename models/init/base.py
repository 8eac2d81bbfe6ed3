"""Initialization: how large the matrices start. Which random numbers: that is `models.initialize`."""

from typing import TYPE_CHECKING, ClassVar, Literal

from models.drawing import Mark
from models.hooks import Matrix
from models.option import Axis, parameter
from models.piece import Piece
from models.text import Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class Init(Axis):
    """The standard deviation of a matrix, and what is special about those that write to the residual stream."""

    axis_title: ClassVar[Text] = Text("Initialization", "初始化")
    axis_help: ClassVar[Text] = Text("How large the matrices start.", "矩阵的初始尺度。")

    residual: Literal["one", "depth", "zero"] = parameter(
        "one",
        Text("residual outputs", "残差输出"),
        Text(
            "Matrices that write to the stream start as the others (one), smaller by 1/√(2·layers) (depth, GPT-2), or "
            "at zero.",
            "写入残差流的矩阵：与其他相同（one）、乘以 1/√(2·层数)（depth，GPT-2）或从零开始（zero）。",
        ),
    )

    def matrix_std(self, matrix: Matrix) -> float:
        """The standard deviation of a matrix that does not write to the stream."""
        raise NotImplementedError

    def on_init(self, std: float, matrix: Matrix) -> float:
        factor = {"one": 1.0, "depth": (2 * matrix.layers) ** -0.5, "zero": 0.0}[self.residual]
        return self.matrix_std(matrix) * (factor if matrix.writes_residual else 1.0)

    def std_written(self) -> str:
        """`matrix_std` in source code, where fan_in and fan_out are at hand."""
        raise NotImplementedError

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        lines = [f"std = {self.std_written()}"]
        if self.residual != "one":
            smaller = "std / (2 * LAYERS) ** 0.5" if self.residual == "depth" else "0.0"
            lines += ['if name.endswith(("attention.out", "feed_forward.down")):', f"    std = {smaller}"]
        return (Piece("std", "\n".join(lines), self.cited()),)

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        label = Text(f"start: {self.title.en}", f"初始化：{self.title.zh}")
        return (Mark("init", label, "init", note=self.note()),)

    def note(self) -> str:
        """What the diagram writes beside its name."""
        return {"one": "", "depth": "out, down × 1/√2L", "zero": "out, down = 0"}[self.residual]
