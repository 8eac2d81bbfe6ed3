"""The heaps that threads share, counted by the C library itself."""

import platform
import subprocess
import sys

import pytest
from source import ROOT

FILLED = """
import ctypes, threading
from playground.ui import arenas
{share}
library, together = ctypes.CDLL(None), threading.Barrier(8)
library.malloc.restype = library.fopen.restype = ctypes.c_void_p
def work() -> None:
    library.malloc(ctypes.c_size_t(1000))
    together.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
file = ctypes.c_void_p(library.fopen(b"/dev/stdout", b"w"))
library.malloc_info(0, file)
library.fclose(file)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such heaps")
def test_threads_share_few_heaps() -> None:
    def heaps(share: str) -> int:
        script = FILLED.format(share=share)
        out = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
        return out.stdout.count("<heap nr=")

    assert heaps("arenas.share()") == 2 < heaps("")
