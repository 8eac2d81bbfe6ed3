"""One at a time in a folder, across threads and processes: who finds it taken waits. Knows no work.

The lock is SQLite's, on an empty file: every system has it, and it is gone with the process that held it.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from models.text import Refusal, Text

FILE = "export.lock"
PATIENCE = 600.0  # seconds


@contextlib.contextmanager
def alone(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold `folder`, which must be there, for this block; not twice by the same thread.

    Raises:
        Refusal: somebody else has held it for `patience` seconds.
    """
    with contextlib.closing(sqlite3.connect(folder / FILE, timeout=patience, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise Refusal(TAKEN.format(folder=folder)) from None
        yield


TAKEN = Text(
    "Another process is still exporting the run in {folder}. Try again once it is done.",
    "另一个进程还在导出 {folder} 中的模型，请等它结束后再试。",
)
