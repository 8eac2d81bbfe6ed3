"""Associative recall: pairs of a key and a value, then the keys again in another order; the values are to be recalled.

`cFaHbD bDcFaH`: only the values after the second appearance of their keys count. Finding one takes an induction step
(look for the same key, then one to the right), which needs two layers of attention; one layer can hardly do more than
guess among the values not yet used: (1/n + … + 1/1) / n of n pairs. After Arora et al. 2023, "Zoology" (MQAR).
"""

import hashlib
from collections.abc import Iterator
from functools import cached_property
from math import log
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.text import Refusal, Text
from playground.data.base import IGNORED, Request, Source, Task
from playground.data.draw import permutations
from playground.tokenizer import Characters

if TYPE_CHECKING:
    from torch import Tensor

VALIDATION_ROWS, QUICK_ROWS = 1024, 256


class Recall(Source):
    name = "recall"
    title = Text("Associative recall", "联想回忆")
    help = Text(
        "Pairs of a key and a value, then the keys again: what was the value of each? Two layers can tell, one cannot.",
        "先给出若干“键-值”对，再打乱顺序逐个问键：它对应哪个值？两层就能学会，一层做不到。",
    )
    spelling = ":PAIRS:KEYS"
    order = 100

    def prepare(self, request: Request) -> "RecallTask":
        given = [*request.arguments, *("8", "16")[len(request.arguments) :]]
        if len(given) != 2 or not all(number.isascii() and number.isdigit() for number in given):
            raise Refusal(SPELLING.format(name=request.name), "recipe.data")
        pairs, keys = map(int, given)
        if not 1 <= pairs <= keys <= len(ascii_lowercase) or keys < 2:
            raise Refusal(SIZES.format(pairs=pairs, keys=keys), "recipe.data")
        if request.context < 4 * pairs - 1:
            raise Refusal(CONTEXT.format(pairs=pairs, needed=4 * pairs - 1, context=request.context), "shape.context")
        return RecallTask(pairs, keys, request.batch)


class RecallTask(Task):
    """`pairs` of `keys` possible keys and as many values; rows of 4 · pairs - 1 tokens, of which `pairs` count."""

    name = "recall"
    entropy = 0.0  # the answers are certain

    def __init__(self, pairs: int, keys: int, batch: int) -> None:
        self.pairs, self.keys, self.batch_size = pairs, keys, batch
        self.tokenizer = Characters(ascii_lowercase[:keys] + ascii_uppercase[:keys])
        self.vocabulary, self.context = self.tokenizer.vocabulary, 4 * pairs - 1
        self.chance = 1 / keys
        self.hash = hashlib.sha256(self._tokens("validation", 0, rows=QUICK_ROWS).tobytes()).hexdigest()

    @cached_property
    def references(self) -> dict[str, float]:
        """The uniform guess among all tokens and among the values; the answers are certain, so the entropy is 0."""
        return {"uniform": log(self.vocabulary), "chance": log(self.keys), "entropy": 0.0}

    def batch(self, seed: int, t: int) -> "tuple[Tensor, Tensor]":
        """`ids_BT`, `targets_BT` of step t."""
        return self._rows("train", seed, t, rows=self.batch_size)

    def validation(self, quick: bool = False) -> "Iterator[tuple[Tensor, Tensor]]":
        """The same rows always, from a stream that no seed of `batch` reaches."""
        for t in range((QUICK_ROWS if quick else VALIDATION_ROWS) // QUICK_ROWS):
            yield self._rows("validation", t, rows=QUICK_ROWS)

    def _rows(self, *stream: int | str, rows: int) -> "tuple[Tensor, Tensor]":
        import torch

        tokens_BS = torch.from_numpy(self._tokens(*stream, rows=rows))
        targets_BT = torch.full((rows, self.context), IGNORED)
        targets_BT[:, 2 * self.pairs :: 2] = tokens_BS[:, 2 * self.pairs + 1 :: 2]
        return tokens_BS[:, :-1].contiguous(), targets_BT

    def _tokens(self, *stream: int | str, rows: int) -> NDArray[np.int64]:
        """Whole rows: the pairs, then the same pairs in another order."""
        keys = permutations(*stream, "keys", rows=rows, size=self.keys)[:, : self.pairs]
        values = permutations(*stream, "values", rows=rows, size=self.keys)[:, : self.pairs]
        pairs_BPK = np.stack([keys + 1, values + 1 + self.keys], axis=2)
        order = permutations(*stream, "order", rows=rows, size=self.pairs)
        asked_BPK = np.take_along_axis(pairs_BPK, order[:, :, None], axis=1)
        return np.concatenate([pairs_BPK, asked_BPK], axis=1).reshape(rows, -1)


SPELLING = Text(
    "{name!r} is spelt wrongly: recall, or recall:PAIRS:KEYS with two whole numbers, such as recall:8:16.",
    "“{name}”写法有误：应为 recall，或 recall:对数:键数（两个整数），例如 recall:8:16。",
)
SIZES = Text(
    "Recall cannot have {pairs} pairs of {keys} keys: 1 ≤ pairs ≤ keys, and keys from 2 to 26.",
    "联想回忆不能设为 {pairs} 对、{keys} 个键：要求 1 ≤ 对数 ≤ 键数，键数在 2 到 26 之间。",
)
CONTEXT = Text(
    "Recall of {pairs} pairs needs a context of at least {needed}, not {context}.",
    "{pairs} 对的联想回忆至少需要长度为 {needed} 的上下文，现在是 {context}。",
)
