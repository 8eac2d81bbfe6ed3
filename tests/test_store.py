"""The run store: claims are atomic, cursors lose nothing, and a file that cannot be used is set aside."""

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.text import Refusal, Text
from playground.database import MIGRATIONS, VERSION, transaction
from playground.rows import IMPORTED, Ended, ExperimentRow
from playground.store import Settings, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "runs.db", check=True)
    yield store
    store.close()


def submit(store: Store, count: int = 2, owner: str = "mia", **settings: object) -> str:
    runs = [(variant, 0) for variant in range(count)]
    kept = bool(settings.pop("keep", True))
    return store.submit(
        "{}",
        runs,
        store.path.parent / "{id}",
        owner=owner,
        keep=kept,
        settings=Settings(**settings),  # type: ignore[arg-type]
    )


def test_what_was_submitted_is_read_back(store: Store) -> None:
    id = submit(store, device="cpu", deadline=9.5)
    row = store.experiment(id)
    assert row is not None and (row.owner, row.json, row.settings.device, row.settings.deadline) == (
        "mia",
        "{}",
        "cpu",
        9.5,
    )
    first, second = store.runs(id)
    assert (first.variant, first.seed, first.state, second.variant) == (0, 0, "queued", 1)
    assert first.folder == store.path.parent / id / "A-seed0"
    assert store.experiment("nobody's") is None and store.run("nobody's") is None


def test_every_run_is_claimed_once_by_many_workers(tmp_path: Path) -> None:
    path, claimed = tmp_path / "runs.db", []
    Store(path, check=True).submit("{}", [(variant, seed) for variant in range(8) for seed in range(5)], tmp_path)
    start = threading.Barrier(6)

    def work(name: str) -> None:
        mine = Store(path)
        start.wait()
        while run := mine.claim(name):
            claimed.append(run.id)
        mine.close()

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 40


def test_many_processes_may_make_the_file_at_the_same_moment(tmp_path: Path) -> None:
    start, failures = threading.Barrier(6), []

    def open_it() -> None:
        start.wait()
        try:
            Store(tmp_path / "runs.db").close()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_an_owner_with_nothing_going_is_served_first(store: Store) -> None:
    submit(store, 3, owner="mia")
    late = submit(store, 1, owner="leo")
    first, second = store.claim("one"), store.claim("two")
    assert first is not None and first.owner == "mia"
    assert second is not None and second.experiment == late


def test_events_are_read_by_cursor_while_they_are_written(store: Store) -> None:
    run = store.runs(submit(store))[0].id
    reader, seen = Store(store.path), []
    writer = threading.Thread(
        target=lambda: [store.append(run, 3 * n + 1, [f"{n}a", f"{n}b", f"{n}c"]) for n in range(100)]
    )
    writer.start()
    while len(seen) < 300:
        seen += reader.events(run, after=seen[-1][0] if seen else 0)
    writer.join()
    assert [line for _, line in seen] == [f"{n}{part}" for n in range(100) for part in "abc"]
    reader.close()


def test_an_event_number_cannot_be_taken_twice_and_nothing_of_that_batch_stays(store: Store) -> None:
    run = store.runs(submit(store))[0].id
    store.append(run, 1, ["a", "b"])
    with pytest.raises(sqlite3.IntegrityError):
        store.append(run, 2, ["again", "c"])
    assert [line for _, line in store.events(run)] == ["a", "b"]


def test_stop_ends_what_has_not_begun_and_asks_what_runs(store: Store) -> None:
    id = submit(store)
    running = store.claim("one")
    assert running is not None and not store.asked_to_stop(running.id)
    store.stop(id)
    assert [run.state for run in store.runs(id)] == ["running", "stopped"]
    assert store.asked_to_stop(running.id)
    assert store.claim("two") is None


def test_a_run_ends_once(store: Store) -> None:
    id = submit(store, 1)
    run = store.claim("one")
    assert run is not None
    store.end(run.id, "failed", Text("It broke.", "它坏了。"))
    store.end(run.id, "finished")
    (row,) = store.runs(id)
    assert (row.state, row.reason) == ("failed", Text("It broke.", "它坏了。"))


