"""A file that one holds at a time, on systems that lock as Unix does and on Windows, which is only played here."""

import errno
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from source import ROOT

from playground import file_lock


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No fcntl, and a msvcrt that refuses as the real one does: by handle, until it is closed."""
    held: list[tuple[int, int]] = []

    def locking(handle: int, way: int, size: int) -> None:
        if held:
            raise PermissionError(errno.EACCES, "Permission denied")
        held.append((way, size))

    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    importlib.reload(file_lock)
    yield
    assert held == [(2, 1)]
    monkeypatch.undo()
    importlib.reload(file_lock)


def check(path: Path) -> None:
    with path.open("w") as one, path.open("w") as other:
        assert file_lock.take(one) and not file_lock.take(other)


def test_one_holds_a_file(tmp_path: Path) -> None:
    check(tmp_path / "lock")
    check(tmp_path / "lock")  # closed, it is free again


@pytest.mark.usefixtures("windows")
def test_one_holds_a_file_on_windows(tmp_path: Path) -> None:
    check(tmp_path / "lock")


def test_what_trains_can_be_imported_where_there_is_no_fcntl() -> None:
    """On Windows neither the page nor `compare` could start."""
    script = "import sys; sys.modules['fcntl'] = None; import playground.place, playground.pool"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
