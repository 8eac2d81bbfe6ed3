"""Forms of experiment beside variants side by side: a sweep of one number or axis, a ladder from A to B. Plain data.

An experiment of a form holds the variants it was made of as its `base`, and everything that is trained as its
`variants`; the form says what each of those stands for, and why others could not be. `playground.sweep` and
`playground.ladder` make them and read them; `playground.formed` tells which.
"""

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from models import spelling
from models.architecture import Architecture
from models.spelling import Path
from models.text import Refusal, Text
from playground import recipe as recipes

FEWEST_VALUES, MOST_VALUES = 3, 9
BETWEEN = "~"  # joins values in a link


class Point(BaseModel):
    """One value of a sweep on one of the base variants, and the variant that shows it, or why there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: int = Field(ge=0)
    value: str = Field(max_length=40)
    variant: int | None = Field(default=None, ge=0)
    why: Text | None = None


class Rung(BaseModel):
    """What one change does: `variant` against `against`, by number, or why that could not be.

    On the way it is made on top of all before it; alone on A itself; the whole is all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["way", "alone", "whole"]
    change: str = Field(max_length=400)  # as it is spelt: norm=rmsnorm
    against: int | None = Field(default=None, ge=0)
    variant: int | None = Field(default=None, ge=0)
    why: Text | None = None
    later: bool = False  # it could not be made where it stands in the order


Place = TypeVar("Place", Point, Rung)


class Sweep(BaseModel):
    """Every base variant with each of the values of one number, or each of some options of one axis.

    `points` are filled in when it is made.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: ClassVar[str] = "sweep"  # in a link, in `result.json`

    kind: Literal["sweep"] = "sweep"
    path: str = Field(max_length=100)
    values: tuple[str, ...]
    points: tuple[Point, ...] = ()

    @field_validator("path")
    @classmethod
    def _a_number(cls, path: str) -> str:
        return path if options(path) else swept(path)[0].name

    @field_validator("values")
    @classmethod
    def _a_grid(cls, values: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        menu = options(info.data.get("path", ""))
        found = {_option(value, info.data["path"]): value for value in values} if menu else _numbers(values)
        if not FEWEST_VALUES <= len(values) <= MOST_VALUES:
            raise Refusal(HOW_MANY.format(given=len(values), fewest=FEWEST_VALUES, most=MOST_VALUES), cls.key)
        if len(found) < len(values):
            raise Refusal(TWICE.format(values=", ".join(values)), cls.key)
        return tuple(slug for slug in menu if slug in found) if menu else tuple(map(spelling.written, sorted(found)))

    @property
    def menu(self) -> dict[str, Text]:
        """What the options that are swept are called; empty for a number."""
        return {slug: title for slug, title in options(self.path).items() if slug in self.values}

    @property
    def title(self) -> Text:
        """What the number or the axis that is swept is called."""
        return titled(self.path)

    def said(self, value: str) -> Text:
        """One of the values in the middle of a sentence: "learning rate 0.003", "RoPE", "norm placement: post"."""
        title, word = self.title.within(), self.menu.get(value)
        if word is None:
            return Text(f"{title.en} {value}", f"{title.zh} {value}")
        named = word.en[:1].isupper()  # names such as RoPE say themselves what they are
        return word if named else Text(f"{title.en}: {word.en}", f"{title.zh}：{word.zh}")

    def spelt(self) -> str:
        """As a link has it: `feed_forward.ratio:0.5~1~2`."""
        return f"{self.path}:{BETWEEN.join(self.values)}"

    def covers(self, variants: int, base: int) -> bool:
        """Do the points say of each of so many variants what it stands for, made of so many?"""
        shown = {point.variant for point in self.points if point.variant is not None}
        return shown == {*range(variants)} and all(point.base < base for point in self.points)

    def without(self, gone: Mapping[int, Text], twins: Mapping[int, int]) -> "Sweep":
        """The sweep where some variants are left out, each for a reason; those that are others' `twins` as well."""
        moved = (_moved(point, gone) for point in self.points)
        return self.model_copy(update={"points": tuple(moved)})

    @property
    def varied(self) -> bool:
        """Are there two values that can be compared, of one base variant at least?"""
        shown = [point.base for point in self.points if point.variant is not None]
        return len(shown) > len({*shown})

    def pairs(self) -> list[tuple[int, int]]:
        """The variants to be compared with each other: those of different base variants at the same value."""
        return [
            (one.variant, other.variant)
            for one, other in itertools.combinations(self.points, 2)
            if one.value == other.value and one.variant is not None and other.variant is not None
        ]


