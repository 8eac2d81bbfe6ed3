"""What each precision of an exported file costs: bytes, loss, speed. Loss and speed come from the files themselves.

The loss is that of a fixed stretch of the validation part, each row read on its own as one text is; speeds are taken in
turns. Knows how files are made by `quantize` only as a call.
"""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from playground.bench.measure import Spread, in_turns
from playground.data import confirm, prepare
from playground.data.base import IGNORED
from playground.decode import continuation
from playground.precision import FP16, INT4, INT8
from playground.runs import About
from playground.sampling import Sampling
from playground.session import Ids, Session, fastest

THREADS = 1  # of every session whose speed is measured
ROUNDS = 5
PROMPT, TOKENS = 8, 56  # a context of 64
GREEDY = Sampling(temperature=0)
Rows = Sequence[tuple[Ids, Ids]]  # ids [T] and targets [T] of each
ALLOWED = {FP16: 0.002, INT8: 0.02, INT4: 0.1}
"""Nats per token that the loss may rise. The twins of gpt-2, llama-3, gemma-2 and t5-v1.1, trained on 200,000 tokens of
tales, rose by at most 0.00001, 0.0012 and 0.024; a wrong scale or zero point costs whole nats."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One precision's file: its size, its loss, its speed."""

    bytes: int
    val_loss: float  # nats per token
    speed: Spread  # tokens per second, batch 1, `THREADS` threads
    provider: str  # what it ran on
    form: str  # fast or portable: which form of the file was run

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it; a loss that is not finite is None."""
        loss = self.val_loss if math.isfinite(self.val_loss) else None
        ran = {"provider": self.provider, "form": self.form}
        return {"bytes": self.bytes, "val_loss": loss, "speed": self.speed.to_dict(), **ran}


def stretch(about: About, text: bytes | None = None) -> list[tuple[Ids, Ids]]:
    """Rows of the validation part that the run was judged on, (ids [T], targets [T]): the same for every precision.

    Raises:
        Refusal: the run's text cannot be had, or is not the one it was trained on; `text` is a person's own.
    """
    recipe, shape = about.recipe, about.architecture.shape
    task = prepare(recipe.data, recipe.tokenizer, shape.context, recipe.batch, shape.vocabulary, text)
    confirm(recipe.data, task.hash, str(about.provenance.get("data_hash")))
    return [
        (ids.numpy(), targets.numpy())
        for batch in task.validation(quick=True)
        for ids, targets in zip(*batch, strict=True)
    ]


def text_of(rows: Rows) -> list[int]:
    """The ids of such rows, one row after the other."""
    return [int(id) for ids_T, _ in rows for id in ids_T]


def loss(session: Session, rows: Iterable[tuple[Ids, Ids]]) -> float:
    """Nats per counted target of what the file computes; not finite where its numbers are not, or nothing counts."""
    total, count = 0.0, 0
    for ids_T, targets_T in rows:
        counted = targets_T != IGNORED
        logits_NV = session.step(ids_T[None])[0][0, counted].astype(np.float64)
        highest_N = logits_NV.max(-1)
        normalizer_N = highest_N + np.log(np.exp(logits_NV - highest_N[:, None]).sum(-1))
        chosen_N = np.take_along_axis(logits_NV, targets_T[counted][:, None], -1)[:, 0]
        total += float((normalizer_N - chosen_N).sum())
        count += int(counted.sum())
    return total / count if count else math.nan


def speeds(sessions: Mapping[str, Session]) -> dict[str, Spread]:
    """Tokens per second of files of one architecture, in turns: greedy, to the end of a context of at most 64."""

    def speed(session: Session) -> float:
        context, vocabulary = session.context, session.tokenizer.vocabulary
        prompt = [id % vocabulary for id in range(max(1, min(PROMPT, context // 2)))]
        begun = time.perf_counter()
        written = list(continuation(session, prompt, max(1, min(TOKENS, context - len(prompt))), GREEDY, guess=False))
        return len(written) / (time.perf_counter() - begun)

    return in_turns({name: partial(speed, session) for name, session in sessions.items()}, ROUNDS)


def costs(files: Mapping[str, Path], rows: Rows) -> dict[str, Cost]:
    """What each of `files`, named by its precision, costs over the same rows, run as the page writes with it.

    That is on the processor, in its fast form where one lies beside it. Raises `Problem` as `Session`.
    """
    sessions = {name: fastest(file, THREADS) for name, file in files.items()}
    fast = speeds(sessions)
    return {
        name: Cost(files[name].stat().st_size, loss(session, rows), fast[name], session.provider, session.form)
        for name, session in sessions.items()
    }
