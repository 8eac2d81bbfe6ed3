"""A real Ray cluster of two nodes on this machine: what is trained there is what is trained here, whatever dies."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import test_worker
from safetensors.torch import load_file
from test_teaching import tiny
from test_worker import ENDLESS, SMALL, ended, experiment, losses, running, submit, until

from models.text import Refusal
from playground.cluster.pool import ClusterPool
from playground.events import Point, decode
from playground.outcome import outcome, read, runs_of
from playground.place import Where
from playground.plan import run_of
from playground.recording import do_run
from playground.store import Store
from playground.teaching import Teaching
from playground.train import train

pytestmark = pytest.mark.slow

STORE = 100 * 2**20  # bytes of a node's object store
LONG = 250 * 4 * 15  # tokens of a run that is long enough to be in the middle of


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dozen processes import torch at once here: on a busy machine that takes minutes."""
    monkeypatch.setattr(test_worker, "DEADLINE", 500.0)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head that trains nothing, and two nodes of one core; all their processes end with it."""
    # Ray's own workers give way to everything else on the machine unless told otherwise.
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled", "RAY_worker_niceness": "0"}
    from ray.cluster_utils import Cluster

    started = Cluster(True, head_node_args={"num_cpus": 0, "object_store_memory": STORE, "include_dashboard": False})
    for _ in range(2):
        started.add_node(num_cpus=1, object_store_memory=STORE)
    yield started
    started.shutdown()


@pytest.fixture(scope="module")
def pool(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterPool]:
    with ClusterPool(tmp_path_factory.mktemp("home") / "runs.db", cluster.address, save=0.3) as pool:
        yield pool


@pytest.fixture
def store(pool: ClusterPool) -> Iterator[Store]:
    store = Store(pool.database)
    yield store
    store.close()


def test_stop_cancels_what_runs_and_what_waits_and_keeps_what_was_learnt(store: Store) -> None:
    id = submit(store, experiment(ENDLESS).with_seeds(3))
    running(store, id)
    store.stop(id)
    rows = ended(store, id)
    assert {row.state for row in rows} == {"stopped"} and sum(row.step > 0 for row in rows) <= 2
    assert (rows[0].folder / "model.safetensors").is_file()


def test_what_the_cluster_cannot_do_fails_in_a_sentence_and_the_rest_goes_on(store: Store) -> None:
    ids = submit(store, experiment(), device="cuda"), submit(store, experiment())
    refused, fine = (ended(store, id) for id in ids)
    assert {row.state for row in refused} == {"failed"} and {row.state for row in fine} == {"finished"}
    assert refused[0].reason is not None and "no node of the cluster has one" in refused[0].reason.en


def test_when_the_head_is_killed_the_next_one_goes_on_where_it_was(store: Store, pool: ClusterPool) -> None:
    given = experiment(LONG, f"gpt-2,{SMALL}")
    id = submit(store, given)
    row = running(store, id)
    os.kill(pool.workers[0].process.pid, signal.SIGKILL)
    assert [row.state for row in ended(store, id)] == ["finished"]
    assert losses(store, row.id) == [e.train_loss for e in train(run_of(given, 0, 0)) if isinstance(e, Point)]


def test_a_lesson_comes_out_as_on_this_machine(cluster: Any, tmp_path: Path) -> None:
    lesson, found = tiny(), []
    for name, where in (("here", Where()), ("there", Where(cluster.address))):
        with Teaching(lesson, "quick", tmp_path / name, where=where) as teaching:
            for _ in teaching.watch():
                pass
            runs = [runs_of(teaching.store, id) for id in teaching.ids]
            found.append(outcome(lesson, "quick", read(lesson, "quick", runs)))
    here, there = ({key: one[key] for key in ("verdict", "findings", "intervals", "readings")} for one in found)
    assert here == there


def test_a_node_dies_in_the_middle_and_twelve_runs_are_those_of_this_machine(
    store: Store, cluster: Any, tmp_path: Path
) -> None:
    given = experiment(LONG).with_seeds(6)
    id = submit(store, given)
    until(lambda: sum(row.state == "finished" for row in store.runs(id)) >= 3, "the first runs")
    until(lambda: sum(row.step > 60 for row in store.runs(id) if row.state == "running") >= 2, "two in the middle")
    cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
    rows = ended(store, id)
    assert [row.state for row in rows] == ["finished"] * 12
    here = Store(tmp_path / "here.db")
    same = submit(here, given)
    while row := here.claim("here"):
        do_run(here, row)
    for there, ours in zip(rows, here.runs(same), strict=True):
        assert told(store, there.id) == told(here, ours.id)
        weights, expected = (load_file(one.folder / "model.safetensors") for one in (there, ours))
        assert all(weights[name].equal(tensor) for name, tensor in expected.items())
    here.close()


def test_seeds_of_a_variant_in_one_task_are_within_rounding_what_they_are_alone(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a GPU three seeds take one step; here the head is told that this machine is one that gains by it."""
    import ray

    from playground.cluster import connection, head

    monkeypatch.setattr("playground.recording.seats", lambda *_: 3)
    connection.connect(cluster.address, lambda text: pytest.fail(text.en))
    store, given = Store(tmp_path / "runs.db"), experiment(100 * 4 * 15).with_seeds(3)
    id = submit(store, given)
    place = head.Head(store, "head", 60.0)
    while row := store.claim("head"):
        place.begin(row)
    rows = ended(store, id)
    ray.shutdown()
    assert [row.state for row in rows] == ["finished"] * 6 and not place.taken
    for row in rows:
        alone = [e.train_loss for e in train(run_of(given, row.variant, row.seed)) if isinstance(e, Point)]
        assert losses(store, row.id) == pytest.approx(alone, rel=2e-4)
        assert load_file(row.folder / "model.safetensors")
    assert losses(store, rows[0].id) != [
        e.train_loss for e in train(run_of(given, rows[0].variant, rows[0].seed)) if isinstance(e, Point)
    ], "it was one step for all: another order of sums"
    store.close()


def told(store: Store, run: str) -> list[tuple[object, ...]]:
    """What a run said, without what the clock says, and without its checkpoints."""
    events = [decode(line) for _, line in store.events(run)]
    assert [number for number, _ in store.events(run)] == [*range(1, len(events) + 1)]
    names = ("step", "train_loss", "val_loss", "grad_norm", "lr", "accuracy", "perplexity")
    return [(event.kind, *(getattr(event, name, None) for name in names)) for event in events if event.kind != "saved"]


def test_without_ray_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.cluster.pool.find_spec", lambda name: None)
    with pytest.raises(Refusal, match=r"requirements-cluster\.txt"):
        ClusterPool(tmp_path / "runs.db", "auto").start()
