"""Sliding window: the last W tokens, itself among them; in all layers or by a pattern of local and full ones."""

import re
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import field_validator
from torch import Tensor

from models.drawing import Mark
from models.hooks import KeyValue, Place
from models.option import parameter
from models.span.base import Span
from models.text import Refusal, Text

if TYPE_CHECKING:
    from models.architecture import Architecture

N_TO_1 = re.compile(r"([1-9]\d?)_to_1")


class Window(Span):
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
        Text("window W", "窗口 W"),
        Text("Tokens a query sees, itself included.", "一个查询能看到的词元数，含自身。"),
        panel="page",
        ge=1,
        le=131_072,
    )
    pattern: str = parameter(
        "all",
        Text("local layers", "局部层"),
        Text(
            "all; alternate: local, full, local …; 3_to_1: three local layers, then a full one.",
            "all：全部局部；alternate：局部、全局交替；3_to_1：三层局部接一层全局。",
        ),
        panel="page",
        suggestions=("all", "alternate", "3_to_1", "5_to_1"),
    )

    @field_validator("pattern")
    @classmethod
    def _known(cls, pattern: str) -> str:
        if pattern not in ("all", "alternate") and not N_TO_1.fullmatch(pattern):
            sentence = Text(
                f"span.pattern={pattern!r} is no pattern of layers; there are all, alternate, and 2_to_1, 3_to_1, "
                "5_to_1 and the like.",
                f"span.pattern={pattern!r} 不是层的排列方式；可选 all、alternate，以及 2_to_1、3_to_1、5_to_1 之类。",
            )
            raise Refusal(sentence, "span.pattern")
        return pattern

    @property
    def period(self) -> int:
        """Layers after which the pattern repeats."""
        if self.pattern == "all":
            return 1
        found = N_TO_1.fullmatch(self.pattern)
        return int(found[1]) + 1 if found else 2

    def shortened(self, factor: float, multiple: int = 1) -> Self:
        window = max(1, round(self.window * factor / multiple)) * multiple
        return self.model_copy(update={"window": window})

    def check(self, architecture: "Architecture") -> None:
        if self.window > architecture.shape.context:
            context = architecture.shape.context
            sentence = Text(
                f"span.window={self.window} is longer than shape.context={context}: it would be full attention. "
                f"Choose at most {context}.",
                f"span.window={self.window} 比 shape.context={context} 还长，等于全注意力。请取不超过 {context} 的值。",
            )
            raise Refusal(sentence, "span.window", "shape.context")

    def local(self, layer: int) -> bool:
        return self.period == 1 or (layer + 1) % self.period != 0

    def kept(self, layer: int, length: int) -> int:
        return min(length, self.window) if self.local(layer) else length

    def visible(self, queries_T: Tensor, keys_S: Tensor, layer: int) -> Tensor | None:
        return queries_T[:, None] - keys_S < self.window if self.local(layer) else None

    def pairs(self, architecture: "Architecture", layer: int) -> float:
        context, window = architecture.shape.context, self.window
        if not self.local(layer):
            return super().pairs(architecture, layer)
        return (window * (window + 1) / 2 + (context - window) * window) / context

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        return (Mark("mask", Text(f"window {self.window}", f"窗口 {self.window}"), "span"),)

    def on_cache(self, kv: KeyValue, at: Place) -> KeyValue:
        if not self.local(at.layer):
            return kv
        k_BGSK, v_BGSK = kv
        return k_BGSK[:, :, -self.window :], v_BGSK[:, :, -self.window :]

    def on_mask(self, mask_TS: Tensor | None, at: Place) -> Tensor | None:
        if not self.local(at.layer):
            return mask_TS
        keys_S = at.keys_S
        assert keys_S is not None
        mine: Any = at.once_for_keys("window", lambda: self.visible(at.positions_T, keys_S, at.layer))
        return mine if mask_TS is None else mask_TS & mine
