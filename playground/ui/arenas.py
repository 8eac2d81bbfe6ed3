"""Keeps the server's memory from growing with its threads: glibc frees into up to eight heaps a core.

What is freed in one of them is used again only there. Sessions are opened and closed by whichever thread answers: ten
experiments left 80 MB behind in that way.
"""

import ctypes
import sys

ARENA_MAX = -8  # M_ARENA_MAX of malloc.h
FEW = 2


def share() -> None:
    """Have all threads share a few heaps, where the C library is one that can be told so."""
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if hasattr(library, "mallopt"):
        library.mallopt(ARENA_MAX, FEW)
