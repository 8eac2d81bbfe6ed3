"""Exported files, opened: on the device that was asked for, and kept open for whoever asks again. Knows no page."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
import onnxruntime as ort

from playground import cuda_libraries
from playground.problem import Problem, Sentence
from playground.session import CUDA, FAST_SUFFIX, Session, fastest

DEVICES = ("auto", "cpu", "cuda")
MOST = 8  # files that are kept open: four variants, and four more
MOST_BYTES = 2**30  # of these files together; an open session takes about as much memory

Stamp = tuple[tuple[int, int], ...]  # of a file and its fast form: when it was written, in nanoseconds, and its bytes


def opened(path: str | Path, device: str = "auto", threads: int = 1) -> Session:
    """The file, running on `device`: `auto` takes a GPU if there is one, else the fast form if there is one.

    What it runs on is `Session.provider`, in which form `Session.form`.

    Raises:
        Problem: `cuda` where there is no GPU that ONNX Runtime can use; whatever `Session` refuses.
    """
    assert device in DEVICES
    # The package for GPUs names the provider everywhere; the driver tells, before a large file is read in vain.
    if device != "cpu" and CUDA in ort.get_available_providers() and cuda_libraries.loaded():
        session = Session(path, threads, cuda=True)
        if session.provider == CUDA:  # the driver may be there, and no GPU
            return session
    if device == "cuda":
        raise Problem(NO_GPU)
    return fastest(path, threads)


@dataclass(slots=True)
class Sessions:
    """Sessions on the processor, kept for the next one who asks; those not asked for longest go first.

    A file that was written anew is opened anew. A session that is let go lives on with whoever still uses it.
    """

    most: int = MOST
    most_bytes: int = MOST_BYTES
    _kept: "OrderedDict[Path, tuple[Stamp, Session]]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _opening: "WeakValueDictionary[Path, threading.Lock]" = field(default_factory=WeakValueDictionary)

    def open(self, path: Path) -> Session:
        """The session of this file, from now on the one asked for last.

        Raises:
            Problem: whatever `Session` refuses.
        """
        with self._gate(path):  # two who ask for one file share a session; who asks for another does not wait for it
            with self._lock:
                stamp, session = self._kept.pop(path, (None, None))
            now = _stamp(path)
            if session is None or stamp != now:
                session = _warm(fastest(path))
            with self._lock:
                self._kept[path] = now, session
                self._shrink()
            return session

    def _gate(self, path: Path) -> threading.Lock:
        """One for each path, as long as somebody is at it."""
        with self._lock:
            return self._opening.setdefault(path, threading.Lock())

    def __len__(self) -> int:
        return len(self._kept)

    def _shrink(self) -> None:
        """Down to what may be kept; the last one stays in any case, since somebody is about to use it."""
        while len(self._kept) > 1 and (len(self._kept) > self.most or self._bytes() > self.most_bytes):
            self._kept.popitem(last=False)

    def _bytes(self) -> int:
        return sum(size for ((_, size), *_), _ in self._kept.values())


def _warm(session: Session) -> Session:
    """A session's first step sets its memory up, which is no part of how long a text takes to begin."""
    session.step(np.zeros((1, 1), np.int64))
    return session


def _stamp(path: Path) -> Stamp:
    """The fast form comes a while after the file, and is what runs from then on."""
    return _written(path), _written(path.with_suffix(FAST_SUFFIX))


def _written(path: Path) -> tuple[int, int]:
    if not path.is_file():
        return 0, 0  # `Session` says what is wrong with it
    found = path.stat()
    return found.st_mtime_ns, found.st_size


NO_GPU = Sentence(
    "There is no GPU here that ONNX Runtime can use (--device cuda). Use --device cpu, or auto, "
    "which takes a GPU where there is one.",
    "这里没有 ONNX Runtime 可用的 GPU（--device cuda）。请改用 --device cpu，或用 auto：有 GPU 时自动使用。",
)
