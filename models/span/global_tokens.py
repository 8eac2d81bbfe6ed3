"""Global tokens: the first G tokens of the text, which everybody sees and which see everything."""

from typing import ClassVar, Literal

from torch import Tensor

from models.option import parameter
from models.span.comb import Comb
from models.span.local import Local
from models.text import Text


class GlobalTokens(Local):
    """j < G or i < G. In a causal model the second says nothing new: what comes before one of them is one of them."""

    rank: ClassVar[int] = 6
    title: ClassVar[Text] = Text("global tokens", "全局词元")
    help: ClassVar[Text] = Text(
        "A few tokens that all see, best beside a window · G scores a query, the whole cache · Longformer",
        "少数词元对所有位置可见，宜与窗口并用 · 每个查询只算 G 个分数，缓存不减 · Longformer",
    )
    formula: ClassVar[str] = "j < G or i < G"
    citation: ClassVar[str] = "Beltagy et al. 2020, arXiv:2004.05150, §3.1"

    option: Literal["global_tokens"] = "global_tokens"
    globals: int = parameter(
        4,
        Text("global tokens G", "全局词元数 G"),
        Text("How many tokens at the beginning all queries see.", "开头有多少个词元对所有查询可见。"),
        panel="page",
        ge=1,
        le=131_072,
    )

    def seen(self, queries: Tensor) -> Comb:
        return Comb(last=self.globals - 1)

    def rule(self) -> tuple[str, dict[str, int]]:
        return "j_T < GLOBALS", {"GLOBALS": self.globals}

    def label(self) -> Text:
        return Text(f"first {self.globals}", f"前 {self.globals} 个")

    def lengths(self, factor: float, multiple: int) -> dict[str, int]:
        return {"globals": max(1, round(self.globals * factor))}
