"""Position.

How a model knows where a token stands. Acts through hooks: on the embedding, on q and k, or on the scores.
"""

from typing import TYPE_CHECKING, ClassVar

from models.option import Axis
from models.text import Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class Position(Axis):
    """A position encoding."""

    axis_title: ClassVar[Text] = Text("Position", "位置编码")
    axis_help: ClassVar[Text] = Text("How the model knows where a token stands.", "模型如何知道词元所处的位置。")

    def reach(self, architecture: "Architecture") -> int | None:
        """How many positions it can tell apart; None: no limit."""
        return None

    def acts(self, architecture: "Architecture", layer: int) -> bool:
        """Does it act in `layer`?"""
        return True
