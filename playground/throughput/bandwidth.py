"""How fast one thread reads memory here, by how much it reads again and again. Knows no model.

What fits into a processor's caches is read several times faster than what does not, so a small model's bound is
another one than a large one's. The kernel is a dot product, which does nothing else; the best of several times counts.
"""

import time
from functools import cache

import torch

LEAST, MOST = 2**16, 2**28  # bytes; below it a call costs more than the reading, beyond it nothing changes
AT_LEAST = 2**27  # bytes that are read in all, for one number
TIMES = 5


def read_bandwidth(size: int) -> float:
    """Bytes per second at which `size` bytes are read over and over; measured at the power of two below."""
    return _measured(min(max(1 << max(size, 1).bit_length() - 1, LEAST), MOST))


@cache
def _measured(size: int) -> float:
    numbers = torch.ones(size // 4)
    passes = max(1, AT_LEAST // size // TIMES)
    return size * passes / min(_seconds(numbers, passes) for _ in range(TIMES))


def _seconds(numbers: torch.Tensor, passes: int) -> float:
    begun = time.perf_counter()
    for _ in range(passes):
        torch.dot(numbers, numbers)
    return time.perf_counter() - begun
