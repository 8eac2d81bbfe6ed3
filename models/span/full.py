"""Full span: every earlier token, and itself."""

from typing import ClassVar, Literal

from models.span.base import Span
from models.text import Text


class Full(Span):
    """j ≤ i."""

    rank: ClassVar[int] = 1
    title: ClassVar[Text] = Text("full", "全部")
    help: ClassVar[Text] = Text(
        "Sees everything before it · cost and cache grow with length · GPT-2, LLaMA, Qwen",
        "看得到之前的一切 · 计算与缓存随长度增长 · GPT-2、LLaMA、Qwen",
    )
    formula: ClassVar[str] = "j ≤ i"
    citation: ClassVar[str] = "Vaswani et al. 2017, arXiv:1706.03762, §3.2.3"

    option: Literal["full"] = "full"
