"""Queries and keys as they come out of the projection."""

from typing import ClassVar, Literal

from models.qk_norm.base import QKNorm
from models.text import Text


class NoQKNorm(QKNorm):
    """The identity."""

    rank: ClassVar[int] = 1
    title: ClassVar[Text] = Text("none", "无")
    help: ClassVar[Text] = Text(
        "Scores may grow without bound · free · GPT-2, LLaMA, Gemma 2",
        "分数可能无限增大 · 零开销 · GPT-2、LLaMA、Gemma 2",
    )

    option: Literal["none"] = "none"
