"""Guesses at what comes next, looked up in the text itself: what stood there the last time the same ids came before.

The drafts of speculative decoding without a second model (Yang et al. 2023, "Inference with Reference",
arXiv:2304.04487). Knows ids alone: neither a model nor how a guess is checked, nor whether it was right.
"""

from collections.abc import Iterable, Sequence

GUESSES = 2  # beside the token that is certain: three are read for little more than one, a fourth costs what it brings
LENGTHS = (3, 2, 1)  # of the runs of ids that are remembered; the longest that occurred before decides


class Lookup:
    """One text, id by id, and where every short run of its ids was last left behind."""

    def __init__(self, ids: Iterable[int]) -> None:
        self._ids: list[int] = []
        self._after: dict[tuple[int, ...], int] = {}  # where that stands which followed a run the last time
        for id in ids:
            self.learn(id)

    def learn(self, id: int) -> None:
        """The text goes on with this id."""
        ids, after = self._ids, self._after
        for length in LENGTHS:
            after[tuple(ids[-length:])] = len(ids)
        ids.append(id)

    def guesses(self) -> Sequence[int]:
        """`GUESSES` ids that may come next, or none where the last id never occurred before."""
        ids = self._ids
        for length in LENGTHS:
            at = self._after.get(tuple(ids[-length:]))
            if at is not None:
                return (ids[at : at + GUESSES] + ids[-1:])[:GUESSES]  # of a repeated id only one stands behind it
        return ()
