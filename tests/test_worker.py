"""Workers: what they train is what training alone gives; stopped, killed or orphaned, they hurt nothing else."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from models.text import Refusal, Text
from playground import link, recording
from playground.database import FULL
from playground.events import Point, decode
from playground.experiment import Experiment, from_json
from playground.follow import Follower, follow
from playground.plan import run_of
from playground.pool import NICE, Worker, WorkerPool, why
from playground.runs import saved_step
from playground.store import GOING, RunRow, Settings, Store
from playground.train import train

DEADLINE = 120.0  # seconds until a test gives up; generous, because cores are shared
SMALL = "shape.layers=1,shape.width=16,shape.context=15"
SHORT, LONG, ENDLESS = 100 * 4 * 15, 800 * 4 * 15, 10**9


def experiment(tokens: int = SHORT, *variants: str) -> Experiment:
    texts = variants or (f"gpt-2,{SMALL}", f"llama-3,{SMALL},heads.query=4,heads.head_dim=4")
    query = "&".join(f"{letter}={text}" for letter, text in zip("abcd", texts, strict=False))
    read, notes = link.read(f"{query}&recipe.tokens={tokens}&recipe.batch=4&recipe.data=recall:4:8")
    assert notes == []
    return read


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def pool(place: Path) -> Iterator[WorkerPool]:
    Store(place / "runs.db", check=True).close()
    with WorkerPool(place / "runs.db", 2) as pool:
        assert pool.wait_until_ready(DEADLINE)
        yield pool


@pytest.fixture
def store(pool: WorkerPool) -> Iterator[Store]:
    store = Store(pool.database)
    yield store
    store.close()


def submit(store: Store, given: Experiment, **settings: object) -> str:
    keep = bool(settings.pop("keep", True))
    folder = store.path.parent / "{id}"
    return store.submit(given.to_json(), given.runs(), folder, keep=keep, settings=Settings(**settings))  # type: ignore[arg-type]


def ended(store: Store, id: str) -> list[RunRow]:
    until(lambda: all(run.state not in GOING for run in store.runs(id)), "the runs to end")
    return store.runs(id)


def running(store: Store, id: str) -> RunRow:
    """The first run of an experiment, once it has a point on its curve."""
    run = store.runs(id)[0].id
    until(lambda: len(store.events(run)) > 2, "the first points")
    row = store.run(run)
    assert row is not None
    return row


def losses(store: Store, run: str) -> list[float | None]:
    return [event.train_loss for _, line in store.events(run) if isinstance(event := decode(line), Point)]


def test_a_worker_trains_what_training_alone_gives_beside_others_and_alone(store: Store) -> None:
    given = experiment()
    both, alone = submit(store, given), submit(store, experiment(SHORT, f"gpt-2,{SMALL}"))
    rows = ended(store, both)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for row in rows:
        expected = [e.train_loss for e in train(run_of(given, row.variant, row.seed)) if isinstance(e, Point)]
        assert row.state == "finished" and len(expected) == 100
        assert losses(store, row.id) == expected
    torch.set_num_threads(threads)
    assert losses(store, ended(store, alone)[0].id) == losses(store, rows[0].id)
    assert (rows[0].folder / "model.safetensors").is_file()


def test_the_page_goes_before_its_workers(pool: WorkerPool) -> None:
    priorities = [os.getpriority(os.PRIO_PROCESS, worker.process.pid) for worker in pool.workers]
    assert priorities == [os.getpriority(os.PRIO_PROCESS, 0) + NICE] * 2


def test_stop_ends_running_runs_and_keeps_what_they_learnt(store: Store) -> None:
    id = submit(store, experiment(ENDLESS))
    running(store, id)
    store.stop(id)
    rows = ended(store, id)
    assert [row.state for row in rows] == ["stopped", "stopped"]
    assert rows[0].reason is None and (rows[0].folder / "model.safetensors").is_file()


def test_a_killed_worker_fails_its_run_with_the_reason_and_the_next_one_works(store: Store, pool: WorkerPool) -> None:
    id = submit(store, experiment(ENDLESS))
    until(lambda: all(row.state == "running" for row in store.runs(id)), "both to be claimed")
    victim, _ = store.runs(id)
    process = next(one.process for one in pool.workers if one.name == victim.worker)
    os.kill(process.pid, signal.SIGKILL)
    until(lambda: store.run(victim.id).state == "failed", "the watchdog")  # type: ignore[union-attr]
    failed, other = store.runs(id)
    assert failed.id == victim.id
    assert failed.reason is not None and "SIGKILL" in failed.reason.en and "SIGKILL" in failed.reason.zh
    assert other.state == "running"
    store.stop(id)
    ended(store, id)
    assert [row.state for row in ended(store, submit(store, experiment()))] == ["finished", "finished"]


def test_a_run_that_cannot_be_trained_fails_in_a_sentence_and_hurts_nobody(store: Store) -> None:
    missing = experiment().model_copy(update={"data_hash": "0" * 64})
    rows = ended(store, submit(store, missing))
    assert [row.state for row in rows] == ["failed", "failed"]
    assert rows[0].reason is not None and "other content" in rows[0].reason.en
    assert [row.state for row in ended(store, submit(store, experiment()))] == ["finished", "finished"]


def test_the_limit_of_a_server_stops_a_run_and_says_so(store: Store) -> None:
    (row,) = ended(store, submit(store, experiment(ENDLESS, f"gpt-2,{SMALL}"), deadline=0.3))
    assert row.state == "stopped" and row.reason is not None and "0.3 seconds" in row.reason.en


def test_a_run_that_nobody_looks_at_stops_after_its_grace_unless_it_is_kept(store: Store) -> None:
    one = experiment(ENDLESS, f"gpt-2,{SMALL}")
    kept, left = submit(store, one, grace=0.5, keep=True), submit(store, one, grace=0.5, keep=False)
    (row,) = ended(store, left)
    assert row.state == "stopped"
    running(store, kept)
    assert store.runs(kept)[0].state == "running"
    store.stop(kept)
    ended(store, kept)


def test_a_job_that_cannot_be_done_is_a_sentence(store: Store) -> None:
    id = store.add_job("juggle", {})
    until(lambda: store.job(id).state not in GOING, "the job to end")  # type: ignore[union-attr]
    job = store.job(id)
    assert job is not None and job.state == "failed" and job.reason is not None and "juggle" in job.reason.en


def test_following_sees_every_event_once_and_ends_with_the_runs(store: Store) -> None:
    id = submit(store, experiment())
    snapshots = list(follow(store, id))
    last = snapshots[-1]
    assert last["state"] == "finished" and [run["state"] for run in last["runs"]] == ["finished"] * 2
    for run in last["runs"]:
        assert run["step"] == list(range(1, 101)) and run["progress"] == 1.0
        assert run["train_loss"] == losses(store, run["id"])
        assert run["finished"]["val_loss"] > 0
    lengths = [len(snapshot["runs"][0]["step"]) for snapshot in snapshots]
    assert lengths == sorted(lengths)
    late = Follower(store, id, {run["id"]: 51 for run in last["runs"]}).snapshot()
    assert late["runs"][0]["step"] == list(range(51, 101))  # event 1 is `started`


SERVER = """
import sys, time
from pathlib import Path
from playground.pool import WorkerPool
if __name__ == "__main__":
    pool = WorkerPool(Path(sys.argv[1]), 1).start()
    print(pool.workers[0].process.pid, flush=True)
    time.sleep(600)
