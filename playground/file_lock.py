"""A file that one process holds at a time; the system lets go of it when that process ends, however it ends."""

from importlib import import_module
from typing import IO, Any

try:
    import fcntl
except ImportError:  # Windows has another way
    fcntl = None


def take(file: IO[Any]) -> bool:
    """Hold the open file until it is closed; False where somebody else holds it, in this process or another."""
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            windows: Any = import_module("msvcrt")
            windows.locking(file.fileno(), windows.LK_NBLCK, 1)
    except (BlockingIOError, PermissionError):  # what the two say of a file that is held
        return False
    return True
