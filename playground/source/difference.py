"""Two files beside each other, line for line. Knows nothing of what is written in them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from itertools import zip_longest

ALIKE = 0.4  # lines that share a larger part of their words stand beside each other
WORDS = re.compile(r"\w+|\s+|[^\w\s]")

Part = tuple[str, bool]  # some text, and whether it is what differs


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one of the files."""

    number: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What stands beside each other; None where the other file has a line of its own."""

    left: Line | None
    right: Line | None
    same: bool = False


def difference(left: str, right: str) -> list[Row]:
    """The lines of two texts, aligned."""
    one, other = left.splitlines(), right.splitlines()
    rows: list[Row] = []
    for same, i, i_end, j, j_end in _stretches(one, other):
        if same:
            pairs = [(i + step, j + step) for step in range(i_end - i)]
            rows += [Row(_whole(one, a), _whole(other, b), same=True) for a, b in pairs]
        else:
            rows += _changed(one, other, range(i, i_end), range(j, j_end))
    return rows


def _stretches(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[bool, int, int, int, int]]:
    """Where both are the same, and where not; a few lines without a word in between are no reason to stop."""
    start: tuple[int, int] | None = None
    codes = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    for at, (kind, i, i_end, j, j_end) in enumerate(codes):
        idle = 0 < at < len(codes) - 1 and not any(map(_worded, one[i:i_end]))
        if kind != "equal" or idle:
            start = start or (i, j)
            continue
        if start:
            yield False, start[0], i, start[1], j
            start = None
        yield True, i, i_end, j, j_end
    if start:
        yield False, start[0], len(one), start[1], len(other)


def _worded(line: str) -> bool:
    """Has the line a word in it?"""
    return re.search(r"\w", line) is not None


def unified(left: str, right: str, names: tuple[str, str]) -> str:
    """The difference as `diff -u` writes it."""
    return "\n".join(unified_diff(left.splitlines(), right.splitlines(), *names, lineterm=""))


def _whole(lines: Sequence[str], at: int, changed: bool = False) -> Line:
    return Line(at + 1, ((lines[at], changed),))


def _changed(one: Sequence[str], other: Sequence[str], left: range, right: range) -> Iterator[Row]:
    """Lines that differ: those alike beside each other, and between them what is left over, in order."""
    i, j = left.start, right.start
    for a, b in [*_paired(one, other, left, right), (left.stop, right.stop)]:
        mine = (_whole(one, at, True) for at in range(i, a))
        theirs = (_whole(other, at, True) for at in range(j, b))
        yield from (Row(*lines) for lines in zip_longest(mine, theirs))
        if a < left.stop:
            yield _beside(one, other, a, b)
        i, j = a + 1, b + 1


def _paired(one: Sequence[str], other: Sequence[str], left: range, right: range) -> list[tuple[int, int]]:
    """Pairs of lines in order, so that as much as possible is alike."""
    words = {(side, at): _bag(lines[at]) for side, lines, ats in ((0, one, left), (1, other, right)) for at in ats}
    best: dict[tuple[int, int], tuple[float, list[tuple[int, int]]]] = {}
    nothing: tuple[float, list[tuple[int, int]]] = (0.0, [])
    for a in reversed(left):
        for b in reversed(right):
            ways = [best.get((a + 1, b), nothing), best.get((a, b + 1), nothing)]
            alike = _alike(words[0, a], words[1, b])
            if alike > ALIKE:
                value, pairs = best.get((a + 1, b + 1), nothing)
                ways.append((alike + value, [(a, b), *pairs]))
            best[a, b] = max(ways, key=lambda way: way[0])
    return best.get((left.start, right.start), nothing)[1]


def _bag(line: str) -> frozenset[str]:
    return frozenset(word for word in WORDS.findall(line) if word.strip())


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def _beside(one: Sequence[str], other: Sequence[str], a: int, b: int) -> Row:
    """Two lines with what differs in them."""
    left, right = (WORDS.findall(text) for text in (one[a], other[b]))
    parts: tuple[list[Part], list[Part]] = ([], [])
    for kind, i, i_end, j, j_end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for found, words in ((parts[0], left[i:i_end]), (parts[1], right[j:j_end])):
            if words:
                found.append(("".join(words), kind != "equal"))
    return Row(Line(a + 1, tuple(parts[0])), Line(b + 1, tuple(parts[1])))
