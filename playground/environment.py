"""The machine that this process runs on and the versions of what it runs: where a result comes from."""

import importlib.metadata
import platform
from functools import cache
from typing import Any

PACKAGES = ("torch", "numpy", "safetensors", "onnxruntime", "onnxruntime-gpu")


@cache
def here() -> dict[str, Any]:
    """`{"machine", "versions"}` of this process."""
    return {"machine": platform.platform(), "versions": {"python": platform.python_version(), **_versions()}}


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
