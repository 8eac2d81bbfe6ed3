"""How source code is laid out: statements, comments, docstrings, calls that are too long. Knows nothing of models."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from models.piece import Only

WIDTH = 88  # columns: two files fit beside each other
STEP = "    "
SAYS = '"""says"""'


@dataclass(frozen=True, slots=True)
class Statement:
    """Lines of code, what a comment says of them, and the layers in which they stand."""

    text: str
    says: str = ""
    only: Only | None = None
    unless: bool = False


def comment(says: str, indent: str = "") -> list[str]:
    """`says` as a comment of as many lines as it needs."""
    says = " ".join(_stop(line) for line in says.split("\n"))
    return textwrap.wrap(says, WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")


def docstring(says: str, indent: str = STEP) -> list[str]:
    """`says` as a docstring: in one line, or each of its lines a paragraph."""
    lines = [_stop(line) for line in says.split("\n")]
    whole = f'{indent}"""{" ".join(lines)}"""'
    if len(whole) <= WIDTH:
        return [whole]
    first, *others = (textwrap.wrap(line, WIDTH - len(indent) - 3) for line in lines)
    found = [f'{indent}"""{first[0]}', *(indent + line for line in first[1:])]
    if not others and len(first) == 1 and len(found[0]) + 3 <= WIDTH:
        return [f'{found[0]}"""']
    for paragraph in others:
        found += ["", *(indent + line for line in paragraph)]
    return [*found, f'{indent}"""']


def definition(text: str, says: str) -> list[str]:
    """A function or class, with `says` where its docstring stands."""
    found: list[str] = []
    for line in text.split("\n"):
        found += docstring(says, line[: -len(SAYS)]) if line.endswith(SAYS) else fitted(line)
    return found


def constant(text: str, says: str) -> str:
    """NAME = value, with a remark where there is room for it."""
    return text if not says or len(f"{text}  # {says}") > WIDTH else f"{text}  # {says}"


def statements(found: Sequence[Statement], indent: str) -> list[str]:
    """Statements below each other; those of the same layers in a row stand under one condition."""
    lines: list[str] = []
    for condition, group in groupby(found, _condition):
        if condition is None:
            lines += [line for statement in group for line in _statement(statement, indent)]
            continue
        flag, unless = condition
        opened = f"{indent}if {'not ' if not unless else ''}self.{flag}:"  # the opposite, right above
        above = [line for line in lines if not line.startswith(indent + STEP)][-1:]
        lines.append(f"{indent}else:" if above == [opened] else f"{indent}if {'not ' if unless else ''}self.{flag}:")
        lines += [line for statement in group for line in _statement(statement, indent + STEP)]
    return lines


def stands(statement: Statement) -> bool:
    """Is there a layer in which it stands?"""
    return statement.only is None or (not statement.unless) in statement.only.acting


def fitted(line: str) -> list[str]:
    """`line`, or what a formatter makes of it where it is too long: a sum by terms, a call by arguments."""
    if len(line) <= WIDTH:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    start, _, value = line.partition("return " if "return " in line else " = ")
    first, *others = separated(value, "+")
    if others:
        start = f"{start}{'return' if 'return ' in line else ' ='} ("
        return [start, f"{indent}{STEP}{first}", *(f"{indent}{STEP}+ {term}" for term in others), f"{indent})"]
    start, inside, end = _outermost(line)
    arguments = separated(inside, ",")
    if len(whole := indent + STEP + ", ".join(arguments)) <= WIDTH:
        return [start, whole, indent + end]
    return [start, *(f"{indent}{STEP}{argument}," for argument in arguments), indent + end]


def indented(lines: Iterable[str], indent: str = STEP) -> list[str]:
    """Lines that are not empty, moved to the right."""
    return [indent + line if line else "" for line in lines]


def _stop(says: str) -> str:
    return says if says.endswith((".", ":", "…")) else f"{says}."


def _condition(statement: Statement) -> tuple[str, bool] | None:
    if statement.only is None or all(acts != statement.unless for acts in statement.only.acting):
        return None
    return statement.only.flag, statement.unless


def _statement(statement: Statement, indent: str) -> list[str]:
    lines = comment(statement.says, indent) if statement.says else []
    for line in statement.text.split("\n"):
        lines += fitted(indent + line)
    return lines


def _outermost(line: str) -> tuple[str, str, str]:
    """Up to the last bracket that opens at depth 0, what is in it, and the rest."""
    depth, start, end = 0, 0, len(line)
    for at, letter in enumerate(line):
        if letter in "([{":
            if depth == 0:
                start = at + 1
            depth += 1
        elif letter in ")]}":
            depth -= 1
            if depth == 0:
                end = at
    return line[:start], line[start:end], line[end:]


def separated(text: str, by: str) -> list[str]:
    """The parts of `text` between signs that stand in no brackets."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == by and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found]
