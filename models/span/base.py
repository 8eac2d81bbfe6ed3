"""Attention span: which of the earlier tokens a query may look at, layer by layer."""

from typing import TYPE_CHECKING, ClassVar

from torch import Tensor

from models.drawing import Mark
from models.option import Axis
from models.text import Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class Span(Axis):
    """A rule for what is visible, always within the causal past."""

    axis_title: ClassVar[Text] = Text("Span", "注意力范围")
    axis_help: ClassVar[Text] = Text("Which earlier tokens a query may look at.", "查询可以看到哪些更早的词元。")

    def local(self, layer: int) -> bool:
        """Does `layer` see less than everything before it?"""
        return False

    def kept(self, layer: int, length: int) -> int:
        """Entries that the cache of `layer` holds after `length` tokens."""
        return length

    def visible(self, queries_T: Tensor, keys_S: Tensor, layer: int) -> Tensor | None:
        """True where the query at i may look at the key at j, beside causality: [..., T, S]. None: everywhere."""
        return None

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        label = Text(f"{self.title.en} span", f"范围：{self.title.zh}")
        return (Mark("mask", label, "span"),)

    def pairs(self, architecture: "Architecture", layer: int) -> float:
        """How many keys a query of a full context sees in `layer`, on average."""
        context = architecture.shape.context
        return (context + 1) / 2
