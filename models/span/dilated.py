"""Dilated window: W tokens, every s-th one; sees as much as a window of W and s times as far."""

from typing import ClassVar, Literal

from torch import Tensor

from models.option import parameter
from models.span.comb import Comb
from models.span.local import STRIDE, STRIDE_HELP, WINDOW, WINDOW_HELP, Local, followed
from models.text import Text


class Dilated(Local):
    """(i − j) mod s = 0 and (i − j) / s < W. The cache keeps all that lies between: (W − 1)·s + 1 entries."""

    rank: ClassVar[int] = 4
    title: ClassVar[Text] = Text("dilated", "空洞")
    help: ClassVar[Text] = Text(
        "A window with gaps: s times as far at equal cost · the cache keeps the gaps too · Longformer, upper layers",
        "带间隔的窗口：计算量相同，看得 s 倍远 · 间隔中的词元也要缓存 · Longformer 的高层",
    )
    formula: ClassVar[str] = "(i − j) mod s = 0, (i − j) / s < W"
    citation: ClassVar[str] = "Beltagy et al. 2020, arXiv:2004.05150, §3.1"

    option: Literal["dilated"] = "dilated"
    window: int = parameter(
        8,
        WINDOW,
        WINDOW_HELP,
        panel="page",
        ge=1,
        le=131_072,
    )
    stride: int = parameter(
        4,
        STRIDE,
        STRIDE_HELP,
        panel="page",
        ge=1,
        le=131_072,
    )

    def seen(self, queries: Tensor) -> Comb:
        return Comb(first=queries - (self.window - 1) * self.stride, step=self.stride)

    def reach(self) -> int:
        return (self.window - 1) * self.stride + 1

    def rule(self) -> tuple[str, dict[str, int]]:
        return "((i_T1 - j_T) % STRIDE == 0) & (j_T > i_T1 - WINDOW * STRIDE)", {
            "WINDOW": self.window,
            "STRIDE": self.stride,
        }

    def label(self) -> Text:
        return Text(f"window {self.window} × {self.stride}", f"窗口 {self.window} × {self.stride}")

    def lengths(self, factor: float, multiple: int) -> dict[str, int]:
        """What follows the context is the reach: as many tokens as it holds at the new stride, which then fills it."""
        reach = Dilated.reach(self) * factor
        stride = followed(self.stride, factor)
        window = max(min(self.window, 2), int((reach - 1) / stride) + 1)
        window = max(multiple, window // multiple * multiple)
        widest = int((reach - 1) / max(window - 1, 1))
        return {"window": window, "stride": max(1, min(stride, widest))}