def test_a_run_long_past_its_deadline_is_asked_to_stop_though_it_says_nothing(store: Store) -> None:
    late, bounded, free = submit(store, 1, deadline=0.0), submit(store, 1, deadline=3600.0), submit(store, 1)
    for worker in "abc":
        store.claim(worker)
    store.stop_late(3600.0)
    assert not any(store.asked_to_stop(store.runs(id)[0].id) for id in (late, bounded, free))
    store.stop_late(-1.0)
    assert [store.asked_to_stop(store.runs(id)[0].id) for id in (late, bounded, free)] == [True, False, False]


def test_abandonment_spares_what_is_kept_and_what_is_looked_at(store: Store) -> None:
    kept, left = submit(store, 1, keep=True, grace=0.0), submit(store, 1, keep=False, grace=0.0)
    watched = submit(store, 1, keep=False, grace=3600.0)
    states = {
        id: store.abandoned(store.runs(id)[0].id, grace) for id, grace in [(kept, 0.0), (left, 0.0), (watched, 3600)]
    }
    assert states == {kept: False, left: True, watched: False}
    store.abandon_queued()
    assert [store.runs(id)[0].state for id in (kept, left, watched)] == ["queued", "stopped", "queued"]


def test_a_dead_worker_fails_its_run_and_job_and_no_other(store: Store) -> None:
    submit(store, 2)
    mine, other = store.claim("dead"), store.claim("alive")
    job = store.add_job("export", {"run": "x"})
    assert store.claim_job("dead") is not None
    store.end_of_worker("dead", "failed", Text("Killed.", "被终止。"))
    assert mine is not None and other is not None
    ended, going, done = store.run(mine.id), store.run(other.id), store.job(job)
    assert ended is not None and ended.state == "failed" and going is not None and going.state == "running"
    assert done is not None and done.state == "failed" and done.reason == Text("Killed.", "被终止。")


def test_what_a_server_left_running_is_interrupted_and_what_was_queued_waits_on(store: Store) -> None:
    id, reserved = submit(store, 2), submit(store, 1, by="a thread")
    store.claim("gone")
    done, job = store.add_job("export", {}), store.add_job("export", {})
    assert store.claim_job("gone") is not None
    store.interrupt_leftovers()
    assert [run.state for run in store.runs(id) + store.runs(reserved)] == ["interrupted", "queued", "interrupted"]
    assert store.runs(id)[0].reason and store.runs(reserved)[0].reason
    assert [one and one.state for one in (store.job(done), store.job(job))] == ["interrupted", "queued"]


def test_after_a_restart_a_queued_run_has_its_grace_anew(store: Store) -> None:
    id = submit(store, 1, keep=False, grace=3600.0)
    store._write("UPDATE run SET seen = ?", time.monotonic() - 7200)
    store.interrupt_leftovers()
    store.abandon_queued()
    assert store.runs(id)[0].state == "queued"


def test_what_broke_off_is_queued_from_what_was_announced_and_saved_and_only_that(store: Store) -> None:
    id = submit(store, 3)
    broken, begun, done = (store.claim(worker) for worker in "abc")
    assert broken and begun and done
    said = (("started", 0), ("point", 5), ("point", 10), ("saved", 10), ("point", 15))
    for run in (broken, begun, done):
        store.append(run.id, 1, [json.dumps({"kind": kind, "step": step}) for kind, step in said], 15)
    store.end(done.id, "finished")
    store.interrupt_leftovers()
    store.resume(id, {broken.id: 10, begun.id: 15, done.id: 10})
    rows = {run.id: run for run in store.runs(id)}
    assert [rows[run.id].state for run in (broken, begun, done)] == ["queued", "queued", "finished"]
    assert (rows[broken.id].step, rows[broken.id].reason, rows[begun.id].step) == (10, None, 0)
    assert [n for n, _ in store.events(broken.id)] == [1, 2, 3, 4] and store.last_event(broken.id) == 4
    assert store.events(begun.id) == [] and len(store.events(done.id)) == 5


