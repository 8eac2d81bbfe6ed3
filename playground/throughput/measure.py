"""Every variant in every engine, at growing contexts and batches: who reads and writes how fast, in turns.

A round reads a prompt of the context's length in each row of the batch, then writes some tokens, each timed. Sizes
that would take too long are left out, and said to be. Knows neither page nor store.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from models.architecture import Architecture
from models.cost import cache_bytes
from models.transformer import Transformer
from playground.bench.measure import Spread, machine, warm_turns
from playground.threads import threads
from playground.throughput.bandwidth import read_bandwidth
from playground.throughput.engines import THREADS, Engine, compiled, engines, measured_model, prompt

TOKENS = 24  # written in a round, after one that is not timed
MOST_ROUNDS, LEAST_ROUNDS = 7, 3
SECONDS = 12.0  # for the rounds of one size beyond the fewest
MOST_SECONDS = 120.0  # for the fewest rounds of one size: what takes longer is left out
METRICS = ("decode", "prefill", "first", "p50", "p95")


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows are read and written at once, and how many tokens each of them has before the first is written."""

    context: int
    batch: int


SIZES = (Size(64, 1), Size(256, 1), Size(256, 4), Size(1024, 1), Size(256, 16), Size(4096, 1))
"""The cheapest first. Contexts are compared at batch 1, batches at a context of 256."""


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds to the first token, which is the prompt read, and of every token after it."""

    first: float
    steps: tuple[float, ...]

    def metrics(self, size: Size) -> dict[str, float]:
        """Tokens per second of all rows together, reading and writing; seconds to the first and between two tokens."""
        return {
            "decode": size.batch * len(self.steps) / sum(self.steps),
            "prefill": size.batch * size.context / self.first,
            "first": self.first,
            "p50": float(np.percentile(self.steps, 50)),
            "p95": float(np.percentile(self.steps, 95)),
        }


@dataclass(frozen=True, slots=True)
class Rival:
    """One variant in one engine."""

    variant: int
    engine: Engine
    architecture: Architecture

    def round(self, size: Size) -> Round:
        """Read and write once; the step after reading sets up memory for the cache and is not timed."""
        ids, begun = prompt(size.batch, size.context, self.architecture.shape.vocabulary), time.perf_counter()
        ids, cache = self.engine.step(ids, None)
        first = time.perf_counter() - begun
        ids, cache = self.engine.step(ids, cache)
        steps: list[float] = []
        for _ in range(TOKENS):
            begun = time.perf_counter()
            ids, cache = self.engine.step(ids, cache)
            steps.append(time.perf_counter() - begun)
        return Round(first, tuple(steps))

    def row(self, size: Size, rounds: Sequence[Round]) -> dict[str, Any]:
        """What was measured, as JSON has it; `bound` in tokens per second, what memory alone would allow.

        `cache_bytes` are those needed, which every step reads; an engine's buffers may hold more.
        """
        found = [one.metrics(size) for one in rounds]
        cache = size.batch * cache_bytes(self.architecture, size.context)
        read = self.engine.weight_bytes + cache
        return {
            "variant": self.variant,
            "engine": self.engine.name,
            "context": size.context,
            "batch": size.batch,
            "rounds": len(rounds),
            "cache_bytes": cache,
            "weight_bytes": self.engine.weight_bytes,
            "bound": size.batch * read_bandwidth(read) / read,
        } | {name: Spread.of(one[name] for one in found).to_dict() for name in METRICS}


def measured(
    architectures: Sequence[Architecture],
    sizes: Sequence[Size] = SIZES,
    compile: bool = False,
    between: Callable[[], None] = lambda: None,
) -> Iterator[dict[str, Any]]:
    """What is known so far, again after every size: `rows`, and the sizes `left_out`; so many of `sizes` are `done`.

    compile: torch compiled takes part as well, at batch 1. `compiling` says how long it took for each variant, or None
    where it could not be done. between: called before every export and round; what it raises ends it.

    Raises:
        Refusal: a variant that cannot be exported.
    """
    reach = max(size.context for size in sizes) + TOKENS + 1
    found: dict[str, Any] = {"threads": THREADS, "tokens": TOKENS, "load": _load(), "machine": machine()}
    found |= {"rows": [], "left_out": [], "compiling": [], "done": 0, "sizes": len(sizes)}
    with tempfile.TemporaryDirectory() as folder, threads(THREADS):
        rivals: list[Rival] = []
        for variant, architecture in enumerate(architectures):
            between()
            rivals += _rivals(variant, measured_model(architecture, reach), Path(folder), found if compile else None)
        for size in sizes:
            able = [rival for rival in rivals if size.batch <= (rival.engine.rows or size.batch)]
            rows = _at(able, size, between)
            found["rows"] += rows
            found["left_out"] += [] if rows else [{"context": size.context, "batch": size.batch}]
            found["done"] += 1
            yield found


def _rivals(variant: int, model: Transformer, folder: Path, found: dict[str, Any] | None) -> list[Rival]:
    """One variant in every engine; compiled as well where it is to be noted in `found` how that went."""
    place = folder / str(variant)
    place.mkdir()
    made = engines(model, place)
    if found is not None:
        begun = time.perf_counter()
        try:
            made.append(compiled(model, made[0]))
            found["compiling"].append(time.perf_counter() - begun)
        except RuntimeError as error:
            print(f"torch.compile: {error}", file=sys.stderr)
            found["compiling"].append(None)
    return [Rival(variant, engine, model.architecture) for engine in made]


def _load() -> float | None:
    """How many processes wanted to work in the last minute, where the system says it."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def _at(rivals: Sequence[Rival], size: Size, between: Callable[[], None]) -> list[dict[str, Any]]:
    """A row a rival, or none where the size would take too long."""

    def once(rival: Rival) -> Round:
        between()
        return rival.round(size)

    work = {str(number): partial(once, rival) for number, rival in enumerate(rivals)}
    seconds = _warmed(work)
    if LEAST_ROUNDS * seconds > MOST_SECONDS:
        return []
    rounds = max(LEAST_ROUNDS, min(MOST_ROUNDS, int(SECONDS / seconds)))
    return [rivals[int(name)].row(size, found) for name, found in warm_turns(work, rounds).items()]


def _warmed(work: Mapping[str, Callable[[], Round]]) -> float:
    """Seconds of the round that does not count; cut short where it is known to be too slow."""
    begun = time.perf_counter()
    for do in work.values():
        do()
        if LEAST_ROUNDS * (time.perf_counter() - begun) > MOST_SECONDS:
            break
    return time.perf_counter() - begun
