"""Sliding window: the last W tokens, itself among them."""

from typing import ClassVar, Literal

from torch import Tensor

from models.option import parameter
from models.span.comb import Comb
from models.span.local import WINDOW, WINDOW_HELP, Local, followed
from models.text import Text


class Window(Local):
    """i − W < j ≤ i: the query itself and the W − 1 tokens before it. The cache of such a layer keeps W entries."""

    rank: ClassVar[int] = 2
    title: ClassVar[Text] = Text("window", "窗口")
    help: ClassVar[Text] = Text(
        "Sees the last W tokens; W − 1 more with each layer · cache and cost stop growing · Mistral 7B, Gemma 2, "
        "Gemma 3, OLMo 3",
        "只看最近 W 个词元，每多一层多看 W − 1 个 · 缓存与计算不再增长 · Mistral 7B、Gemma 2、Gemma 3、OLMo 3",
    )
    formula: ClassVar[str] = "i − W < j ≤ i"
    citation: ClassVar[str] = "Beltagy et al. 2020, arXiv:2004.05150, §3.1; Mistral 7B, arXiv:2310.06825, §2"

    option: Literal["window"] = "window"
    window: int = parameter(
        32,
        WINDOW,
        WINDOW_HELP,
        panel="page",
        ge=1,
        le=131_072,
    )

    def seen(self, queries: Tensor) -> Comb:
        return Comb(first=queries - self.window + 1)

    def reach(self) -> int:
        return self.window

    def mean_seen(self, context: int) -> float:
        width = min(self.window, context)  # of a text shorter than the window every key is seen
        return (width * (width + 1) / 2 + (context - width) * width) / context

    def rule(self) -> tuple[str, dict[str, int]]:
        return "j_T > i_T1 - WINDOW", {"WINDOW": self.window}

    def label(self) -> Text:
        return Text(f"window {self.window}", f"窗口 {self.window}")

    def lengths(self, factor: float, multiple: int) -> dict[str, int]:
        return {"window": followed(self.window, factor, multiple)}