def test_with_one_worker_visitors_take_turns(store: Store) -> None:
    many = submit(store, 3, owner="anna")
    few = submit(store, 1, owner="ben")
    taken = []
    while run := store.claim("the only one"):
        taken.append(run.experiment)
        store.end(run.id, "finished")
    assert taken == [many, few, many, many]


def test_a_clock_that_is_set_ends_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    id = submit(store, 2, keep=False, grace=3600.0, deadline=3600.0)
    run = store.claim("one")
    assert run is not None
    now = time.time()
    for jump in (-1e6, 1e6):
        monkeypatch.setattr(time, "time", lambda jump=jump: now + jump)
        store.abandon_queued()
        store.stop_late(0.0)
        assert not store.abandoned(run.id, 3600.0) and not store.asked_to_stop(run.id)
    assert [one.state for one in store.runs(id)] == ["running", "queued"]


def test_the_latest_job_about_a_run_is_found(store: Store) -> None:
    store.add_job("export", {"run": "mine"})
    latest = store.add_job("export", {"run": "mine"})
    store.add_job("export", {"run": "other"})
    store.add_job("measure", {"run": "mine"})
    found = store.last_job("export", "mine")
    assert found is not None and found.id == latest
    assert store.last_job("export", "nobody's") is None


def test_jobs_are_done_in_order_and_keep_their_result(store: Store) -> None:
    first, second = store.add_job("export", {"n": 1}), store.add_job("decode", {"n": 2})
    claimed = store.claim_job("one")
    assert claimed is not None and (claimed.id, claimed.kind, claimed.payload) == (first, "export", {"n": 1})
    store.end_job(first, "finished", {"bytes": 12})
    done, waiting = store.job(first), store.job(second)
    assert done is not None and (done.state, done.result) == ("finished", {"bytes": 12})
    assert waiting is not None and waiting.state == "queued"


def test_an_owner_sees_their_own_history_latest_first(store: Store) -> None:
    one, two = submit(store), submit(store)
    submit(store, owner="leo")
    assert [row.id for row in store.history("mia")] == [two, one]


def test_without_an_owner_everybodys_history_is_there(store: Store) -> None:
    one, two = submit(store), submit(store, owner="leo")
    assert [row.id for row in store.history(None)] == [two, one]


def test_what_ended_elsewhere_is_taken_in_once(store: Store) -> None:
    row = ExperimentRow("f" * 32, "mia", 12.5, "{}", Settings(), IMPORTED)
    runs = [Ended(1, 0, "diverged", Text("Too hot.", "过热。"), 2.0, 9.0, 40, ('{"n": 1}', '{"n": 2}'))]
    for _ in range(2):
        assert store.adopt(row, runs, store.path.parent / "there") == row.id
    assert store.experiment(row.id) == row and store.history("mia") == [row]
    (run,) = store.runs(row.id)
    assert (run.variant, run.state, run.reason, run.step) == (1, "diverged", Text("Too hot.", "过热。"), 40)
    assert run.folder == store.path.parent / "there" / "B-seed0" and (run.started, run.ended) == (2.0, 9.0)
    assert store.events(run.id) == [(1, '{"n": 1}'), (2, '{"n": 2}')]
    assert store.bytes_of_events() == {row.id: 16}
    assert store.claim("anybody") is None


def test_what_is_deleted_is_gone_and_nothing_else(store: Store) -> None:
    gone, stays = submit(store, 1), submit(store, 1)
    for run in (store.claim("one"), store.claim("two")):
        assert run is not None
        store.append(run.id, 1, ["{}"])
        store.add_job("export", {"run": run.id})
    assert not store.delete(gone) and store.experiment(gone) is not None  # it is going
    mine, other = store.runs(gone)[0].id, store.runs(stays)[0].id
    store.end(mine, "finished")
    assert store.delete(gone)
    assert store.experiment(gone) is None and store.runs(gone) == [] and store.events(mine) == []
    assert store.last_job("export", mine) is None
    assert store.experiment(stays) is not None and store.events(other) and store.last_job("export", other) is not None


def contents(path: Path) -> bytes:
    return path.read_bytes()


