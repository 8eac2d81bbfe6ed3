"""How fast one thread multiplies matrices here, in float32. Knows no model.

Square matrices that fit into the caches: what a processor reaches at best, so that it bounds every model.
"""

import time
from functools import cache

import torch

SIZE = 768
TIMES = 7


@cache
def matrix_rate() -> float:
    """FLOPs per second: the best of several products, a multiplication and an addition being two."""
    one, other = torch.ones(SIZE, SIZE), torch.ones(SIZE, SIZE)
    return 2 * SIZE**3 / min(_seconds(one, other) for _ in range(TIMES))


def _seconds(one: torch.Tensor, other: torch.Tensor) -> float:
    begun = time.perf_counter()
    torch.mm(one, other)
    return time.perf_counter() - begun
