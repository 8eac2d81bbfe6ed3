"""QK norm: normalization of queries and keys, so that no score can run away."""

from typing import ClassVar

from models.option import Axis
from models.text import Text


class QKNorm(Axis):
    """Whether and how queries and keys are normalized."""

    axis_title: ClassVar[Text] = Text("QK norm", "QK 归一化")
    axis_help: ClassVar[Text] = Text("Normalizes queries and keys before they meet.", "在 q 与 k 相乘之前先归一化。")
