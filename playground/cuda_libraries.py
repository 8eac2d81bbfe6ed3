"""NVIDIA's libraries, loaded from where pip puts them: ONNX Runtime's provider does not look there by itself.

torch would have loaded them, but an exported file runs without torch. Opens no session and asks no GPU anything.
"""

import contextlib
import ctypes
import io
import sys
import warnings
from functools import cache

import onnxruntime as ort

DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


@cache
def loaded() -> bool:
    """Load what there is, once in a process; False on a machine without NVIDIA's driver, where nothing is tried.

    Says nothing: onnxruntime prints to standard output what it did not find, which may be needed by nobody.
    """
    try:
        ctypes.CDLL(DRIVER)
    except OSError:
        return False
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
        ort.preload_dlls()
    return True
