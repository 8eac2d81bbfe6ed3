"""Some of many, evenly."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def thinned(values: Sequence[T], count: int) -> tuple[T, ...]:
    """At most `count` of `values`, spread evenly over them, the first and the last among them."""
    if len(values) <= count:
        return tuple(values)
    return tuple(values[round(n * (len(values) - 1) / max(1, count - 1))] for n in range(count))