def test_a_damaged_file_is_set_aside_and_said(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    path.write_bytes(b"this is no database, " * 500)
    before = contents(path)
    store = Store(path, check=True)
    assert store.notice is not None and "damaged" in store.notice.en and "损坏" in store.notice.zh
    (aside,) = [other for other in tmp_path.iterdir() if other.name.startswith("runs.db.2")]
    assert contents(aside) == before and aside.name in store.notice.en
    assert submit(store)
    store.close()


def test_a_newer_file_is_set_aside_untouched(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    newer = sqlite3.connect(path)
    newer.execute("CREATE TABLE future (x)")
    newer.execute(f"PRAGMA user_version={VERSION + 1}")
    newer.commit()
    newer.close()
    before = contents(path)
    store = Store(path, check=True)
    assert store.notice is not None and "newer" in store.notice.en
    (aside,) = [other for other in tmp_path.iterdir() if other.name.startswith("runs.db.2")]
    assert contents(aside) == before
    store.close()


def test_a_file_of_this_version_is_left_as_it_is(tmp_path: Path) -> None:
    first = Store(tmp_path / "runs.db", check=True)
    id = submit(first)
    first.close()
    again = Store(tmp_path / "runs.db", check=True)
    assert again.notice is None and again.experiment(id) is not None
    again.close()


RELEASED = ("ab720650e241c6b7",)  # the beginning of every released migration's hash: files made by it are out there


def test_a_released_migration_never_changes() -> None:
    hashes = [hashlib.sha256(script.encode()).hexdigest() for script in MIGRATIONS]
    assert [found[:16] for found in hashes[: len(RELEASED)]] == list(RELEASED)


def test_an_older_file_is_brought_forward_with_all_that_is_in_it(tmp_path: Path) -> None:
    older = sqlite3.connect(tmp_path / "runs.db")
    older.executescript(MIGRATIONS[0])
    older.execute("INSERT INTO experiment VALUES ('e1', 'mia', 5.0, '{}', '{\"device\": \"cpu\"}')")
    values = "'r1', 'e1', 0, 0, 'mia', 'finished', NULL, 'somewhere', NULL, 1, NULL, 7, 1, 2.0, 3.0, 4.0"
    older.execute(f"INSERT INTO run VALUES ({values})")
    older.execute("INSERT INTO event VALUES ('r1', 1, '{\"kind\": \"point\"}')")
    older.execute("PRAGMA user_version=1")
    older.commit()
    older.close()
    store = Store(tmp_path / "runs.db", check=True)
    assert store.notice is None
    assert store.history("mia") == [ExperimentRow("e1", "mia", 5.0, "{}", Settings(device="cpu"))]
    assert [(run.id, run.state, run.step) for run in store.runs("e1")] == [("r1", "finished", 7)]
    assert store.events("r1") == [(1, '{"kind": "point"}')]
    assert submit(store) and store._read("PRAGMA user_version")[0][0] == VERSION
    store.close()


def test_opening_a_file_of_this_version_writes_nothing(store: Store) -> None:
    id = submit(store)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # whoever wants to write has to wait now, in vain, as on a full disk
    again = Store(store.path)
    assert again.experiment(id) is not None
    again.close()
    other.close()


def test_what_has_been_rolled_back_already_is_not_rolled_back_again(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "runs.db", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="disk is full"), transaction(connection):
        connection.execute("ROLLBACK")  # as SQLite does by itself
        raise sqlite3.OperationalError("database or disk is full")
    with pytest.raises(KeyError), transaction(connection):
        connection.execute("CREATE TABLE gone (x)")
        raise KeyError
    assert not connection.in_transaction and not connection.execute("SELECT * FROM sqlite_master").fetchall()
    connection.close()


def test_a_full_disk_is_a_sentence_and_the_store_goes_on(store: Store) -> None:
    run = store.runs(submit(store))[0].id
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(Refusal, match="disk is full"):
        for n in range(1000):
            store.append(run, n + 1, ["x" * 1000])
    written = len(store.events(run))
    store._connection.execute("PRAGMA max_page_count=1000000")
    store.append(run, written + 1, ["y"])
    assert store.events(run, written) == [(written + 1, "y")]


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Refusal, match="cannot be read or written"):
        Store(tmp_path / "file" / "runs.db")
