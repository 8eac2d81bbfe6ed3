"""A pairwise covering design over everything that can be chosen of an architecture, computed from the registries.

A factor is an axis, or a parameter of one; a level is one value of it. Every two levels of different factors stand
together in at least one row, unless no architecture has both: then the design holds the refusal. Greedy and seeded
(after Cohen et al. 1997, "The AETG system", IEEE TSE 23(7)), so everybody gets the same rows. Knows no option by name
beyond the values in `VALUES`; a new option or parameter joins by itself.
"""

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from models.architecture import Architecture
from models.spelling import Path, change, paths
from models.text import Refusal

SHAPE = {"shape.layers": "2", "shape.width": "24", "shape.context": "16", "shape.vocabulary": "37"}
# Numbers worth trying where the rule below would choose dull ones: six heads are no power of two, a head of 5 is odd.
VALUES = {
    "heads.query": ("4", "6"),
    "heads.kv": ("1", "2", "4"),
    "heads.head_dim": ("none", "8", "5"),
    "heads.scale": ("none", "0.3"),
    "span.window": ("4", "1"),
    "span.pattern": ("all", "alternate"),  # two layers show no more
    "span.stride": ("4", "3"),
    "span.globals": ("2", "1"),
    "span.chunk": ("4", "5"),
    "position.layers": ("all", "alternate", "local"),
    "position.fraction": ("1", "0.5"),
    "position.original": ("none", "8"),
    "position.distance": ("128", "20"),
    "position.high": ("4", "8"),  # above the lower bound
    "position.fast": ("32", "8"),
    "feed_forward.size": ("none", "20"),
    "dropout.rate": ("0", "0.1"),
    "embedding.size": ("none", "16"),
    "embedding.scale": ("none", "sqrt_width", "3"),
    "embedding.logit_scale": ("none", "inverse_sqrt_width", "0.5"),
    "attention_cap.cap": ("none", "5"),
    "output_cap.cap": ("none", "5"),
}
NUMBERS = ("0.5", "2", "8", "0.001", "1", "100")  # the first that differs from the default and is within bounds
SEED = 23
CANDIDATES = 8  # rows from which the best is taken
PATIENCE = 400  # rows tried before a pair counts as a mistake of this file
COMPLETIONS = 20  # random rows that must all be refused before a pair counts as impossible

Level = tuple[str, str]  # ("norm", "rmsnorm") or ("heads.kv", "2")
Pair = tuple[Level, Level]
Row = dict[str, str]


@dataclass(frozen=True)
class Factor:
    """An axis or a parameter, its levels, and the options that have the parameter (none: every choice has it)."""

    name: str
    levels: tuple[str, ...]
    owners: tuple[str, ...] = ()

    @property
    def axis(self) -> str:
        return self.name.partition(".")[0]

    def active(self, row: Row) -> bool:
        """Does the option that `row` chose have this parameter? Open while none is chosen."""
        return not self.owners or row.get(self.axis, self.owners[0]) in self.owners


@dataclass(frozen=True)
class Design:
    """The rows as architectures and as they are spelt, how many pairs there are, and those that cannot be built."""

    rows: list[Architecture]
    spelt: list[Row]
    pairs: int
    refusals: list[tuple[Pair, Refusal]]


@cache
def design() -> Design:
    """The design for the options there are; the same on every machine."""
    search = _Search(set(pairs()), {}, random.Random(SEED))
    total, spelt = len(search.wanted), []
    while search.wanted:
        if row := search.row():
            spelt.append(row)
            search.wanted -= covered(row)
    return Design([built(row) for row in spelt], spelt, total, sorted(search.refused.items(), key=lambda item: item[0]))


@cache
def factors() -> tuple[Factor, ...]:
    """Everything that is varied: the axes' options, then their parameters."""
    axes = {name: axis for name, axis in Architecture.axes().items() if name != "shape"}
    chosen = [Factor(name, tuple(axis.options())) for name, axis in axes.items() if len(axis.options()) > 1]
    names = dict.fromkeys(path.name for path in paths() if path.axis in axes)
    return (*chosen, *(_parameter(name, [path for path in paths() if path.name == name]) for name in names))


def pairs() -> Iterator[Pair]:
    """Every two levels of different factors that a row could hold, in alphabetical order within the pair."""
    for one, other in itertools.combinations(factors(), 2):
        for a, b in itertools.product(one.levels, other.levels):
            row = {one.name: a, other.name: b}
            if _consistent(one, other, row):
                yield _pair((one.name, a), (other.name, b))


def covered(row: Row) -> set[Pair]:
    """The pairs that a row holds."""
    return {_pair(one, other) for one, other in itertools.combinations(row.items(), 2)}


