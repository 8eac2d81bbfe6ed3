"""Parallel block with two norms: each sublayer normalizes for itself, their outputs are added at once."""

from typing import ClassVar, Literal

from torch import Tensor

from models.layout.base import SHARED, Flow, Layout
from models.text import Text


class ParallelTwoNorms(Layout):
    """x + A(N₁(x)) + M(N₂(x))."""

    rank: ClassVar[int] = 3
    title: ClassVar[Text] = Text("parallel, two norms", "并行，两个归一化")
    help: ClassVar[Text] = Text(
        "Parallel, each branch with its own norm · one norm more than parallel · GPT-NeoX, Falcon 40B",
        "并行，但每个分支有自己的归一化 · 比并行多一个归一化 · GPT-NeoX、Falcon 40B",
    )
    formula: ClassVar[str] = "x + A(N₁(x)) + M(N₂(x))"
    citation: ClassVar[str] = "GPT-NeoX-20B, Black et al. 2022, arXiv:2204.06745, §2.1"

    option: Literal["parallel_two_norms"] = "parallel_two_norms"

    def sums(self) -> tuple[str, ...]:
        return (SHARED,)

    def flow(self, x_BTD: Tensor, block: Flow) -> Tensor:
        first, *others = (block.write(name, block.read(x_BTD, name)) for name in self.sublayers())
        return block.merge(x_BTD, sum(others, start=first), SHARED)
