"""Which keys a query sees, as a comb: from a first to a last one, in steps. Knows no option and no layer.

Every kind of span here is a comb, so its mask, how many keys it sees, and what two kinds have in common all follow from
the same three numbers.
"""

import math
from functools import reduce
from typing import NamedTuple

import torch
from torch import Tensor


class Comb(NamedTuple):
    """The keys from `first` to `last` that stand a multiple of `step` before the query.

    A tensor holds one position for each query.
    """

    first: Tensor | int = 0
    last: int | None = None  # None: the query itself
    step: int = 1

    def holds(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Is the key at `keys` one that the query at `queries` sees, if it is not a later one?"""
        asked: list[Tensor] = []
        if isinstance(self.first, Tensor):
            asked.append(keys >= self.first)
        if self.last is not None:
            asked.append(keys <= queries.clamp(max=self.last))
        if self.step > 1:
            asked.append((queries - keys) % self.step == 0)
        return reduce(torch.logical_and, asked or [keys <= queries])

    def meet(self, other: "Comb") -> "Comb":
        """The keys in both."""
        lasts = [last for last in (self.last, other.last) if last is not None]
        return Comb(_larger(self.first, other.first), min(lasts, default=None), math.lcm(self.step, other.step))

    def size(self, queries: Tensor) -> Tensor:
        """How many keys the query at each of `queries` sees."""
        nearest = 0 if self.last is None else (queries - self.last).clamp(min=0)
        farthest = queries - _larger(self.first, torch.zeros_like(queries))
        return (farthest // self.step - (nearest - 1) // self.step).clamp(min=0)


def _larger(one: Tensor | int, other: Tensor | int) -> Tensor | int:
    if isinstance(one, Tensor):
        return one.clamp(min=other)
    return max(one, other) if isinstance(other, int) else other.clamp(min=one)
