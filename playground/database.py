"""Opens the SQLite file that runs are kept in: its tables, its version, and what to do with one that cannot be used.

Knows the schema, not what is done with it. A file that is damaged or written by a newer version is set aside, never
overwritten.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.text import Refusal, Text

# MIGRATIONS[n] takes a database of version n to version n + 1.
MIGRATIONS = (
    """
    CREATE TABLE experiment (
        id TEXT PRIMARY KEY, owner TEXT NOT NULL, created REAL NOT NULL, json TEXT NOT NULL, settings TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE run (
        id TEXT PRIMARY KEY, experiment TEXT NOT NULL REFERENCES experiment,
        variant INTEGER NOT NULL, seed INTEGER NOT NULL, owner TEXT NOT NULL,
        state TEXT NOT NULL, reason TEXT, folder TEXT NOT NULL, worker TEXT, position INTEGER NOT NULL,
        stop REAL, step INTEGER NOT NULL DEFAULT 0, keep INTEGER NOT NULL, seen REAL NOT NULL, started REAL, ended REAL
    ) WITHOUT ROWID;
    CREATE INDEX run_of_experiment ON run (experiment);
    CREATE INDEX run_by_state ON run (state, position);
    CREATE TABLE event (run TEXT NOT NULL, n INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (run, n)) WITHOUT ROWID;
    CREATE TABLE job (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL, owner TEXT NOT NULL,
        state TEXT NOT NULL, result TEXT, reason TEXT, worker TEXT, position INTEGER NOT NULL, created REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX job_by_state ON job (state, position);
    """,
    """
    ALTER TABLE experiment ADD COLUMN origin TEXT;
    CREATE INDEX experiment_by_owner ON experiment (owner, created);
    """,
    """
    ALTER TABLE run ADD COLUMN held INTEGER;
    """,
    # `turn`: which run of all that workers ever took it was; `begun`, and from here on `seen` and `stop`, are seconds
    # of the machine's steady clock, which nobody sets.
    """
    ALTER TABLE run ADD COLUMN turn INTEGER;
    ALTER TABLE run ADD COLUMN begun REAL;
    CREATE INDEX run_by_turn ON run (turn);
    CREATE INDEX run_by_owner ON run (owner, turn);
    CREATE INDEX job_by_owner ON job (owner, state);
    """,
)
VERSION = len(MIGRATIONS)
PATIENCE = 5.0  # seconds to wait for another writer

SET_ASIDE = Text(
    "The record of earlier runs could not be used ({why}); it was kept as {name}, and a new one was begun.",
    "以往的训练记录无法使用（{why}），已保留为 {name}，并新建了一份记录。",
)
DAMAGED = Text("it is damaged", "文件已损坏")
NEWER = Text("a newer version of this program wrote it", "它由更新版本的程序写入")
FULL = Text(
    "The disk is full, so the run could not be recorded. Free some space and start it again.",
    "磁盘已满，训练记录无法写入。请清理空间后重新开始。",
)
BUSY = Text(
    "The run store was locked by another program for too long. Please try again.",
    "训练记录被其他程序长时间锁定，请重试。",
)
UNWRITABLE = Text(
    "The run store cannot be read or written here ({why}).",
    "训练记录在此处无法读写（{why}）。",
)


def connect(path: Path, *, check: bool) -> tuple[sqlite3.Connection, Text | None]:
    """A connection to the database at `path`, made or migrated if need be, and what had to be set aside.

    Only the first process to open it should `check`: that reads the whole file, and may rename it.

    Raises:
        Refusal: the place cannot be written, or another program holds the lock.
    """
    notice = None
    with saying():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise sqlite3.OperationalError(str(error)) from error
        if check and (why := _unusable(path)):
            name = _set_aside(path)
            notice = Text(SET_ASIDE.en.format(why=why.en, name=name), SET_ASIDE.zh.format(why=why.zh, name=name))
        # Gradio calls successive next() of one generator on different threads; the store has a lock of its own.
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous=NORMAL")
        _migrate(connection)
    return connection, notice


@contextmanager
def saying() -> Iterator[None]:
    """Turn SQLite's complaints about the machine (full, locked, read-only) into a sentence for people."""
    try:
        yield
    except sqlite3.OperationalError as error:
        message = str(error)
        if "full" in message:
            raise Refusal(FULL) from error
        if "locked" in message or "busy" in message:
            raise Refusal(BUSY) from error
        raise Refusal(UNWRITABLE.format(why=message)) from error
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:  # its subclasses are our own mistakes
            raise
        raise Refusal(UNWRITABLE.format(why=str(error))) from error


def _unusable(path: Path) -> Text | None:
    if not path.exists():
        return None
    connection = sqlite3.connect(path, timeout=PATIENCE)
    try:
        newer = _version(connection) > VERSION
        sound = newer or connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return DAMAGED
    finally:
        connection.close()
    return NEWER if newer else None if sound else DAMAGED


def _set_aside(path: Path) -> str:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.name}.{stamp}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside.name


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log. SQLite's own patience does not cover this switch, so it is tried again here."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to VERSION. Exclusive, because several processes open a new file at the same moment.

    Where there is nothing to do nothing is written, so that a store on a full disk can be looked at.
    """
    if _version(connection) >= VERSION:
        return
    with transaction(connection):
        for script in MIGRATIONS[_version(connection) :]:
            for statement in filter(None, map(str.strip, script.split(";"))):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """BEGIN … COMMIT around several statements, or ROLLBACK."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled back already
            connection.execute("ROLLBACK")
        raise
