"""Following an experiment: what its runs have said so far, as plain growing lists. Reads the store only, no torch.

A run's state is read before its events: a run seen as finished has then given all of them.
"""

import json
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from models.text import Refusal
from playground.rows import run_name
from playground.store import GOING, RunRow, Store

CURVE = (
    *("step", "tokens", "seconds", "flops", "train_loss", "val_loss", "grad_norm", "lr", "tokens_per_second"),
    "val_accuracy",
)
TICK = 0.2  # seconds between snapshots
SHORTEST = 0.04  # seconds from a run's end to the last snapshot, at most
SEE = 1.0  # seconds between notes that somebody is looking

Snapshot = dict[str, Any]


class Followed:
    """One run as it looks so far."""

    def __init__(self, row: RunRow, cursor: int = 0) -> None:
        self.row, self.cursor = row, cursor
        self.curve: dict[str, list[float | None]] = {name: [] for name in CURVE}
        self.probed = 0  # times that it was looked into
        self.kept: list[int] = []  # steps after which the weights were kept
        self.said: dict[str, dict[str, Any] | None] = {
            "started": None,
            "sampled": None,
            "compiled": None,
            "overflowed": None,
            "diverged": None,
            "finished": None,
        }

    def read(self, store: Store, row: RunRow) -> None:
        """Take in what is new; `row` was read before this."""
        self.row = row
        for number, line in store.events(row.id, self.cursor):
            self.cursor = number
            event = json.loads(line)
            if event["kind"] == "point":
                for name, values in self.curve.items():
                    values.append(event.get(name))  # what was stored before may lack the newest
            elif event["kind"] == "probed":
                self.probed += 1
            elif event["kind"] == "kept":
                self.kept.append(event["step"])
            elif event["kind"] in self.said:
                self.said[event["kind"]] = event

    def snapshot(self) -> Snapshot:
        """Plain values of their own: what is added later does not change them."""
        row = self.row
        return {
            "id": row.id,
            "name": run_name(row.variant, row.seed),
            "variant": row.variant,
            "seed": row.seed,
            "state": row.state,
            "reason": None if row.reason is None else {"en": row.reason.en, "zh": row.reason.zh},
            "at": row.step,
            "held": row.held is not None and row.state == "running",
            "progress": self.progress(),
            "left": self.left(),
            "kept": [*self.kept],
            "probed": self.probed,
            **{name: [*values] for name, values in self.curve.items()},
            **self.said,
        }

    def progress(self) -> float:
        """How much of the budget is used, in [0, 1]."""
        started = self.said["started"]
        if self.row.state == "finished":
            return 1.0
        if started is None:
            return 0.0
        if started["steps"] is not None:
            return min(1.0, self.row.step / started["steps"])
        seconds = self.curve["seconds"]
        return min(1.0, (seconds[-1] or 0.0) / started["seconds"]) if seconds else 0.0

    def left(self) -> float | None:
        """Seconds left at the pace so far, measurements since it was last begun included; None: there is no telling."""
        done, row = self.progress(), self.row
        if row.state != "running" or row.held is not None or row.begun is None or not done:
            return None
        seconds = self.curve["seconds"]
        trained = (seconds[-1] or 0.0) if seconds else 0.0
        # A run that goes on has trained for longer than since it was begun again.
        return max(time.monotonic() - row.begun, trained) * (1 - done) / done


class Follower:
    """Follows one experiment; belongs to one page or command."""

    def __init__(self, store: Store, experiment: str, cursor: Mapping[str, int] | None = None) -> None:
        self.store, self.experiment, self.start = store, experiment, cursor or {}
        self.runs: dict[str, Followed] = {}
        self._seen = 0.0

    def snapshot(self) -> Snapshot:
        """Everything known now: `{"experiment", "state", "runs": [...]}`, JSON-able throughout.

        `state` is running while any run is queued or running, and then finished.
        """
        rows = self.store.runs(self.experiment)  # states first, events second
        for row in rows:
            known = self.runs.get(row.id)
            if known is None or (known.row.state not in GOING and row.state in GOING):
                # Where it is gone on with, some of what it has said is said again.
                self.runs[row.id] = Followed(row, self.start.get(row.id, 0) if known is None else 0)
            self.runs[row.id].read(self.store, row)
        if time.monotonic() - self._seen > SEE:
            self._seen = time.monotonic()
            with suppress(Refusal):  # a full disk must not keep anybody from looking
                self.store.see(self.experiment)
        going = any(row.state in GOING for row in rows)
        runs = [self.runs[row.id].snapshot() for row in rows]
        return {"experiment": self.experiment, "state": "running" if going else "finished", "runs": runs}

    @property
    def cursor(self) -> dict[str, int]:
        """The last event read of every run."""
        return {id: followed.cursor for id, followed in self.runs.items()}


def follow(store: Store, experiment: str, cursor: Mapping[str, int] | None = None) -> Iterator[Snapshot]:
    """Snapshots of an experiment a few times a second, the last one when all its runs have ended.

    With a `cursor` (run id to event number) the lists hold only what came after it.
    """
    follower = Follower(store, experiment, cursor)
    while True:
        snapshot = follower.snapshot()
        yield snapshot
        if snapshot["state"] != "running":
            return
        _rest(store, experiment)


def ended(store: Store, experiment: str) -> Snapshot:
    """Wait until all runs have ended; the last snapshot. Those before are not kept: of many runs they are gigabytes."""
    return deque(follow(store, experiment), maxlen=1)[0]


def _rest(store: Store, experiment: str) -> None:
    """Wait a tick, or until nothing goes on any more: whoever pressed Stop looks at the page for it."""
    for _ in range(round(TICK / SHORTEST)):
        time.sleep(SHORTEST)
        if not store.going(experiment):
            return
