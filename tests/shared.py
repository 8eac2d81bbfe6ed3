"""Experiments that have ended, as a store holds them: their runs say what a test makes up, no model is trained."""

import math
import time
import uuid
from pathlib import Path
from typing import Any

from playground import link
from playground.events import Diverged, Event, Finished, Point, Sampled, Saved, Started, encode
from playground.experiment import Experiment
from playground.rows import FREE, Ended, ExperimentRow, State
from playground.store import Store

QUERY = "v=1&a=gpt-2&b=llama-3,position=alibi&recipe.tokens=60000&seeds=3"
REFERENCES = {"uniform": 4.1, "unigram": 3.1, "bigram": 2.1}


def experiment(query: str = QUERY) -> Experiment:
    """The experiment of a link."""
    made, notes = link.read(query)
    assert not notes
    return made


def loss(variant: int, seed: int, step: int) -> float:
    """A loss that falls, other for every variant and seed."""
    return 1.4 + 0.1 * variant + 0.013 * ((7 * seed + 3 * variant) % 5) + 2.5 * math.exp(-step / 30)


def said(variant: int, seed: int, points: int = 20, sample: str = "Once upon a time") -> list[Event]:
    """What a run that finishes says."""
    steps = [4 * (n + 1) for n in range(points)]
    curve = [_point(step, loss(variant, seed, step), step % 20 == 0) for step in steps]
    end = loss(variant, seed, steps[-1])
    return [
        Started(steps[-1], None, 4, 768, 5e6, 800_000 + variant, 60, "a processor", "ab" * 32, REFERENCES),
        *curve,
        Saved(steps[-1], "/somewhere/private"),
        Finished(steps[-1], 768 * steps[-1], steps[-1] / 10, end, math.exp(end), end * 1.4, 0.5, 1.0),
        Sampled(steps[-1], 0.8, (sample,)),
    ]


def submit(store: Store, made: Experiment | None = None, owner: str = "mia", **of: Any) -> str:
    """An experiment whose runs have all finished; its id. Nothing is queued, so no worker takes it for its own."""
    made = made or experiment()
    runs = [_ended(run, "finished", said(*run, **of)) for run in made.runs()]
    return store.adopt(_row(made, owner), runs, Path("runs"))


def diverge(store: Store, made: Experiment) -> str:
    """An experiment whose last variant diverges, the others finishing; its id."""
    runs = []
    for run in made.runs():
        bad = run[0] == len(made.variants) - 1
        events = said(*run)[:5] + [Diverged(21, 9.0, None, 1e9)] if bad else said(*run)
        runs.append(_ended(run, "diverged" if bad else "finished", events))
    return store.adopt(_row(made, "mia"), runs, Path("runs"))


def _row(made: Experiment, owner: str) -> ExperimentRow:
    return ExperimentRow(uuid.uuid4().hex, owner, time.time(), made.to_json(), FREE)


def _ended(run: tuple[int, int], state: State, events: list[Event]) -> Ended:
    return Ended(*run, state, None, 10.0, 20.0, 80, tuple(encode(event) for event in events))


def _point(step: int, value: float, validated: bool) -> Point:
    return Point(step, 768 * step, step / 10, 1e9 * step, value, value + 0.02 if validated else None, 1.5, 1e-3, 7000.0)
