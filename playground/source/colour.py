"""What a reader tells apart at a glance in a file of Python: comments, strings, keywords, new names, numbers."""

import io
import keyword
import tokenize
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from playground.source.difference import Part

Kind = Literal["", "comment", "string", "keyword", "name", "number"]
KINDS: dict[int, Kind] = {tokenize.COMMENT: "comment", tokenize.STRING: "string", tokenize.NUMBER: "number"}
FORMATTED = {getattr(tokenize, name, -1) for name in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")}  # from 3.12 on


class Stretch(NamedTuple):
    """Neighbouring letters of a line that look alike, and whether they are part of what differs."""

    text: str
    kind: Kind
    changed: bool = False


def kinds(text: str) -> list[list[Kind]]:
    """The kind of every letter, line by line."""
    found: list[list[Kind]] = [[""] * len(line) for line in text.splitlines()]
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = _kind(token, before)
        if kind:
            _paint(found, token.start, token.end, kind)
        before = token.string
    return found


def stretches(parts: Iterable[Part], kinds: list[Kind]) -> Iterator[Stretch]:
    """A line whose letters are of these kinds, cut where kind or difference change."""
    at = 0
    for text, changed in parts:
        start = 0
        for end in range(1, len(text) + 1):
            if end == len(text) or kinds[at + end] != kinds[at + start]:
                yield Stretch(text[start:end], kinds[at + start], changed)
                start = end
        at += len(text)


def _kind(token: tokenize.TokenInfo, before: str) -> Kind:
    if token.type in FORMATTED:
        return "string"
    if token.type != tokenize.NAME:
        return KINDS.get(token.type, "")
    if before in ("def", "class"):
        return "name"
    return "keyword" if keyword.iskeyword(token.string) else ""


def _paint(found: list[list[Kind]], start: tuple[int, int], end: tuple[int, int], kind: Kind) -> None:
    for row in range(start[0], end[0] + 1):
        line = found[row - 1]
        first = start[1] if row == start[0] else 0
        last = end[1] if row == end[0] else len(line)
        for at in range(first, last):
            line[at] = kind
