"""What an option shows in the block diagram, as data. Knows nothing of SVG or colours."""

from dataclasses import dataclass
from typing import Literal

from models.text import Text

# Most spots are named after the hook at which the option acts (see `models.hooks`), and are drawn in its order.
Spot = Literal[
    "embedding",  # on the embedded tokens
    "entry",  # on the stream before a sublayer
    "input",  # on what a sublayer reads
    "projection",  # on q, k and v before they are split into heads
    "heads",  # on q and k
    "rotation",
    "rotated",
    "scale",  # how a score is made of q and k
    "cap",  # on the scaled score
    "bias",  # added to the score
    "mask",  # which scores count; the picture beside it is drawn from `Span.visible`
    "sink",  # one more column of the softmax
    "weights",  # on the attention weights
    "feed_forward",  # a branch of the feed-forward sublayer
    "product",  # where its branches meet
    "output",  # on what a sublayer adds
    "residual",  # on the stream after the addition
    "final",  # on the stream after the last block
    "head",  # between that and the head
    "logits",
    "loss",  # on the training loss
    "init",  # how the matrices start
]


@dataclass(frozen=True, slots=True)
class Mark:
    """One box of the diagram: where it stands, what is written in it, and what it shows, as axes or paths."""

    spot: Spot
    label: Text
    axis: str
    also: tuple[str, ...] = ()  # what else it shows
    note: str = ""  # a small addition in symbols, such as θ 10k
    curve: tuple[float, ...] = ()  # a function to sketch, sampled from left to right
    column: int = 0  # which branch, where a spot has several beside each other
    offset: bool = False  # does it add a learned offset?

    @property
    def axes(self) -> tuple[str, ...]:
        """All that it shows."""
        return (self.axis, *self.also)


def short(number: float) -> str:
    """A number as it is written in a small box: 10k, 500k, 1M, 0.25."""
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= unit:
            return f"{number / unit:.4g}{letter}"
    return f"{number:.3g}"
