"""Parallel block with one norm: both sublayers read the same normalized stream, their outputs are added at once."""

from typing import ClassVar, Literal

from torch import Tensor

from models.layout.base import SHARED, Flow, OneNormEach
from models.text import Text


class Parallel(OneNormEach):
    """x + A(N(x)) + M(N(x))."""

    rank: ClassVar[int] = 2
    title: ClassVar[Text] = Text("parallel", "并行")
    help: ClassVar[Text] = Text(
        "Both branches in one go, fewer norms · about 15 % faster at scale, little loss · GPT-J, PaLM, Phi-2, Falcon "
        "7B, Command R",
        "两个分支一次算完，归一化更少 · 大规模下约快 15%，损失差别很小 · GPT-J、PaLM、Phi-2、Falcon 7B、Command R",
    )
    formula: ClassVar[str] = "x + A(N(x)) + M(N(x))"
    citation: ClassVar[str] = "PaLM, Chowdhery et al. 2022, arXiv:2204.02311, §2"

    option: Literal["parallel"] = "parallel"

    def inputs(self) -> tuple[str, ...]:
        return (SHARED,)

    def sums(self) -> tuple[str, ...]:
        return (SHARED,)

    def flow(self, x_BTD: Tensor, block: Flow) -> Tensor:
        h_BTD = block.read(x_BTD, SHARED)
        first, *others = (block.write(name, h_BTD) for name in self.sublayers())
        return block.merge(self.stays(x_BTD, h_BTD), sum(others, start=first), SHARED)