def built(row: Row) -> Architecture:
    """The architecture that a row spells. Raises `Refusal` if there is none."""
    return change(Architecture(), SHAPE | row)


def name(row: Row) -> str:
    """A short name: what the row has of the axes with options."""
    return "-".join(value for key, value in row.items() if "." not in key and value != "none")


def _parameter(name: str, spelt: list[Path]) -> Factor:
    axis = Architecture.axes()[spelt[0].axis]
    having = tuple(slug for slug, option in axis.options().items() if spelt[0].field in option.model_fields)
    levels = dict.fromkeys(level for path in spelt for level in _levels(path))
    return Factor(name, tuple(levels), having if len(having) < len(axis.options()) else ())


def _levels(path: Path) -> Iterable[str]:
    if path.name in VALUES:
        return VALUES[path.name]
    if path.kind == "switch":
        return ("on", "off")
    if path.choices:
        return dict.fromkeys((path.default, *path.choices))
    return (path.default, next(filter(lambda number: _within(path, number), NUMBERS)))


def _within(path: Path, number: str) -> bool:
    low = -float("inf") if path.minimum is None else path.minimum
    high = float("inf") if path.maximum is None else path.maximum
    whole = path.kind != "whole" or "." not in number
    return whole and low < float(number) < high and number != path.default


def _consistent(one: Factor, other: Factor, row: Row) -> bool:
    """Can some option have both? Parameters of one axis must have an owner in common."""
    if one.axis == other.axis and one.owners and other.owners:
        return bool(set(one.owners) & set(other.owners))
    return one.active(row) and other.active(row)


def _pair(one: Level, other: Level) -> Pair:
    return (one, other) if one < other else (other, one)


@dataclass
class _Search:
    """What is still to be covered, what turned out impossible, and the dice."""

    wanted: set[Pair]
    refused: dict[Pair, Refusal]
    chance: random.Random

    def row(self) -> Row | None:
        """Of a few random rows that can be built, the one that covers most; None if the pair begun with cannot be."""
        begin, found = self.chance.choice(sorted(self.wanted)), []
        for _ in range(PATIENCE):
            row = self._complete(dict(begin))
            if refusal := _try(row):
                self._learn(row, refusal)
            else:
                found.append(row)
            if len(found) == CANDIDATES or begin in self.refused:
                break
        else:
            assert found, f"no row was found that holds {begin}"
        return max(found, key=lambda row: len(covered(row) & self.wanted), default=None)

    def _learn(self, row: Row, refusal: Refusal) -> None:
        """Look among the fields that a refusal names for pairs that no architecture has."""
        named = {key: value for key, value in row.items() if key in refusal.fields}
        for pair in covered(named) - self.refused.keys():
            if (reason := _try(_plain(pair))) and all(_try(self._complete(dict(pair))) for _ in range(COMPLETIONS)):
                self.refused[pair] = reason
                self.wanted.discard(pair)

    def _complete(self, row: Row) -> Row:
        """`row` with a level for every other factor, in random order, each the one that covers most of the wanted."""
        order = sorted(factors(), key=lambda factor: (bool(factor.owners), self.chance.random()))
        for factor in order:
            if factor.name not in row and factor.active(row):
                row |= self._level(factor, row)
        return row

    def _level(self, factor: Factor, row: Row) -> Row:
        best: dict[str, tuple[int, float]] = {}
        for level in factor.levels:
            held = [_pair((factor.name, level), other) for other in row.items()]
            if self.refused.keys().isdisjoint(held) and _keeps(factor, level, row):
                best[level] = (sum(pair in self.wanted for pair in held), self.chance.random())
        return {factor.name: max(best, key=best.__getitem__)} if best else {}


def _plain(pair: Pair) -> Row:
    """The plainest row with a pair: the defaults, and for a parameter an option that has it."""
    row = dict(pair)
    for factor in factors():
        if factor.name in row and factor.owners:
            mates = [other for other in factors() if other.name in row and other.axis == factor.axis]
            row.setdefault(factor.axis, min(set.intersection(*(set(mate.owners) for mate in mates if mate.owners))))
    return {"heads.kv": "1"} | row


def _try(row: Row) -> Refusal | None:
    try:
        built(row)
    except Refusal as refusal:
        return refusal
    return None


def _keeps(chosen: Factor, level: str, row: Row) -> bool:
    """Do the parameters already in `row` stay, once `chosen` has `level`?"""
    if "." in chosen.name:
        return True
    row = row | {chosen.name: level}
    return all(factor.active(row) for factor in factors() if factor.name in row and factor.axis == chosen.name)
