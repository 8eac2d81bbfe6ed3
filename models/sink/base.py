"""Attention sinks: an extra softmax column where attention may go that belongs nowhere."""

from typing import ClassVar

from models.option import Axis
from models.text import Text


class Sink(Axis):
    """Whether the softmax has a column without a value."""

    axis_title: ClassVar[Text] = Text("Attention sink", "注意力汇")
    axis_help: ClassVar[Text] = Text("A place for attention that belongs nowhere.", "给无处可放的注意力留一个去处。")
