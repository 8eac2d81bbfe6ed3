"""`python -m playground COMMAND …`: finds the command's file, reads its arguments, says a refusal in one sentence.

Imports nothing but the chosen command, so that one which needs no torch starts without it.
"""

import argparse
import ast
import difflib
import errno
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from playground.problem import Problem

FOLDER = Path(__file__).parent / "commands"
WRONG, INTERRUPTED = 2, 130  # exit codes, as shells have them
GONE, FULL = 141, 1  # of a program whose reader has left, and of one whose disk is full


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message} (--help says more)", file=sys.stderr)
        sys.exit(WRONG)


def commands() -> dict[str, str]:
    """Every command and what it does: the files of the folder and the first lines of their docstrings."""
    files = sorted(file for file in FOLDER.glob("*.py") if not file.stem.startswith("_"))
    return {file.stem: _first_line(file) for file in files}


def main(arguments: Sequence[str]) -> int:
    """Run a command; its exit code, 2 where it was asked for something that cannot be."""
    known = commands()
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_usage(known), file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else WRONG
    name, *rest = arguments
    if name not in known:
        near = difflib.get_close_matches(name, known, 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
        print(f"There is no command {name!r}; {hint}", file=sys.stderr)
        return WRONG
    command = import_module(f"playground.commands.{name}")
    parser = Parser(f"python -m playground {name}", description=known[name])
    command.add_arguments(parser)
    given = parser.parse_args(rest)
    try:
        code = command.run(given)
        sys.stdout.flush()
        return code
    except OSError as error:
        if not _is_of_output(error):
            raise
        return _unwritten(error)
    except ValueError as error:
        if not isinstance(error, _refusals()):
            raise
        print(error, file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED


def _is_of_output(error: OSError) -> bool:
    """Is standard output what failed? It fails again then, unless it has no buffer that still holds what it could not
    write."""
    try:
        sys.stdout.flush()
    except OSError:
        return True
    unbuffered = isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.write_through
    return unbuffered and error.filename is None and error.errno in (errno.EPIPE, errno.ENOSPC)


def _unwritten(error: OSError) -> int:
    """Nothing more can be written: no word where the reader has left, a sentence where the disk is full."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter fails on its way out
    if isinstance(error, BrokenPipeError):
        return GONE
    print(f"Standard output cannot be written: {error.strerror}.", file=sys.stderr)
    return FULL


def _refusals() -> tuple[type[ValueError], ...]:
    """What is said to people in one sentence; that of `models` only where the command has imported `models`."""
    text = sys.modules.get("models.text")
    return (Problem,) if text is None else (Problem, text.Refusal)


def _first_line(file: Path) -> str:
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def _usage(known: dict[str, str]) -> str:
    width = max(map(len, known), default=0)
    lines = [f"  {name.ljust(width)}  {text}" for name, text in known.items()]
    return "\n".join(["usage: python -m playground COMMAND …", "", *lines, "", "COMMAND --help says the rest."])


def _never_fail_to_print(output: object) -> None:
    """What goes into a file or a pipe is UTF-8, whatever the machine's encoding; a terminal has its own, and escapes
    for what is not in it."""
    if isinstance(output, io.TextIOWrapper):
        output.reconfigure(encoding=None if output.isatty() else "utf-8", errors="backslashreplace")


if __name__ == "__main__":
    _never_fail_to_print(sys.stdout)
    sys.exit(main(sys.argv[1:]))
