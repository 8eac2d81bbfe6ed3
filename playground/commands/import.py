"""Take an archive of an experiment into this machine's history."""

import argparse
import uuid
from contextlib import closing
from pathlib import Path

from playground.home import home
from playground.share.archive import take_in
from playground.share.source import content_of
from playground.store import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("archive", type=Path, metavar="FILE.zip", help="what share, publish or the page has written")


def run(arguments: argparse.Namespace) -> int:
    """Take it in, and print its id, by which the page finds it: `?run=ID`."""
    content, where = content_of(arguments.archive), home()
    with closing(Store(where.database, check=True)) as store:
        print(take_in(store, where.runs, content, "", uuid.uuid4().hex))
    return 0
