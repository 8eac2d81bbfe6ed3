"""The machine that this process runs on and the versions of what it runs: where a result comes from."""

import importlib.metadata
import platform
from collections.abc import Iterable
from functools import cache
from typing import Any

PACKAGES = ("torch", "numpy", "safetensors", "onnxruntime", "onnxruntime-gpu")


@cache
def here() -> dict[str, Any]:
    """`{"machine", "versions"}` of this process."""
    return {"machine": platform.platform(), "versions": versions(PACKAGES)}


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Of Python, and of those of the packages that are installed."""
    found = {"python": platform.python_version()}
    for name in packages:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
