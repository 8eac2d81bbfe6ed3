"""ZeroGPU with a stand-in for `spaces`: what it is asked for, what is pickled, what reaches the store."""

import pickle
import sys
import types
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from playground import link, zerogpu
from playground.events import Event
from playground.follow import Follower
from playground.store import ExperimentRow, RunRow, Settings, Store

EXPERIMENT, _ = link.read("a=gpt-2,shape.layers=1,shape.width=16&recipe.data=recall:2:4&recipe.tokens=200&seeds=2")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "runs.db", check=True)
    yield store
    store.close()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The seconds asked of a `spaces` that pickles whatever goes in and comes out, as the real one does."""
    asked: list[int] = []

    def gpu(duration: Callable[..., int]) -> Callable[..., Any]:
        def decorate(function: Callable[..., Generator[Event, None, None]]) -> Callable[..., Iterator[Event]]:
            def call(*arguments: object) -> Iterator[Event]:
                asked.append(duration(*arguments))
                for event in function(*pickle.loads(pickle.dumps(arguments))):
                    yield pickle.loads(pickle.dumps(event))

            return call

        return decorate

    spaces = types.ModuleType("spaces")
    monkeypatch.setattr(spaces, "GPU", gpu, raising=False)
    monkeypatch.setitem(sys.modules, "spaces", spaces)
    zerogpu.on_gpu.cache_clear()
    yield asked
    zerogpu.on_gpu.cache_clear()


def submit(store: Store, settings: Settings) -> str:
    return store.submit(EXPERIMENT.to_json(), EXPERIMENT.runs(), store.path.parent / "{id}", settings=settings)


def test_the_decorated_call_feeds_the_same_store(store: Store, calls: list[int]) -> None:
    settings = zerogpu.settings(25, 30, None)
    id = submit(store, settings)
    assert store.claim("a worker") is None  # reserved
    assert settings.by is not None
    zerogpu.start(store.path, settings.by).join()
    runs = Follower(store, id).snapshot()["runs"]
    assert [run["state"] for run in runs] == ["finished", "finished"]
    assert all(run["finished"]["val_loss"] > 0 and run["step"] for run in runs)
    assert calls == [25, 25]


def test_two_visitors_runs_are_not_mixed(store: Store, calls: list[int]) -> None:
    mine, yours = zerogpu.settings(None, None, None), zerogpu.settings(None, None, None)
    ids = submit(store, mine), submit(store, yours)
    assert mine.by is not None
    zerogpu.carry_out(store.path, mine.by)
    assert [[run.state for run in store.runs(id)] for id in ids] == [["finished"] * 2, ["queued"] * 2]


@pytest.mark.parametrize(("limit", "deadline", "asked"), [(None, 22, 25), (25, 22, 25), (10, 7, 10), (60, 57, 60)])
def test_it_asks_for_no_more_than_the_run_may_take(limit: float | None, deadline: float, asked: int) -> None:
    settings = zerogpu.settings(limit, None, None)
    assert settings.deadline == deadline
    row, submitted = RunRow.__new__(RunRow), ExperimentRow("id", "", 0.0, "{}", settings)
    assert zerogpu.duration(row, submitted) == asked


def test_spaces_is_not_imported_elsewhere() -> None:
    assert "spaces" not in sys.modules
