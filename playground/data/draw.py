"""Random numbers that depend on their names alone: the same on every machine, in every order, in every process."""

import hashlib
from math import prod

import numpy as np
from numpy.typing import NDArray


def draw(*names: int | str, shape: tuple[int, ...]) -> NDArray[np.uint64]:
    """Independent uniform 64-bit integers: the SHAKE-256 stream of the names, as in `draw(seed, t, shape=(12,))`."""
    stream = hashlib.shake_256(":".join(map(str, names)).encode()).digest(8 * prod(shape))
    return np.frombuffer(stream, dtype="<u8").reshape(shape)


def fractions(*names: int | str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The same as numbers in [0, 1), on the grid of 2^-53."""
    return (draw(*names, shape=shape) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def permutations(*names: int | str, rows: int, size: int) -> NDArray[np.int64]:
    """`rows` independent orders of 0 … size - 1. (Two equal 64-bit numbers in a row are not to be met.)"""
    return np.argsort(draw(*names, shape=(rows, size)), axis=1, kind="stable")
