"""Learned positions: a table with a row for every position up to the context."""

from typing import TYPE_CHECKING, ClassVar, Literal

from torch import Tensor, nn

from models.drawing import Mark
from models.hooks import Hooks, Place
from models.piece import Piece
from models.position.base import Position
from models.text import Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class Learned(Position):
    """x_t + P[t]; beyond the context there is no row."""

    rank: ClassVar[int] = 3
    title: ClassVar[Text] = Text("learned", "可学习")
    help: ClassVar[Text] = Text(
        "A trained vector for each position · context × width parameters, and it ends at the context · GPT-1 to "
        "GPT-3, OPT, BERT",
        "每个位置一个可训练向量 · 多 context × width 个参数，到上下文长度为止 · GPT-1 到 GPT-3、OPT、BERT",
    )
    formula: ClassVar[str] = "x_t + P[t]"
    citation: ClassVar[str] = "GPT-2, Radford et al. 2019, §2.3; Gehring et al. 2017, arXiv:1705.03122, §3.1"

    option: Literal["learned"] = "learned"

    def reach(self, architecture: "Architecture") -> int | None:
        return architecture.shape.context

    def build(self, architecture: "Architecture") -> Hooks:
        return Table(architecture.shape.context, architecture.shape.width)

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        return (Mark("embedding", Text("+ learned positions", "+ 可学习位置"), "position"),)

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        return (
            Piece("model.parts", "self.positions = nn.Embedding(CONTEXT, WIDTH)"),
            Piece("embedding", "{x} + self.positions(positions_T)", f"Learned positions. {self.citation}"),
            Piece("renamed", '"parts.position.table": "positions",'),
        )


class Table(nn.Module, Hooks):
    """A row a position."""

    def __init__(self, rows: int, width: int) -> None:
        super().__init__()
        self.table = nn.Embedding(rows, width)

    def on_embedding(self, x_BTD: Tensor, at: Place) -> Tensor:
        return x_BTD + self.table(at.positions_T)
