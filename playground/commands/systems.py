"""List the published systems in the catalogue."""

import argparse
import json
from typing import Any

from models.cost import cost
from models.systems import System, systems


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--json", action="store_true", help="everything, as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the catalogue."""
    if arguments.json:
        print(json.dumps([described(system) for system in systems().values()], ensure_ascii=False, indent=2))
        return 0
    width = max(map(len, systems()))
    for id, system in systems().items():
        print(
            f"{id.ljust(width)}  {system.year}  {cost(system.twin).parameters:>9,d}  {system.name}: {system.citation}"
        )
    return 0


def described(system: System) -> dict[str, Any]:
    """One system, with its tiny twin and the published size written out."""
    costs = cost(system.twin)
    return {
        "id": system.id,
        "name": system.name,
        "year": system.year,
        "citation": system.citation,
        "citations": dict(system.citations),
        "notes": [note.en for note in system.notes],
        "rounded": [note.en for note in system.rounded],
        "parameters": costs.parameters,
        "flops_per_token": costs.forward_flops_per_token,
        "cache_bytes_per_token": costs.cache_bytes_per_token,
        "twin": system.twin.model_dump(mode="json"),
        "published": system.published.model_dump(mode="json"),
    }
