"""How long one waits: the queue played through is the queue as workers empty it, and the speed is what was measured."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import shared

from playground import waiting
from playground.store import RunRow, Store
from playground.waiting import Queue, play


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "runs.db", check=True)
    yield store
    store.close()


def submit(store: Store, owner: str, runs: int, query: str = "v=1&a=gpt-2&recipe.tokens=60000") -> str:
    made = shared.experiment(query)
    return store.submit(made.to_json(), [(0, seed) for seed in range(runs)], Path("runs"), owner=owner)


@pytest.mark.parametrize("seed", range(8))
def test_played_through_it_is_the_order_in_which_workers_take_runs(store: Store, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(6):
        submit(store, draw.choice("abc"), draw.randint(1, 3))
    workers = draw.randint(1, 3)
    lasts = {row.id: draw.uniform(1, 9) for row in store.going()}
    for _ in range(draw.randint(0, 4)):  # who has been served before waits longer
        run = store.claim("earlier")
        assert run is not None
        store.end(run.id, "finished")
    busy = [row for worker in range(draw.randint(0, workers)) if (row := store.claim(str(worker)))]
    expected = play(store.going(), lasts, store.turns(), workers)
    assert [begun for _, begun in expected] == sorted(begun for _, begun in expected)
    assert taken(store, busy, lasts, workers) == [id for id, _ in expected]


def taken(store: Store, busy: list[RunRow], lasts: dict[str, float], workers: int) -> list[str]:
    """The runs in the order in which workers really claim them, each going on for as long as `lasts` says."""
    ends, order, now = [(lasts[row.id], row.id) for row in busy], [], 0.0
    while True:
        while len(ends) < workers and (row := store.claim("one")):
            order.append(row.id)
            ends.append((now + lasts[row.id], row.id))
        if not ends:
            return order
        ends.sort()
        now, id = ends.pop(0)
        store.end(id, "finished")


def test_a_run_may_be_taken_between_the_looks_at_the_queue_and_at_turns(store: Store) -> None:
    submit(store, "a", 1)
    rows = store.going()
    store.claim("worker")
    assert store.turns().keys() == set()
    assert play(rows, {row.id: 5.0 for row in rows}, store.turns(), 1) == [(rows[0].id, 0.0)]


def test_nobody_says_how_long_it_takes_before_anything_was_measured(store: Store) -> None:
    submit(store, "a", 2)
    assert [(wait.ahead, wait.seconds) for wait in Queue(store, lambda: 1).look().values()] == [(0, 0.0), (1, None)]


def test_the_wait_is_what_is_before_one_at_the_speed_measured_last(store: Store) -> None:
    submit(store, "a", 3)
    for seconds in (10.0, 12.0, 90.0):  # the median is not misled by one slow run, or by a clock that was set
        run = store.claim("one")
        assert run is not None
        store.end(run.id, "finished")
        store._write("UPDATE run SET started = 100, ended = ? WHERE id = ?", 100 + seconds, run.id)
    submit(store, "a", 1)
    submit(store, "b", 1, "v=1&a=gpt-2&recipe.tokens=120000")
    submit(store, "b", 1)
    waits = list(Queue(store, lambda: 1).look().values())
    # b was never served: first. Then a, then b again.
    assert [wait.ahead for wait in waits] == [0, 1, 2]
    assert [wait.seconds for wait in waits] == [0.0, pytest.approx(24.0, rel=1e-3), pytest.approx(36.0, rel=1e-3)]


@pytest.mark.parametrize(
    ("budget", "steps"), [("tokens=7800", 13), ("flops=1e11", 12), ("tokens=1", 1), ("seconds=3", None)]
)
def test_a_run_has_as_many_steps_as_it_takes(budget: str, steps: int | None) -> None:
    """To the step: turned into FLOPs and back, this budget of 13 steps would be a hair less."""
    uneven = "shape.width=132,shape.layers=5,shape.context=50,heads.query=2,heads.kv=2,span=window,span.window=13"
    given = shared.experiment(f"v=1&a=gpt-2,shape.vocabulary=9001,{uneven}&recipe.{budget}")
    assert waiting._works(given.to_json())[0].steps == steps


def test_a_running_run_counts_for_what_is_left_of_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    id = submit(store, "a", 2, "v=1&a=gpt-2&recipe.seconds=100")
    run = store.claim("one")
    assert run is not None and run.begun is not None
    later = run.begun + 40
    monkeypatch.setattr(waiting.time, "monotonic", lambda: later)
    (wait,) = Queue(store, lambda: 1).look().values()
    assert wait.seconds == pytest.approx(60.0, abs=1e-6)
    store.stop(id)
    assert time.monotonic() == later and Queue(store, lambda: 1).look() == {}


def test_whoever_has_just_come_is_looked_for_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    queue, now = Queue(store, lambda: 1), time.monotonic()
    monkeypatch.setattr(waiting.time, "monotonic", lambda: now)
    submit(store, "a", 1)
    assert len(queue.look()) == 1
    id = store.runs(submit(store, "b", 1))[0].id
    now += 0.2
    assert len(queue.look()) == 1 and queue.look([id])[id].ahead == 1
