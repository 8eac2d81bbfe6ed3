"""Keys and values of layers with a window, in buffers little longer than it, pushed together when they are full.

A graph that writes in place wants each token's entry behind the last one's; pushing the window's entries to the front
every `SLACK` tokens costs a fraction of moving them at every one. numpy alone; knows no graph.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

SLACK = 64  # tokens that are written between two pushes
Floats = NDArray[np.float32]


class Sliding:
    """What layers with a window of `size` hold: buffers [B, G, S, K], whose first entry is that of token `begin`.

    A query sees its own token's entry and the `size` − 1 before it, so that no more are kept.
    """

    def __init__(self, size: int, empty: Mapping[str, Floats]) -> None:
        self.size, self.begin, self.buffers = size, 0, dict(empty)
        batch = next(iter(empty.values())).shape[0]
        self.seqlens, self.total = np.zeros(batch, np.int32), np.zeros((), np.int32)  # what the graph is told

    @property
    def room(self) -> int:
        """Entries that a buffer can hold."""
        return next(iter(self.buffers.values())).shape[2]

    def fit(self, tokens: int, first: int) -> bool:
        """Make room for `tokens` at once, of which `first` is the next; were new buffers needed?"""
        room = self.size - 1 + max(SLACK, tokens)
        if room == self.room:
            return False
        self._move(self._empty(room), self, first)
        return True

    def take(self, other: "Sliding", first: int) -> None:
        """Hold what `other` does of the tokens before `first`.

        Raises:
            ValueError: it is gone, since `other` has gone far on.
        """
        self._move(self._empty(other.room), other, first)

    def advance(self, first: int, end: int) -> None:
        """Tokens `first` to `end` are about to be written."""
        if end - self.begin > self.room:
            self._move(self.buffers, self, first)
        self.total.fill(end - self.begin)
        self.seqlens.fill(end - self.begin - 1)

    def _move(self, to: dict[str, Floats], other: "Sliding", first: int) -> None:
        """Put to the front of the buffers `to` what token `first` can see of `other`, and take them for one's own."""
        kept = min(first, self.size - 1)
        stands = first - kept - other.begin
        if stands < 0:
            raise ValueError(f"token {first} comes too late: a window's entries stay for {SLACK} more tokens at most")
        for name, buffer in other.buffers.items():
            to[name][:, :, :kept] = buffer[:, :, stands : stands + kept]
        self.buffers, self.begin = to, first - kept

    def _empty(self, room: int) -> dict[str, Floats]:
        return {name: np.zeros((*one.shape[:2], room, one.shape[3]), one.dtype) for name, one in self.buffers.items()}
