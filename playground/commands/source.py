"""Print a variant's architecture as one file of PyTorch, or what sets two such files apart."""

import argparse

from playground import link
from playground.source import file_name, of_variant, unified


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    spelt = "SYSTEM,field=value …, such as llama-3,position=alibi"
    parser.add_argument("variant", metavar="SPEC", help=spelt)
    parser.add_argument("--diff", metavar="SPEC", help="another variant: print the difference to its file")


def run(arguments: argparse.Namespace) -> int:
    """Print the file, or the difference."""
    one = link.variant(arguments.variant)
    if arguments.diff is None:
        print(of_variant(one), end="")
        return 0
    other = link.variant(arguments.diff)
    print(unified(of_variant(one), of_variant(other), (file_name(one), file_name(other))))
    return 0
