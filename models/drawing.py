"""What an option shows in the block diagram, as data. Knows nothing of SVG or colours."""

from dataclasses import dataclass
from typing import Literal

from models.text import Text

Spot = Literal[
    "embedding",  # on the embedded tokens
    "input",  # what a sublayer reads
    "qk",  # on queries and keys
    "scores",  # on the attention scores
    "feed_forward",  # inside the feed-forward sublayer
    "output",  # what a sublayer adds
    "residual",  # on the stream after the addition
    "final",  # before the head
    "logits",  # on the logits
    "loss",  # on the training loss
]


@dataclass(frozen=True, slots=True)
class Mark:
    """One box of the diagram: where it stands, what is written in it, and the axis it belongs to."""

    spot: Spot
    label: Text
    axis: str
    layers: tuple[int, ...] | None = None  # None: in every layer
