"""Write a folder that is ready to push as a Space: a static report, or the playground with the experiment in it."""

import argparse
import sys
from pathlib import Path

from playground.share.source import opened
from playground.share.space import KINDS, publish


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("experiment", metavar="EXPERIMENT", help="a folder that compare wrote, an archive, or an id")
    parser.add_argument("--space", choices=KINDS, required=True, help="what the folder becomes")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")


def run(arguments: argparse.Namespace) -> int:
    """Write the folder, and what it holds."""
    with opened(arguments.experiment) as (store, id):
        names = publish(store, id, arguments.space, arguments.out)
    for name in names:
        print(arguments.out / name)
    print("Push it to the Space's repository with git.", file=sys.stderr)
    return 0
