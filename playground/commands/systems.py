"""List the published systems in the catalogue."""

import argparse
import json
from collections.abc import Iterable, Iterator
from typing import Any

from models.architecture import Architecture
from models.cost import cost
from models.systems import System
from models.systems.base import catalogue, choices
from models.text import Text
from models.words import NONE

# What the table shows beside id and year, and how wide; everything else is in --json.
COLUMNS = {"norm": 18, "placement": 11, "position": 21, "heads": 16, "feed_forward": 17}
MARKS = {"as_published": "", "dense": "*", "table_only": "†"}
LEGEND = "* read as a dense decoder-only model; † in the table only, there is no model of it here (--json says why)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--json", action="store_true", help="everything, as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the catalogue."""
    if arguments.json:
        print(json.dumps([described(system) for system in catalogue().values()], ensure_ascii=False, indent=2))
        return 0
    for line in table(catalogue().values()):
        print(line)
    return 0


def table(systems: Iterable[System]) -> list[str]:
    """Titles, a line a system with its choices on the axes that tell most apart, a legend; within 120 columns."""
    rows = [("system", "year", *(Architecture.axes()[axis].axis_title.en.lower() for axis in COLUMNS))]
    rows += [(system.id, f"{system.year}{MARKS[system.reading]}", *_cells(system)) for system in systems]
    widths = (max(len(row[0]) for row in rows), 5, *COLUMNS.values())
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [*lines, LEGEND]


def _cells(system: System) -> Iterator[str]:
    words = choices(system)
    return (_cut(words[axis].en, width) for axis, width in COLUMNS.items())


def _cut(words: str, width: int) -> str:
    return words if len(words) <= width else words[: width - 1].rstrip(" ,") + "…"


def described(system: System) -> dict[str, Any]:
    """One system: its choices, where each was read, and both architectures written out where it has them."""
    return {
        "id": system.id,
        "name": system.name,
        "year": system.year,
        "maker": system.maker,
        "size": system.size,
        "citation": system.citation,
        "reading": system.reading,
        "left_out": _said(system.left_out),
        "choices": {axis: None if words == NONE else words.en for axis, words in choices(system).items()},
        "citations": dict(system.citations),
        "unknown": {axis: text.en for axis, text in system.unknown.items()},
        "from_memory": sorted(system.from_memory),
        "notes": [note.en for note in system.notes],
        **_architectures(system),
    }


def _architectures(system: System) -> dict[str, Any]:
    """The tiny twin with its costs and what it rounded, and the published size; null where there is none."""
    keys = ("rounded", "parameters", "flops_per_token", "cache_bytes_per_token", "twin")
    if system.published is None:
        return dict.fromkeys((*keys, "published_parameters", "published"))
    tiny, full = cost(system.twin), cost(system.published)
    return {
        "rounded": [text.en for text in system.rounded],
        "parameters": tiny.parameters,
        "flops_per_token": tiny.forward_flops_per_token,
        "cache_bytes_per_token": tiny.cache_bytes_per_token,
        "twin": system.twin.model_dump(mode="json"),
        "published_parameters": full.parameters,
        "published": system.published.model_dump(mode="json"),
    }


def _said(text: Text | None) -> str | None:
    return None if text is None else text.en
