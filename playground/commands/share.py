"""Write an experiment's results as files: report, card, tables, and an archive that imports elsewhere."""

import argparse
import sys
from pathlib import Path

from playground.share.files import files
from playground.share.source import opened


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("experiment", metavar="EXPERIMENT", help="a folder that compare wrote, an archive, or an id")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files are written")


def run(arguments: argparse.Namespace) -> int:
    """Write the files, and their names."""
    out: Path = arguments.out
    with opened(arguments.experiment) as (store, id):
        made = files(store, id)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        (out / name).write_bytes(content)
        print(out / name)
    print(NO_PNG, file=sys.stderr)
    return 0


NO_PNG = "A PNG of the card is made by the page (Share), in the browser; any browser also opens the SVG."
