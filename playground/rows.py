"""The run store's rows as frozen records: experiments, runs, jobs, and what a visitor's runs may use. Knows no SQL."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from models.text import Text

State = Literal["queued", "running", "finished", "stopped", "diverged", "failed", "interrupted"]
Runs = Sequence[tuple[int, int]]  # variant and seed
Whose = tuple[str, bool, str | None]  # owner, whether to keep it, who alone may train it
GOING: tuple[State, ...] = ("queued", "running")
BROKEN_OFF: tuple[State, ...] = ("interrupted", "failed")  # what may be gone on with
IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a visitor's runs may use; not part of the experiment."""

    device: str = "auto"
    deadline: float | None = None  # seconds of one run
    grace: float | None = None  # seconds a run goes on with nobody looking; None: for ever
    text: str | None = None  # file that holds the visitor's own text
    snapshot_bytes: int = 0  # that the snapshots of one run may take; 0: none are taken
    inside: bool = False  # whether runs are looked into as they go
    save_seconds: float | None = None  # between savings of a run's state; None: only at its end
    by: str | None = None  # only who claims under this name may train it; None: anybody


FREE = Settings()  # of runs that nothing bounds


@dataclass(frozen=True, slots=True)
class ExperimentRow:
    """One experiment as it was submitted."""

    id: str
    owner: str
    created: float  # seconds since the epoch
    json: str
    settings: Settings
    origin: str | None = None  # what brought it here: None for training, else such as IMPORTED


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run: variant and seed by number, and how far it is."""

    id: str
    experiment: str
    variant: int
    seed: int
    owner: str
    state: State
    reason: Text | None
    folder: Path
    worker: str | None
    keep: bool
    started: float | None
    ended: float | None
    step: int  # the last one that is known
    held: int | None = None  # the step after which it waits; None: it goes on
    begun: float | None = None  # as `started`, on the machine's steady clock


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that ended elsewhere, with all it said."""

    variant: int
    seed: int
    state: State
    reason: Text | None
    started: float | None
    ended: float | None
    step: int
    events: tuple[str, ...]  # as `events.encode` wrote them


@dataclass(frozen=True, slots=True)
class JobRow:
    """A piece of work that is no run: an export, a benchmark."""

    id: str
    kind: str
    payload: dict[str, Any]
    owner: str
    state: State
    result: dict[str, Any] | None
    reason: Text | None
    worker: str | None


def letter(variant: int) -> str:
    """The letter of variant number 0, 1, …: A, B, …; an experiment has at most 24."""
    return chr(ord("A") + variant)


def run_name(variant: int, seed: int) -> str:
    """The name of a run's folder."""
    return f"{letter(variant)}-seed{seed}"


def settings_json(settings: Settings) -> str:
    """As the store keeps settings."""
    return json.dumps({name: getattr(settings, name) for name in Settings.__slots__})


def reason_json(reason: Text | None) -> str | None:
    """As the store keeps a reason."""
    return None if reason is None else json.dumps(reason, ensure_ascii=False)


def _reason(line: str | None) -> Text | None:
    return None if line is None else Text(*json.loads(line))


def experiment_row(row: sqlite3.Row) -> ExperimentRow:
    """A row of the table `experiment`."""
    settings = Settings(**json.loads(row["settings"]))
    return ExperimentRow(row["id"], row["owner"], row["created"], row["json"], settings, row["origin"])


def run_row(row: sqlite3.Row) -> RunRow:
    """A row of the table `run`."""
    names = ("id", "experiment", "variant", "seed", "owner", "state", "worker", "started", "ended", "step")
    rest = {name: row[name] for name in (*names, "held", "begun")}
    return RunRow(reason=_reason(row["reason"]), folder=Path(row["folder"]), keep=bool(row["keep"]), **rest)


def job_row(row: sqlite3.Row) -> JobRow:
    """A row of the table `job`."""
    return JobRow(
        payload=json.loads(row["payload"]),
        result=None if row["result"] is None else json.loads(row["result"]),
        reason=_reason(row["reason"]),
        **{name: row[name] for name in ("id", "kind", "owner", "state", "worker")},
    )
