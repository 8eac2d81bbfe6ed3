"""The Python standard library as text on every machine: its modules in a fixed order. Reads, and imports none of it."""

import hashlib
import os
import sysconfig
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

LIMIT = 1_200_000
"""Characters taken, about, by each source made of the standard library."""
PACKAGES = {"site-packages", "dist-packages"}
SKIPPED = {"test", "tests", "idlelib", "lib2to3", "pydoc_data", "turtledemo", "encodings"} | PACKAGES
"""Folders of tests and tables, and of what is not the library itself."""


def root() -> Path:
    """The folder of the library."""
    return Path(sysconfig.get_paths()["stdlib"])


def modules() -> Iterator[tuple[str, str]]:
    """Path and source of each module, read as they are asked for."""
    paths = []
    for folder, below, files in os.walk(root()):
        below[:] = [name for name in below if name not in SKIPPED]
        paths += [Path(folder, name).relative_to(root()).as_posix() for name in files if name.endswith(".py")]
    for path in mixed(paths):
        with tokenize.open(root() / path) as file:
            yield path, file.read()


def mixed(names: Iterable[str]) -> list[str]:
    """Names in the order of their SHA-256: the same everywhere, and alike ones apart, so that the last tenth of a text,
    which is for validation, is not all of one kind."""
    return sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())
