"""What the synthetic tasks share: rows drawn from their names alone, of which only the answers count. Knows no task.

A new skill is one new file in this folder with a class derived from `Skill`.
"""

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.text import Refusal, Text
from playground.data.base import IGNORED, OURS, Request, Source, Task
from playground.tokenizer import Characters

if TYPE_CHECKING:
    from torch import Tensor

VALIDATION_ROWS, QUICK_ROWS = 1024, 256
SEPARATOR = "="
"""What stands between a question and its answer, where something must."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A whole number that a skill is spelt with, from `lowest` to `highest`: the PAIRS of `recall:PAIRS:KEYS`."""

    name: str
    default: int
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Rows:
    """What the rows of an exercise are. Token `1 + n` is the n-th character of `alphabet`."""

    alphabet: str
    length: int  # tokens of a row, answers included
    answers: range  # the places of the tokens that are asked for
    choices: int  # how many tokens may be an answer
    draw: Callable[..., NDArray[np.int64]]  # (*stream, rows=B) -> tokens [B, length]; the stream begins with its part


class Skill(Source):
    """A source whose rows put a question that has one right answer."""

    license = OURS
    settings: ClassVar[tuple[Setting, ...]]
    levels: ClassVar[tuple[tuple[int, ...], ...]]
    """Settings from easy to hard, for a curve of accuracy against difficulty."""

    def __init_subclass__(cls) -> None:
        cls.spelling = "".join(f":{setting.name}" for setting in cls.settings)
        super().__init_subclass__()

    @abstractmethod
    def rows(self, *numbers: int) -> Rows:
        """The rows for these settings, each within its bounds; raises `Refusal` where they do not go together."""

    def prepare(self, request: Request) -> "Exercise":
        rows = self.rows(*self._numbers(request))
        if request.context < rows.length - 1:
            words = {"name": request.name, "needed": rows.length - 1, "context": request.context}
            raise Refusal(CONTEXT.format(**words), "shape.context")
        return Exercise(self.name, rows, request.batch)

    def vocabulary(self, request: Request) -> int:
        return Characters(self.rows(*self._numbers(request)).alphabet).vocabulary

    def spelt(self, numbers: tuple[int, ...]) -> str:
        """The name of the task with these settings: `recall:8:16`."""
        return ":".join([self.name, *map(str, numbers)])

    def _numbers(self, request: Request) -> list[int]:
        """The settings as given, the rest as they are by default."""
        given = request.arguments
        if len(given) > len(self.settings) or not all(text.isascii() and text.isdigit() for text in given):
            example = self.spelt(tuple(setting.default for setting in self.settings))
            words = {"given": request.name, "name": self.name, "spelling": self.spelling, "example": example}
            raise Refusal(SPELLING.format(**words), "recipe.data")
        numbers = [int(text[:9]) for text in given] + [setting.default for setting in self.settings[len(given) :]]
        for setting, number in zip(self.settings, numbers, strict=True):
            if not setting.lowest <= number <= setting.highest:
                words = {"name": setting.name, "low": setting.lowest, "high": setting.highest, "number": number}
                raise Refusal(BOUNDS.format(given=request.name, **words), "recipe.data")
        return numbers


class Exercise(Task):
    """A skill at one difficulty. Every answer is certain, so the exact entropy is 0."""

    entropy = 0.0

    def __init__(self, name: str, rows: Rows, batch: int) -> None:
        self.name, self.rows, self.batch_size = name, rows, batch
        self.tokenizer = Characters(rows.alphabet)
        self.vocabulary, self.context = self.tokenizer.vocabulary, rows.length - 1
        self.chance = 1 / rows.choices
        self.hash = hashlib.sha256(rows.draw("validation", 0, rows=QUICK_ROWS).tobytes()).hexdigest()

    @cached_property
    def references(self) -> dict[str, float]:
        """The uniform guess among all tokens and among the possible answers; who knows the answers needs 0 nats."""
        return {"uniform": log(self.vocabulary), "chance": log(self.rows.choices), "entropy": 0.0}

    def batch(self, seed: int, t: int) -> "tuple[Tensor, Tensor]":
        """`ids_BT`, `targets_BT` of step t."""
        return self._tensors("train", seed, t, rows=self.batch_size)

    def validation(self, quick: bool = False) -> "Iterator[tuple[Tensor, Tensor]]":
        """The same rows always, from a stream that no seed of `batch` reaches."""
        for t in range((QUICK_ROWS if quick else VALIDATION_ROWS) // QUICK_ROWS):
            yield self._tensors("validation", t, rows=QUICK_ROWS)

    def _tensors(self, *stream: int | str, rows: int) -> "tuple[Tensor, Tensor]":
        import torch

        tokens_BS = torch.from_numpy(self.rows.draw(*stream, rows=rows))
        targets_BT = torch.full((rows, self.context), IGNORED)
        places = torch.tensor(self.rows.answers)
        targets_BT[:, places - 1] = tokens_BS[:, places]
        return tokens_BS[:, :-1].contiguous(), targets_BT


def beside(*parts_BS: NDArray[np.int64]) -> NDArray[np.int64]:
    """Parts of rows, one after the other; a part of one row stands in all of them."""
    rows = max(len(part_BS) for part_BS in parts_BS)
    return np.concatenate([np.broadcast_to(part_BS, (rows, part_BS.shape[1])) for part_BS in parts_BS], axis=1)


SPELLING = Text(
    "{given!r} is spelt wrongly: {name}, or {name}{spelling} with whole numbers, such as {example}.",
    "“{given}”写法有误：应为 {name}，或 {name}{spelling}（均为整数），例如 {example}。",
)
BOUNDS = Text(
    "{given!r}: {name} can be from {low} to {high}, not {number}.",
    "“{given}”：{name} 应在 {low} 到 {high} 之间，不能是 {number}。",
)
CONTEXT = Text(
    "{name} needs a context of at least {needed}, not {context}.",
    "{name} 至少需要长度为 {needed} 的上下文，现在是 {context}。",
)