class Ladder(BaseModel):
    """The way from the first base variant to the second, a change at a time; `rungs` are filled in when it is made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: ClassVar[str] = "ladder"

    kind: Literal["ladder"] = "ladder"
    rungs: tuple[Rung, ...] = ()

    def spelt(self) -> str:
        """As a link has it."""
        return "on"

    def covers(self, variants: int, base: int) -> bool:
        """Do the rungs say of each of so many variants what it stands for, made of two?"""
        shown = {number for rung in self.rungs for number in (rung.against, rung.variant) if number is not None}
        return shown == {*range(variants)} and base == 2

    def without(self, gone: Mapping[int, Text], twins: Mapping[int, int]) -> "Ladder":
        """The ladder where some variants are left out, each for a reason.

        Where one is the twin of another, that one stands in its place; a change between the two is none.
        """
        moved = (_moved(_joined(rung, gone, twins), gone) for rung in self.rungs)
        return self.model_copy(update={"rungs": tuple(moved)})

    @property
    def varied(self) -> bool:
        """Is there a change with both its ends?"""
        return bool(self.pairs())

    def pairs(self) -> list[tuple[int, int]]:
        """The variants to be compared with each other: before and after every change, each once."""
        there = [(rung.against, rung.variant) for rung in self.rungs]
        return [(one, other) for one, other in dict.fromkeys(there) if one is not None and other is not None]


Form = Annotated[Sweep | Ladder, Field(discriminator="kind")]


def numbers() -> dict[str, list[Path]]:
    """Everything that can be swept, by name: the numbers among the paths of architecture and recipe."""
    found: dict[str, list[Path]] = {}
    for path in (*spelling.paths(), *recipes.paths()):
        if path.kind in ("whole", "number"):
            found.setdefault(path.name, []).append(path)
    return found


def swept(name: str) -> list[Path]:
    """The paths of a number that can be swept; an axis that stands for its one number may be named alone.

    Raises:
        Refusal: no number has this name.
    """
    known = numbers()
    axis = Architecture.axes().get(name)
    whole = f"{name}.{axis.abbreviates}" if axis and axis.abbreviates else name
    if whole in known:
        return known[whole]
    if axis or name in {path.name for path in (*spelling.paths(), *recipes.paths())}:
        own = [path for path in known if path.startswith(f"{name}.")]
        raise Refusal(NO_NUMBER.format(path=name, known=", ".join(own or known)), Sweep.key)
    raise spelling.misspelt(name, known, Sweep.key)


def titled(name: str) -> Text:
    """What a number or an axis that is swept is called."""
    return Architecture.axes()[name].axis_title if options(name) else swept(name)[0].title


def options(name: str) -> dict[str, Text]:
    """The options of the axis of this name, which may be swept, and what they are called; empty for any other name."""
    axis = Architecture.axes().get(name)
    return {slug: option.title for slug, option in axis.options().items()} if axis else {}


def spelt_sweep(text: str, equals: str = ":", between: str = BETWEEN) -> Sweep:
    """The sweep that `feed_forward.ratio:0.5~1~2` means, or the same with other signs; raises `Refusal`."""
    path, there, values = text.partition(equals)
    if not there:
        raise Refusal(NO_VALUES.format(given=repr(text[:60]), equals=equals, between=between), Sweep.key)
    given = {"path": path.strip(), "values": [value.strip() for value in values.split(between) if value.strip()]}
    return spelling.validated(Sweep, given)


def _moved(place: Place, gone: Mapping[int, Text]) -> Place:
    """A point or a rung with the numbers that variants have when those `gone` are left out."""
    numbers = {name: getattr(place, name) for name in ("variant", "against") if hasattr(place, name)}
    why = next((gone[number] for number in numbers.values() if number in gone), place.why)
    left = {name: number if number is None else _left(number, gone) for name, number in numbers.items()}
    return place.model_copy(update={**left, "why": why})


def _joined(rung: Rung, gone: Mapping[int, Text], twins: Mapping[int, int]) -> Rung:
    """The rung with twins in their places; without a variant, and with the reason, where both its ends are one."""
    ends = (rung.variant, rung.against)
    variant, against = (number if number is None else twins.get(number, number) for number in ends)
    undone = (number for number in ends if number is not None and number in twins and variant == against)
    why = next((gone[number] for number in undone), rung.why)
    joined = {"variant": None if variant == against else variant, "against": against, "why": why}
    return rung.model_copy(update=joined)


def _left(number: int, gone: Mapping[int, Text]) -> int | None:
    return None if number in gone else number - sum(other < number for other in gone)


def _option(word: str, axis: str) -> str:
    known = options(axis)
    if word not in known:
        raise Refusal(NO_OPTION.format(path=axis, given=repr(word[:40]), known=", ".join(known)), Sweep.key)
    return word


def _numbers(values: Iterable[str]) -> dict[float, str]:
    return {_number(value): value for value in values}


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Refusal(NOT_A_NUMBER.format(given=repr(text[:40])), Sweep.key)
    return number


HOW_MANY = Text(
    "A sweep takes {fewest} to {most} values, and {given} were given.",
    "一次扫描需要 {fewest} 到 {most} 个取值，这里给出了 {given} 个。",
)
TWICE = Text("A sweep takes every value once: {values}.", "扫描的取值不能重复：{values}。")
NO_NUMBER = Text(
    "{path} is no number, so it cannot be swept; numbers are {known}.",
    "{path} 不是数值，无法扫描；可以扫描的数值有 {known}。",
)
NO_OPTION = Text(
    "{path} is no number, and {given} is none of its options, which can be swept: {known}.",
    "{path} 不是数值，{given} 也不是它的选项；可以扫描的选项有 {known}。",
)
NO_VALUES = Text(
    "{given}: a sweep is written feed_forward.ratio{equals}0.5{between}1{between}2.",
    "{given}：扫描应写成 feed_forward.ratio{equals}0.5{between}1{between}2。",
)
NOT_A_NUMBER = Text("A sweep's values are numbers, and {given} is none.", "扫描的取值必须是数，{given} 不是。")
