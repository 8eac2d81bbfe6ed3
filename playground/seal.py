"""A file that says whether its bytes are those that were written: their digest stands in its own metadata.

What is hashed is the whole file with the digest's characters blank. Knows of ONNX only how a file spells an entry of
its metadata; neither onnx nor onnxruntime.
"""

import hashlib
import mmap
from collections.abc import Callable
from pathlib import Path

DIGEST = "playground.digest"
BLANK = "0" * 64  # what `write_whole` puts the digest in the place of
UNSEALED = "none"  # in the digest's place: somebody has changed the file, and means to
_MARK = DIGEST.encode() + b"\x12\x40"  # protobuf: field 2, of 64 bytes, which follow


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a file, put its digest where its metadata holds `BLANK`, and move it to `path`.

    The file appears whole or not at all; what is left of one that could not be written is taken away.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        write(partial)
        _seal(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def intact(path: Path, digest: str) -> bool:
    """Does the file hold what it held when `digest`, which its metadata says, was put into it?"""
    at, found = _digest(path, digest)
    return at >= 0 and found == digest


def _seal(path: Path) -> None:
    at, digest = _digest(path, BLANK)
    assert at >= 0, "the metadata has no place for the digest"
    with path.open("r+b") as file:
        file.seek(at)
        file.write(digest.encode())


def _digest(path: Path, written: str) -> tuple[int, str]:
    """Where the digest stands, which reads `written` there, and what it should be; -1 and nothing if nowhere."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = content.rfind(_MARK + written.encode())
        if at < 0:
            return -1, ""
        at += len(_MARK)
        digest = hashlib.sha256()
        with memoryview(content) as view, view[:at] as before, view[at + len(BLANK) :] as after:
            for part in (before, BLANK.encode(), after):
                digest.update(part)
        return at, digest.hexdigest()
