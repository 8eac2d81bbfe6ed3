"""Rows put into the run store: experiments, runs to be trained, runs that ended elsewhere, runs that are gone on with.

Every function works inside a transaction that its caller holds.
"""

import sqlite3
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from playground.rows import BROKEN_OFF, Ended, ExperimentRow, Runs, Whose, reason_json, run_name


def insert(connection: sqlite3.Connection, values: tuple[object, ...]) -> bool:
    """A row of `experiment`; False where there is one of this id."""
    columns = "id, owner, created, json, settings, origin"
    done = connection.execute(f"INSERT OR IGNORE INTO experiment ({columns}) VALUES (?, ?, ?, ?, ?, ?)", values)
    return done.rowcount > 0


def take_in(connection: sqlite3.Connection, row: ExperimentRow, runs: Sequence[Ended], folder: Path) -> None:
    """Rows of `run` and `event` for what ended elsewhere."""
    (last,) = connection.execute("SELECT coalesce(max(position), 0) FROM run").fetchone()
    for n, run in enumerate(runs, start=1):
        id, place, seen = uuid.uuid4().hex, str(folder / run_name(run.variant, run.seed)), time.monotonic()
        about = (id, row.id, run.variant, run.seed, row.owner, run.state, reason_json(run.reason), place, last + n)
        connection.execute(
            "INSERT INTO run (id, experiment, variant, seed, owner, state, reason, folder, position, step, keep, seen,"
            " started, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)",
            (*about, run.step, seen, run.started, run.ended),
        )
        lines = [(id, number, line) for number, line in enumerate(run.events, start=1)]
        connection.executemany("INSERT INTO event VALUES (?, ?, ?)", lines)


def queue(connection: sqlite3.Connection, experiment: str, root: Path, runs: Runs, whose: Whose) -> None:
    """Queued rows of `run`, behind all others; their folders are in `root`."""
    (owner, keep, by), seen = whose, time.monotonic()
    (last,) = connection.execute("SELECT coalesce(max(position), 0) FROM run").fetchone()
    connection.executemany(
        "INSERT INTO run (id, experiment, variant, seed, owner, state, folder, position, keep, seen, worker)"
        " VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?)",
        [
            (uuid.uuid4().hex, experiment, *run, owner, str(root / run_name(*run)), last + n, keep, seen, by)
            for n, run in enumerate(runs, start=1)
        ],
    )


def queue_again(connection: sqlite3.Connection, experiment: str, run: str, step: int) -> None:
    """Queue a run that broke off behind all others, from `step` on; what it said from there on is forgotten.

    A state that was not announced may be later than what is on record: then it begins anew.
    """
    announced = "json_extract(json, '$.kind') = 'saved' AND json_extract(json, '$.step') = ?"
    about = f"SELECT coalesce(max(n), 0) FROM event WHERE run = ? AND {announced}"
    (last,) = connection.execute(about, (run, step)).fetchone()
    done = connection.execute(
        "UPDATE run SET state = 'queued', position = (SELECT max(position) + 1 FROM run), step = ?, seen = ?,"
        " worker = (SELECT json_extract(settings, '$.by') FROM experiment WHERE id = run.experiment),"
        " stop = NULL, held = NULL, reason = NULL, started = NULL, begun = NULL, ended = NULL"
        " WHERE id = ? AND experiment = ? AND state IN (?, ?)",
        (step if last else 0, time.monotonic(), run, experiment, *BROKEN_OFF),
    )
    if done.rowcount:
        connection.execute("DELETE FROM event WHERE run = ? AND n > ?", (run, last))
