"""The run store: experiments, their runs, the events of each run, and small jobs. Knows rows and JSON, no model.

Many processes share one file: workers claim and append, pages and commands read by cursor. A `Store` belongs to one
process; its threads may share it. How long something takes is told by the machine's steady clock, which is the same in
all processes; the clock on the wall, which may be set, only says when something was.
"""

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models.text import Text
from playground import turns
from playground.database import connect, saying, transaction
from playground.inserting import insert, queue, queue_again, take_in
from playground.rows import (
    FREE,
    GOING,
    Ended,
    ExperimentRow,
    JobRow,
    RunRow,
    Runs,
    Settings,
    State,
    experiment_row,
    job_row,
    reason_json,
    run_row,
    settings_json,
)

RESTARTED = Text(
    "The server ended while this run was going on.",
    "训练过程中服务器退出，本次训练被中断。",
)


class Store:
    """Reads and writes the database at `path`; makes it if there is none.

    `notice` says what had to be set aside. Every method raises `Refusal` where the disk is full, the file locked or
    damaged.
    """

    def __init__(self, path: Path, *, check: bool = False) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._connection, self.notice = connect(path, check=check)

    def close(self) -> None:
        """Close the connection; the store cannot be used afterwards."""
        with self._lock:
            self._connection.close()

    # Experiments and runs

    def submit(
        self,
        experiment: str,
        runs: Runs,
        folder: Path,
        *,
        owner: str = "",
        keep: bool = True,
        settings: Settings = FREE,
    ) -> str:
        """Queue an experiment's runs, given as (variant, seed), and return its id, which cannot be guessed.

        `folder` holds the runs' folders; "{id}" in it stands for the experiment's id.
        """
        id, now = uuid.uuid4().hex, time.time()
        root = Path(str(folder).replace("{id}", id))
        with self._transaction() as connection:
            insert(connection, (id, owner, now, experiment, settings_json(settings), None))
            queue(connection, id, root, runs, (owner, keep, settings.by))
        return id

    def extend(self, id: str, experiment: str, runs: Runs) -> None:
        """Queue more runs of an experiment, which is now as `experiment` says, beside those it has."""
        row, one = self.experiment(id), self.runs(id)[0]
        assert row is not None
        with self._transaction() as connection:
            connection.execute("UPDATE experiment SET json = ? WHERE id = ?", (experiment, id))
            queue(connection, id, one.folder.parent, runs, (row.owner, one.keep, row.settings.by))

    def experiment(self, id: str) -> ExperimentRow | None:
        """The experiment of that id, if there is one."""
        rows = self._read("SELECT * FROM experiment WHERE id = ?", id)
        return experiment_row(rows[0]) if rows else None

    def history(self, owner: str | None, limit: int = 50) -> list[ExperimentRow]:
        """An owner's experiments, the latest first; everybody's without one."""
        whose = "SELECT * FROM experiment WHERE coalesce(?, owner) = owner ORDER BY created DESC LIMIT ?"
        return [experiment_row(row) for row in self._read(whose, owner, limit)]

    def adopt(self, row: ExperimentRow, runs: Sequence[Ended], folder: Path) -> str:
        """Take in an experiment that ended elsewhere, and return its id; one that is here already stays as it is."""
        with self._transaction() as connection:
            values = (row.id, row.owner, row.created, row.json, settings_json(row.settings), row.origin)
            if insert(connection, values):
                take_in(connection, row, runs, folder)
        return row.id

    def delete(self, id: str) -> bool:
        """Forget an experiment with its runs, their events and jobs; not while any of its runs goes on."""
        with self._transaction() as connection:
            about = "SELECT id FROM run WHERE experiment = ?"
            going = connection.execute(f"{about} AND state IN (?, ?)", (id, *GOING)).fetchone()
            if going is None:
                connection.execute(f"DELETE FROM event WHERE run IN ({about})", (id,))
                connection.execute(f"DELETE FROM job WHERE json_extract(payload, '$.run') IN ({about})", (id,))
                connection.execute("DELETE FROM run WHERE experiment = ?", (id,))
                connection.execute("DELETE FROM experiment WHERE id = ?", (id,))
        return going is None

    def bytes_of_events(self) -> dict[str, int]:
        """How much the events of every experiment take, by its id."""
        each = "SELECT experiment, sum(length(json)) AS bytes FROM event JOIN run ON run = run.id GROUP BY experiment"
        return {row["experiment"]: row["bytes"] for row in self._read(each)}

    def runs(self, experiment: str) -> list[RunRow]:
        """The runs of an experiment, in the order in which they were queued."""
        return [
            run_row(row) for row in self._read("SELECT * FROM run WHERE experiment = ? ORDER BY position", experiment)
        ]

    def run(self, id: str) -> RunRow | None:
        """The run of that id, if there is one."""
        rows = self._read("SELECT * FROM run WHERE id = ?", id)
        return run_row(rows[0]) if rows else None

    def going(self, experiment: str | None = None) -> list[RunRow]:
        """All runs queued or running, of everybody or of one experiment, in the order of the queue."""
        which = "state IN (?, ?) AND experiment = coalesce(?, experiment)"
        return [
            run_row(row) for row in self._read(f"SELECT * FROM run WHERE {which} ORDER BY position", *GOING, experiment)
        ]

    def turns(self) -> dict[str, int]:
        """Of every owner who waits, when a run of theirs was last taken, counted in runs; 0 for never."""
        who = "owner IN (SELECT owner FROM run WHERE state = 'queued')"
        rows = self._read(f"SELECT owner, coalesce(max(turn), 0) AS turn FROM run WHERE {who} GROUP BY owner")
        return {row["owner"]: row["turn"] for row in rows}

    def lately_finished(self, count: int) -> list[RunRow]:
        """The runs that finished last, trained here, the latest first."""
        rows = self._read("SELECT * FROM run WHERE state = 'finished' AND turn > 0 ORDER BY turn DESC LIMIT ?", count)
        return [run_row(row) for row in rows]

    def events(self, run: str, after: int = 0) -> list[tuple[int, str]]:
        """The run's events with numbers above `after`, as (number, JSON); numbers start at 1."""
        rows = self._read("SELECT n, json FROM event WHERE run = ? AND n > ? ORDER BY n", run, after)
        return [(row["n"], row["json"]) for row in rows]

    def endings(self, experiment: str) -> list[tuple[int, str]]:
        """What the experiment's finished runs said at their end, as (variant, JSON)."""
        about = "SELECT variant, json FROM run JOIN event ON run = id WHERE experiment = ? AND json LIKE ?"
        return [(row["variant"], row["json"]) for row in self._read(about, experiment, '%"kind": "finished"%')]

    def last_event(self, run: str) -> int:
        """The number of the run's latest event, 0 where it has said nothing."""
        return self._read("SELECT coalesce(max(n), 0) AS n FROM event WHERE run = ?", run)[0]["n"]

    def stop(self, experiment: str) -> None:
        """Ask the experiment's runs to stop; those not begun are stopped at once."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE run SET state = 'stopped', ended = ? WHERE experiment = ? AND state = 'queued'",
                (time.time(), experiment),
            )
            connection.execute(
                "UPDATE run SET stop = coalesce(stop, ?) WHERE experiment = ? AND state = 'running'",
                (time.monotonic(), experiment),
            )

    def hold(self, experiment: str, step: int | None) -> None:
        """Let the experiment's runs wait after that step, or where they are beyond it; None: let them go on."""
        self._write("UPDATE run SET held = ? WHERE experiment = ? AND state IN (?, ?)", step, experiment, *GOING)

    def see(self, experiment: str) -> None:
        """Somebody is looking at this experiment now."""
        self._write("UPDATE run SET seen = ? WHERE experiment = ?", time.monotonic(), experiment)

    def resume(self, id: str, steps: Mapping[str, int]) -> None:
        """Queue runs of an experiment that broke off, given as run to the step at which its state was saved.

        They go on from there, where it is on record that it was to be saved then, else from the beginning; what they
        said later is forgotten, since it is said again. Runs that did not break off are left.
        """
        with self._transaction() as connection:
            for run, step in steps.items():
                queue_again(connection, id, run, step)

    # What workers do

    def claim(self, worker: str, threads: int | None = None) -> RunRow | None:
        """Take the next queued run for `worker`, if there is one, and it fits into `threads` beside those that run.

        It is of the owner with the fewest running, among these of the one who was served least recently; and of that
        owner's experiments the one with the fewest running, the oldest.
        """
        asked = {"worker": worker, "now": time.time(), "clock": time.monotonic(), "threads": threads}
        rows = self._write(turns.RUN, asked)
        return run_row(rows[0]) if rows else None

    def claim_alike(self, row: RunRow, worker: str, most: int) -> list[RunRow]:
        """Take at most so many queued runs of the same variant for `worker`, other seeds at the same step."""
        which = "experiment = ? AND variant = ? AND step = ? AND coalesce(worker, ?) = ?"
        rows = self._write(
            "UPDATE run SET state = 'running', worker = ?, started = ?, begun = ?,"
            " turn = (SELECT max(turn) FROM run) WHERE state = 'queued' AND id IN ("
            f"SELECT id FROM run WHERE state = 'queued' AND {which} ORDER BY position LIMIT ?) RETURNING *",
            *(worker, time.time(), time.monotonic()),
            *(row.experiment, row.variant, row.step, worker, worker, max(0, most)),
        )
        return sorted((run_row(row) for row in rows), key=lambda row: row.seed)

    def append(self, run: str, first: int, lines: Sequence[str], step: int = 0) -> None:
        """Add events numbered from `first`, and how far the run is, all or nothing."""
        with self._transaction() as connection:
            rows = [(run, first + n, line) for n, line in enumerate(lines)]
            connection.executemany("INSERT INTO event VALUES (?, ?, ?)", rows)
            connection.execute("UPDATE run SET step = max(step, ?) WHERE id = ?", (step, run))

    def held(self, run: str) -> int | None:
        """The step after which the run is to wait, if it is."""
        return self._read("SELECT held FROM run WHERE id = ?", run)[0]["held"]

    def asked_to_stop(self, run: str) -> bool:
        """Has somebody pressed Stop?"""
        return self._read("SELECT stop FROM run WHERE id = ?", run)[0]["stop"] is not None

    def abandoned(self, run: str, grace: float | None) -> bool:
        """Has nobody looked for `grace` seconds at a run that is not kept?"""
        if grace is None:
            return False
        row = self._read("SELECT keep, seen FROM run WHERE id = ?", run)[0]
        return not row["keep"] and time.monotonic() - row["seen"] > grace

    def overdue(self, patience: float) -> list[RunRow]:
        """Runs asked to stop more than `patience` seconds ago that are still going on."""
        limit = time.monotonic() - patience
        return [run_row(row) for row in self._read("SELECT * FROM run WHERE state = 'running' AND stop < ?", limit)]

    def stop_late(self, patience: float) -> None:
        """Ask runs to stop whose deadline passed more than `patience` seconds ago: one in a long step did not look."""
        self._write(
            "UPDATE run SET stop = coalesce(stop, ?) WHERE state = 'running' AND ? - begun > ? + ("
            "SELECT coalesce(json_extract(settings, '$.deadline'), 9e99) FROM experiment WHERE id = run.experiment)",
            time.monotonic(),
            time.monotonic(),
            patience,
        )

    def end(self, run: str, state: State, reason: Text | None = None) -> None:
        """The running run is over; one that has ended already stays as it is."""
        self._write(
            "UPDATE run SET state = ?, reason = ?, ended = ? WHERE id = ? AND state = 'running'",
            state,
            reason_json(reason),
            time.time(),
            run,
        )

    def abandon_queued(self) -> None:
        """Stop queued runs that are not kept and that nobody has looked at for their grace."""
        self._write(
            "UPDATE run SET state = 'stopped', ended = ? WHERE state = 'queued' AND NOT keep AND ? - seen > ("
            "SELECT coalesce(json_extract(settings, '$.grace'), 9e99) FROM experiment WHERE id = run.experiment)",
            time.time(),
            time.monotonic(),
        )

    def end_of_worker(self, worker: str, state: State, reason: Text) -> None:
        """`worker` is gone: what it was doing has ended as `state`."""
        self._write(
            "UPDATE run SET state = ?, reason = ?, ended = ? WHERE worker = ? AND state = 'running'",
            state,
            reason_json(reason),
            time.time(),
            worker,
        )
        self._write(
            "UPDATE job SET state = ?, reason = ? WHERE worker = ? AND state = 'running'",
            state,
            reason_json(reason),
            worker,
        )

    def requeue(self, worker: str) -> None:
        """`worker` is gone, and another can go on with its runs; those asked to stop have stopped."""
        self._write(
            "UPDATE run SET state = iif(stop IS NULL, 'queued', 'stopped'), worker = NULL,"
            " ended = iif(stop IS NULL, NULL, ?) WHERE worker = ? AND state = 'running'",
            time.time(),
            worker,
        )

    def interrupt_leftovers(self) -> None:
        """Mark what was going on when the last server ended; only for one who knows that no worker is alive.

        What was still queued stays so, and gets its grace anew; what only a thread that is gone could train does not.
        """
        reason = reason_json(RESTARTED)
        self._write(
            "UPDATE run SET state = 'interrupted', reason = ?, ended = ?"
            " WHERE state = 'running' OR (state = 'queued' AND worker IS NOT NULL)",
            reason,
            time.time(),
        )
        self._write("UPDATE run SET seen = ? WHERE state = 'queued'", time.monotonic())
        self._write("UPDATE job SET state = 'interrupted', reason = ? WHERE state = 'running'", reason)

    # Jobs

    def add_job(self, kind: str, payload: dict[str, Any], owner: str = "") -> str:
        """Queue a job and return its id."""
        id = uuid.uuid4().hex
        self._write(
            "INSERT INTO job (id, kind, payload, owner, state, position, created)"
            " SELECT ?, ?, ?, ?, 'queued', coalesce(max(position), 0) + 1, ? FROM job",
            id,
            kind,
            json.dumps(payload),
            owner,
            time.time(),
        )
        return id

    def jobs_going(self) -> int:
        """How many jobs are queued or running, of everybody."""
        return self._read("SELECT count(*) AS count FROM job WHERE state IN (?, ?)", *GOING)[0]["count"]

    def job(self, id: str) -> JobRow | None:
        """The job of that id, if there is one."""
        rows = self._read("SELECT * FROM job WHERE id = ?", id)
        return job_row(rows[0]) if rows else None

    def last_job(self, kind: str, run: str) -> JobRow | None:
        """The latest job of a kind whose payload names this as its `run`, if there is one."""
        about = "kind = ? AND json_extract(payload, '$.run') = ?"
        rows = self._read(f"SELECT * FROM job WHERE {about} ORDER BY position DESC LIMIT 1", kind, run)
        return job_row(rows[0]) if rows else None

    def drop_queued(self, kind: str, owner: str) -> None:
        """Forget what this visitor has queued of a kind, and nobody has begun."""
        self._write("DELETE FROM job WHERE kind = ? AND owner = ? AND state = 'queued'", kind, owner)

    def claim_job(self, worker: str) -> JobRow | None:
        """Take the next queued job for `worker`, if there is one: the oldest of the owner with the fewest running."""
        rows = self._write(turns.JOB, {"worker": worker})
        return job_row(rows[0]) if rows else None

    def end_job(self, id: str, state: State, result: dict[str, Any] | None = None, reason: Text | None = None) -> None:
        """The running job is over."""
        self._write(
            "UPDATE job SET state = ?, result = ?, reason = ? WHERE id = ? AND state = 'running'",
            state,
            None if result is None else json.dumps(result),
            reason_json(reason),
            id,
        )

    # SQL

    def _read(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """With values in their order, or a dictionary of them by name."""
        given = values[0] if values and isinstance(values[0], dict) else values
        with self._lock, saying():
            return self._connection.execute(statement, given).fetchall()

    _write = _read  # in autocommit, one statement is one transaction

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, saying(), transaction(self._connection) as connection:
            yield connection
