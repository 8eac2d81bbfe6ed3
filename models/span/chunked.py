"""Chunked: the text is cut into chunks of c tokens, and a query sees its own chunk."""

from typing import ClassVar, Literal

from torch import Tensor

from models.option import parameter
from models.span.comb import Comb
from models.span.local import Local, followed
from models.text import Text


class Chunked(Local):
    """⌊i / c⌋ = ⌊j / c⌋: nothing passes from chunk to chunk but in the full layers."""

    rank: ClassVar[int] = 5
    title: ClassVar[Text] = Text("chunked", "分块")
    help: ClassVar[Text] = Text(
        "Sees its own chunk; the full layers join them · cache and cost stop growing · Llama 4",
        "只看自己所在的块，块间由全局层联通 · 缓存与计算不再增长 · Llama 4",
    )
    formula: ClassVar[str] = "⌊i / c⌋ = ⌊j / c⌋"
    citation: ClassVar[str] = "Llama 4, code of the released model"

    option: Literal["chunked"] = "chunked"
    chunk: int = parameter(
        16,
        Text("chunk c", "块长 c"),
        Text("Tokens in a chunk; the first chunk begins at position 0.", "每块的词元数，第一块从位置 0 开始。"),
        panel="page",
        ge=1,
        le=131_072,
    )

    def seen(self, queries: Tensor) -> Comb:
        return Comb(first=queries - queries % self.chunk)

    def reach(self) -> int:
        return self.chunk

    def mean_seen(self, context: int) -> float:
        chunks, rest = divmod(context, self.chunk)
        return (chunks * self.chunk * (self.chunk + 1) + rest * (rest + 1)) / 2 / context

    def rule(self) -> tuple[str, dict[str, int]]:
        return "i_T1 // CHUNK == j_T // CHUNK", {"CHUNK": self.chunk}

    def label(self) -> Text:
        return Text(f"chunks of {self.chunk}", f"每块 {self.chunk}")

    def lengths(self, factor: float, multiple: int) -> dict[str, int]:
        return {"chunk": followed(self.chunk, factor, multiple)}
