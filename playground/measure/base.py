"""What a measure gets, and what it owes. Knows no lesson and no store.

A measure is a function of one finished run that returns readings by name: a number, None where there is none, or a
`Profile`, a curve. A race is a function of several variants at once that returns one number a round for each: speeds
are comparable only when they are taken in turns. Both say what their readings are called.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from torch import Tensor

from models.architecture import Architecture
from models.initialize import initialize
from models.text import Text
from models.transformer import Transformer
from playground import runs
from playground.data import Task, prepare
from playground.recipe import Recipe

Profile = dict[str, list[float]]  # {"x": …, "y": …}
Reading = float | Profile | None
Measure = Callable[["Trained"], Mapping[str, Reading]]
Race = Callable[[Mapping[str, "Contender"], int], Mapping[str, list[float]]]

TITLES: dict[str, Text] = {}  # of every reading, by name
COUNTED: set[str] = set()  # names of readings that are 0 or 1 of a run, whose mean is a share
_NAMES: dict[Any, tuple[str, ...]] = {}  # of the readings, by function


@dataclass(frozen=True)
class Trained:
    """A run that is over. `row` is what `result.json` says of it; `architecture` has the vocabulary of its data."""

    architecture: Architecture
    recipe: Recipe
    seed: int
    row: Mapping[str, Any] = field(repr=False)
    folder: Path | None = None

    @property
    def finished(self) -> bool:
        """Did it reach the end of its budget, and leave a model?"""
        return self.row["status"] == "finished" and self.folder is not None

    @cached_property
    def task(self) -> Task:
        """What it was trained on."""
        recipe, shape = self.recipe, self.architecture.shape
        return prepare(recipe.data, recipe.tokenizer, shape.context, recipe.batch, shape.vocabulary)

    def initial(self) -> Transformer:
        """The model as it was before the first step."""
        return initialize(Transformer(self.architecture), self.seed)

    def model(self) -> Transformer:
        """The trained model, in `eval` mode, on the processor."""
        assert self.folder is not None
        return runs.load(self.folder)[0]

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """A few batches (ids_BT, targets_BT) of the validation part, the same for all runs of an experiment."""
        return self.task.validation(quick=True)


@dataclass(frozen=True)
class Contender:
    """A variant in a race: speeds need no training."""

    architecture: Architecture
    recipe: Recipe


def reads(counted: Sequence[str] = (), **titles: Text) -> Callable[[Any], Any]:
    """Says what the readings of a measure or a race are called, in which unit, and which are 0 or 1 of a run."""

    def named(function: Any) -> Any:
        TITLES.update(titles)
        COUNTED.update(counted)
        _NAMES[function] = tuple(titles)
        return function

    return named


def names(function: Measure | Race) -> tuple[str, ...]:
    """The names of what a measure or a race reads."""
    return _NAMES[function]