"""


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_workers_end_with_a_killed_server_and_the_next_one_marks_what_was_going(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs.db", check=True)
    root = Path(recording.__file__).parent.parent
    command = [sys.executable, "-c", SERVER, str(store.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as server:
        try:
            assert server.stdout is not None
            pid = int(server.stdout.readline())
            id = submit(store, experiment(ENDLESS))
            running(store, id)
        finally:
            server.kill()
    until(lambda: gone(pid), "the orphaned worker to end")
    assert [run.state for run in store.runs(id)] == ["interrupted", "queued"]
    with WorkerPool(store.path, 1):
        first, second = store.runs(id)
        assert first.state == "interrupted" and second.state in GOING
        store.stop(id)
        other = submit(store, experiment(ENDLESS))
        with WorkerPool(store.path, 1):  # a second server on the same store: what the first is doing is not left over
            assert running(store, other).state == "running"
        store.stop(other)
    assert first.reason
    store.close()


@pytest.mark.parametrize("line", [b"ready\n", b"ready\r\n"], ids=repr)
def test_a_worker_is_ready_however_its_system_ends_lines(line: bytes) -> None:
    worker = object.__new__(Worker)
    worker.ready, worker.said = threading.Event(), {}
    worker._listen(io.BytesIO(line))
    assert worker.ready.is_set()


def test_a_restart_in_the_middle_of_a_queue_of_five_loses_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs.db", check=True)
    ids = [submit(store, experiment(tokens, f"gpt-2,{SMALL}"), save_seconds=0.05) for tokens in (SHORT, *[LONG] * 4)]
    root = Path(recording.__file__).parent.parent
    with subprocess.Popen([sys.executable, "-c", SERVER, str(store.path)], stdout=subprocess.PIPE, cwd=root) as server:
        try:
            (done,) = ended(store, ids[0])
            until(lambda: saved_step(store.runs(ids[1])[0].folder), "its state to be saved")
        finally:
            server.kill()
    assert done.state == "finished"
    before = store.events(done.id)
    until(lambda: store.runs(ids[1])[0].state == "interrupted", "the orphaned worker to end")
    with WorkerPool(store.path, 1):
        broken = store.runs(ids[1])[0]
        step = saved_step(broken.folder)
        assert step > 0
        store.resume(ids[1], {broken.id: step})
        rows = [row for id in ids for row in ended(store, id)]
    assert [row.state for row in rows] == ["finished"] * 5 and store.events(done.id) == before
    # What was broken off and gone on with has said what its equals have, which were not: to the bit, and once.
    curves = [losses(store, row.id) for row in rows[1:]]
    assert curves[0] == curves[1] == curves[2] == curves[3] and len(curves[0]) > 100
    assert len([line for _, line in store.events(broken.id) if '"started"' in line]) == 1
    store.close()


# Without processes


class FullStore(Store):
    """A store whose disk is full as soon as a run wants to write."""

    full = True

    def append(self, run: str, first: int, lines: object, step: int = 0) -> None:
        if self.full:
            raise Refusal(FULL)
        super().append(run, first, lines, step)  # type: ignore[arg-type]


def test_a_full_disk_fails_the_run_in_a_sentence(tmp_path: Path) -> None:
    store = FullStore(tmp_path / "runs.db", check=True)
    id = submit(store, experiment())
    row = store.claim("me")
    assert row is not None
    recording.do_run(store, row)
    (failed, _) = store.runs(id)
    assert (failed.state, failed.reason) == ("failed", FULL)
    store.full = False
    row = store.claim("me")
    assert row is not None
    recording.do_run(store, row)
    assert store.runs(id)[1].state == "finished"
    store.close()


def broken(error: Exception) -> Callable[..., Iterator[object]]:
    def told(training: object) -> Iterator[object]:
        yield from ()
        raise error

    return told


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), "Memory ran out"),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 1 bytes"),
            "Memory",
        ),
        (MemoryError(), "Memory ran out"),
        (OSError(28, "No space left on device"), "disk is full"),
        (ZeroDivisionError("oh"), "ZeroDivisionError: oh"),
        (Refusal(Text("Odd width.", "宽度是奇数。")), "Odd width."),
    ],
)
def test_whatever_breaks_a_run_is_said(
    error: Exception, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(recording, "events_of_training", broken(error))
    store = Store(tmp_path / "runs.db", check=True)
    submit(store, experiment())
    row = store.claim("me")
    assert row is not None
    recording.do_run(store, row)
    failed = store.run(row.id)
    assert failed is not None and failed.state == "failed" and failed.reason is not None
    assert said in failed.reason.en and failed.reason.zh
    store.close()


def test_a_run_that_diverges_ends_as_diverged(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs.db", check=True)
    wild = experiment(
        SHORT, f"gpt-2,{SMALL},recipe.lr=100,recipe.clip=none,recipe.warmup=0,norm=none,feed_forward=relu2"
    )
    id = submit(store, wild)
    row = store.claim("me")
    assert row is not None
    recording.do_run(store, row)
    snapshot = Follower(store, id).snapshot()["runs"][0]
    assert snapshot["state"] == "diverged" and snapshot["diverged"]["step"] > 0
    assert all(loss is not None for loss in snapshot["train_loss"])
    store.close()


def test_why_a_process_is_gone() -> None:
    assert "SIGKILL" in why(-9).en and "memory" in why(-9).en
    assert "SIGSEGV" in why(-11).en and "memory" not in why(-11).en
    assert "(3)" in why(3).en


def test_an_experiment_in_the_store_is_the_one_submitted(tmp_path: Path) -> None:
    store, given = Store(tmp_path / "runs.db", check=True), experiment()
    row = store.experiment(submit(store, given))
    assert row is not None and from_json(row.json) == given
    store.close()
