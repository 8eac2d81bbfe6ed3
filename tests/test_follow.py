"""Following without workers: what a follower sees of rows and events that a test writes itself."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.text import Refusal, Text
from playground.database import FULL
from playground.events import Diverged, Event, Finished, Point, Sampled, Started, encode
from playground.follow import CURVE, Follower, ended, follow
from playground.store import Settings, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "runs.db", check=True)
    yield store
    store.close()


def submit(store: Store, count: int = 2) -> str:
    return store.submit("{}", [(variant, 0) for variant in range(count)], store.path.parent, settings=Settings())


def started(steps: int | None = 100, seconds: float | None = None) -> Started:
    return Started(steps, seconds, 10, 768, 5e6, 800_000, 60, "a processor", "ab", {"uniform": 4.1})


def point(step: int, seconds: float = 1.0) -> Point:
    return Point(step, 768 * step, seconds, 1e9, 4.0 - step / 100, None, 1.0, 1e-3, 900.0)


def say(store: Store, run: str, *events: Event, step: int = 0) -> None:
    first = len(store.events(run)) + 1
    store.append(run, first, [encode(event) for event in events], step)


def test_lists_grow_and_earlier_snapshots_stay_as_they_were(store: Store) -> None:
    id = submit(store)
    run = store.claim("me")
    assert run is not None
    follower = Follower(store, id)
    before = follower.snapshot()
    say(store, run.id, started(), point(1), step=1)
    middle = follower.snapshot()
    say(store, run.id, point(2), point(3), step=3)
    after = follower.snapshot()
    assert [len(snapshot["runs"][0]["step"]) for snapshot in (before, middle, after)] == [0, 1, 3]
    assert after["runs"][0]["train_loss"] == [3.99, 3.98, 3.97]
    assert json.loads(json.dumps(after)) == after
    assert after["runs"][0].keys() >= {*CURVE, "state", "reason", "started", "sampled", "diverged", "finished"}


def test_a_cursor_gives_only_what_came_after_it(store: Store) -> None:
    id = submit(store, 1)
    run = store.runs(id)[0].id
    say(store, run, started(), point(1), point(2))
    follower = Follower(store, id)
    follower.snapshot()
    say(store, run, point(3))
    assert Follower(store, id, follower.cursor).snapshot()["runs"][0]["step"] == [3]


def test_progress_and_what_is_left(store: Store) -> None:
    id = submit(store)
    run = store.claim("me")
    assert run is not None
    follower = Follower(store, id)
    assert (follower.snapshot()["runs"][0]["progress"], follower.snapshot()["runs"][0]["left"]) == (0.0, None)
    say(store, run.id, started(steps=100), point(1), step=25)
    going = follower.snapshot()["runs"][0]
    assert going["progress"] == 0.25 and going["left"] > 0
    store.end(run.id, "finished")
    assert follower.snapshot()["runs"][0]["progress"] == 1.0


def test_what_is_left_of_a_run_that_goes_on_counts_what_it_had_trained(store: Store) -> None:
    id = submit(store, 1)
    run = store.claim("me")
    assert run is not None
    say(store, run.id, started(steps=100), point(25, seconds=300.0), step=25)
    assert Follower(store, id).snapshot()["runs"][0]["left"] == pytest.approx(900.0)  # though it was begun just now


def test_a_budget_in_seconds_is_measured_in_seconds(store: Store) -> None:
    id = submit(store, 1)
    say(store, store.runs(id)[0].id, started(steps=None, seconds=10.0), point(7, seconds=4.0), step=7)
    assert Follower(store, id).snapshot()["runs"][0]["progress"] == pytest.approx(0.4)


def test_what_a_run_said_at_its_end_is_there_with_its_state(store: Store) -> None:
    id = submit(store)
    first, second = store.claim("me"), store.claim("me")
    assert first is not None and second is not None
    say(store, first.id, started(), Sampled(9, 0.8, ("Mia",)), Finished(9, 10, 1.0, 1.5, 4.5, 2.1, 0.5))
    store.end(first.id, "finished")
    say(store, second.id, started(), Diverged(5, 3.0, None, 2.0))
    store.end(second.id, "diverged", Text("It diverged.", "已发散。"))
    snapshot = Follower(store, id).snapshot()
    one, two = snapshot["runs"]
    assert snapshot["state"] == "finished"
    assert one["finished"]["val_loss"] == 1.5 and one["sampled"]["texts"] == ["Mia"]
    assert two["diverged"]["step"] == 5 and two["reason"] == {"en": "It diverged.", "zh": "已发散。"}


@pytest.mark.parametrize("reads", range(1, 7))
def test_a_run_seen_as_finished_has_given_all_its_events(
    store: Store, reads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run says its last and ends between any two reads of the store; nobody may see the end without the last word."""
    id = submit(store, 1)
    run = store.claim("me")
    assert run is not None
    say(store, run.id, point(1))
    read, done = store._read, 0

    def read_then_end(statement: str, *values: object) -> list[sqlite3.Row]:
        nonlocal done
        rows = read(statement, *values)
        done += statement.startswith("SELECT")
        if done == reads:
            done += 1
            monkeypatch.setattr(store, "_read", read)
            say(store, run.id, point(2))
            store.end(run.id, "finished")
        return rows

    monkeypatch.setattr(store, "_read", read_then_end)
    snapshots = list(follow(store, id))
    assert [len(snapshot["runs"][0]["step"]) for snapshot in snapshots if snapshot["state"] == "finished"] == [2]


def test_following_ends_with_the_last_run_and_says_somebody_looks(store: Store) -> None:
    id = submit(store, 1)
    run = store.claim("me")
    assert run is not None
    store.end(run.id, "stopped")
    snapshots = list(follow(store, id))
    assert len(snapshots) == 1 and snapshots[0]["runs"][0]["state"] == "stopped"
    assert not store.abandoned(run.id, 3600.0)


def test_a_full_disk_keeps_nobody_from_looking(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(experiment: str) -> None:
        raise Refusal(FULL)

    monkeypatch.setattr(store, "see", full)
    assert Follower(store, submit(store)).snapshot()["state"] == "running"


def test_the_end_of_an_experiment_is_its_last_snapshot(store: Store) -> None:
    id = submit(store, 1)
    run = store.claim("me")
    assert run is not None
    say(store, run.id, started(), point(1), step=1)
    store.end(run.id, "stopped")
    *_, last = follow(store, id)
    assert ended(store, id) == last and last["runs"][0]["state"] == "stopped"
