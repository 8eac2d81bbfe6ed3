"""What is compared: variants, recipe, seeds, matching rule. One object: the link, the file, the command's input.

A file holds every architecture written out in full, so that it means the same whatever becomes of the catalogue.
"""

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from models.architecture import Architecture
from models.refusals import refusals
from models.text import Refusal, Text
from playground import recipe as recipes
from playground.forms import Form
from playground.recipe import Recipe

VERSION = 1
MOST_VARIANTS = 24
ON_THE_PAGE = 4
MOST_SEEDS = 100

Match = Literal["none", "parameters", "flops", "time"]  # what the others have as much of as the first variant
MatchBy = Literal["feed_forward", "width"]  # what is changed for it: d_ff, or the width and then d_ff for the rest


class Variant(BaseModel):
    """An architecture and what it changes in the recipe, under a name that it keeps everywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=400)
    architecture: Architecture
    recipe: dict[str, str] = {}
    system: str | None = None  # what a person began with; links spell the differences to it
    asked: Architecture | None = None  # what was asked for, where matching has changed it

    @property
    def original(self) -> Architecture:
        """The architecture as it was asked for, before any matching."""
        return self.asked or self.architecture

    @field_validator("recipe")
    @classmethod
    def _can_be(cls, changes: dict[str, str]) -> dict[str, str]:
        if "data" in changes:
            raise Refusal(OTHER_DATA, "recipe.data")
        recipes.change(Recipe(), changes)
        return changes

    def recipe_in(self, experiment: "Experiment") -> Recipe:
        """The experiment's recipe with this variant's changes."""
        return recipes.change(experiment.recipe, self.recipe) if self.recipe else experiment.recipe


class Experiment(BaseModel):
    """Variants trained by one recipe, with the seeds 0 … seeds − 1 each.

    One of a form has the variants that a person chose as its `base`, and as `variants` what the form makes of them;
    before `playground.formed.expanded` made them, they are `variants`, and `base` is empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = VERSION
    variants: tuple[Variant, ...] = Field(min_length=1, max_length=MOST_VARIANTS)
    recipe: Recipe = Recipe()
    seeds: int = Field(default=1, ge=1, le=MOST_SEEDS)
    match: Match = "none"
    match_by: MatchBy = "feed_forward"
    data_hash: str | None = Field(
        default=None, max_length=64, pattern="^[0-9a-f]*$"
    )  # SHA-256 of what it was made with
    form: Form | None = None
    base: tuple[Variant, ...] = Field(default=(), max_length=MOST_VARIANTS)

    @field_validator("variants")
    @classmethod
    def _own_names(cls, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
        names = numbered([variant.name for variant in variants])
        return tuple(variant.model_copy(update={"name": name}) for variant, name in zip(variants, names, strict=True))

    @model_validator(mode="after")
    def _shown_by_what_there_is(self) -> "Experiment":
        """A form that was made says of every variant what it stands for."""
        if self.form and self.base and not self.form.covers(len(self.variants), len(self.base)):
            raise Refusal(NOT_ITS_FORM.format(form=self.form.key), "form")
        return self

    @property
    def chosen(self) -> tuple[Variant, ...]:
        """The variants that a person chose."""
        return self.base or self.variants

    def runs(self) -> list[tuple[int, int]]:
        """(variant, seed) of every run in the order of training: all variants with one seed before the next seed."""
        return [(variant, seed) for seed in range(self.seeds) for variant in range(len(self.variants))]

    def with_seeds(self, seeds: int) -> "Experiment":
        """The same with so many seeds; raises `Refusal` where that is too many."""
        return from_dict(self.model_dump() | {"seeds": seeds})

    def pairs(self) -> list[tuple[int, int]]:
        """The variants that are compared with each other, by number: every two, unless a form says which."""
        return self.form.pairs() if self.form else list(itertools.combinations(range(len(self.variants)), 2))

    def to_json(self) -> str:
        """The experiment as a file holds it."""
        return self.model_dump_json(indent=2)


def from_json(text: str | bytes) -> Experiment:
    """The experiment that a file holds.

    Raises:
        Refusal: no JSON, no experiment, or one with values that cannot be.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal(NO_JSON) from None
    return from_dict(content)


def from_dict(content: Any) -> Experiment:
    """The experiment that `model_dump` gave; raises `Refusal` as `from_json`."""
    if not isinstance(content, dict) or "variants" not in content:
        raise Refusal(NO_EXPERIMENT)
    version = content.get("version", VERSION)
    if version != VERSION:
        raise Refusal(OTHER_VERSION.format(version=repr(version)[:40], known=VERSION), "version")
    try:
        return Experiment.model_validate(content)
    except ValidationError as error:
        raise refusals(error)[0] from None


def read(path: Path) -> Experiment:
    """The experiment in a file; raises `Refusal` as `from_json`, or where the file cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refusal(UNREADABLE.format(path=path, reason=error.strerror)) from None
    try:
        return from_json(content)
    except Refusal as refusal:
        en, zh = refusal.text
        raise Refusal(Text(f"{path}: {en}", f"{path}：{zh}"), *refusal.fields) from None


def numbered(names: Sequence[str]) -> list[str]:
    """The names, told apart: a second `gpt-2` becomes `gpt-2#2`."""
    seen: Counter[str] = Counter()
    taken: set[str] = set()
    result = []
    for name in names:
        seen[name] += 1
        unique = name if seen[name] == 1 and name not in taken else f"{name}#{max(2, seen[name])}"
        while unique in taken:
            seen[name] += 1
            unique = f"{name}#{seen[name]}"
        taken.add(unique)
        result.append(unique)
    return result


def compose(variants: Iterable[Variant], recipe: Recipe, **rest: Any) -> Experiment:
    """An `Experiment`, refused in a sentence where it cannot be."""
    try:
        return Experiment(variants=tuple(variants), recipe=recipe, **rest)
    except ValidationError as error:
        raise refusals(error)[0] from None


OTHER_DATA = Text(
    "A variant cannot have data of its own: then nothing could be compared. Set recipe.data for all of them.",
    "变体不能使用各自的数据，否则无从比较。请为所有变体统一设置 recipe.data。",
)
NOT_ITS_FORM = Text(
    "The experiment's {form} does not say what its variants stand for. Leave its points or rungs out, and the base, to "
    "have it made anew.",
    "实验中的 {form} 没有说明各个变体代表什么。去掉其中的 points 或 rungs 以及 base，即可重新生成。",
)
NO_JSON = Text("this is no JSON, so it cannot be an experiment.", "内容不是 JSON，因此不是实验文件。")
NO_EXPERIMENT = Text("this is no experiment: it holds no variants.", "这不是实验文件：里面没有变体（variants）。")
OTHER_VERSION = Text(
    "this is an experiment of version {version}; version {known} can be read here.",
    "实验文件的版本是 {version}，这里只能读取版本 {known}。",
)
UNREADABLE = Text("{path} cannot be read: {reason}.", "无法读取 {path}：{reason}。")
