"""The ordinary softmax: all attention goes to tokens."""

from typing import ClassVar, Literal

from models.sink.base import Sink
from models.text import Text


class NoSink(Sink):
    """The identity."""

    rank: ClassVar[int] = 1
    title: ClassVar[Text] = Text("none", "无")
    help: ClassVar[Text] = Text(
        "Every row of attention sums to 1 · free · nearly everyone", "每行注意力之和为 1 · 零开销 · 几乎所有模型"
    )

    option: Literal["none"] = "none"
