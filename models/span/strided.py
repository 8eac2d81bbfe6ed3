"""Strided: every s-th token before the query, as far back as there are tokens."""

from typing import ClassVar, Literal

from torch import Tensor

from models.option import parameter
from models.span.comb import Comb
from models.span.local import STRIDE, STRIDE_HELP, Local, followed
from models.text import Text


class Strided(Local):
    """(i − j) mod s = 0. Beside a window of s, any token is two layers away."""

    rank: ClassVar[int] = 3
    title: ClassVar[Text] = Text("strided", "跨步")
    help: ClassVar[Text] = Text(
        "Reaches far back by leaving most tokens out · 1/s of the scores, the whole cache · Sparse Transformer, beside "
        "a window",
        "略去大部分词元，从而看得很远 · 分数只算 1/s，缓存不减 · Sparse Transformer（与窗口并用）",
    )
    formula: ClassVar[str] = "(i − j) mod s = 0"
    citation: ClassVar[str] = "Child et al. 2019, arXiv:1904.10509, §4.3"

    option: Literal["strided"] = "strided"
    stride: int = parameter(
        8,
        STRIDE,
        STRIDE_HELP,
        panel="page",
        ge=1,
        le=131_072,
    )

    def seen(self, queries: Tensor) -> Comb:
        return Comb(step=self.stride)

    def rule(self) -> tuple[str, dict[str, int]]:
        return "(i_T1 - j_T) % STRIDE == 0", {"STRIDE": self.stride}

    def label(self) -> Text:
        return Text(f"stride {self.stride}", f"步长 {self.stride}")

    def lengths(self, factor: float, multiple: int) -> dict[str, int]:
        return {"stride": followed(self.stride, factor)}
