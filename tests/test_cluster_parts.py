"""What training on a cluster is made of, without one: checkpoints on a node, failures, what a run takes, addresses."""

import itertools
import math
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from ray.exceptions import NodeDiedError, ObjectStoreFullError, RayError
from test_layers import chain_to
from test_worker import SMALL, experiment

from models.text import Refusal, Text
from playground import data, place, plan
from playground.cluster import inspection, node, stream, task
from playground.cluster.demand import PROCESS, Demand, Node, demand, gpu_bytes, share
from playground.cluster.node import Message, Order, Outbox, carry_out, checkpoint_in, write
from playground.cluster.stream import Stream
from playground.cluster.task import OVER, Launch, Said, Task
from playground.data import Corpus
from playground.events import Beat, Event, Finished, Point, Saved, decode
from playground.place import Where, where
from playground.recording import do_run, recording
from playground.runs import TRAINING, saved_step
from playground.store import Store
from playground.train import train

STEPS = 40


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "runs.db", check=True)
    yield store
    store.close()


@pytest.fixture
def order(store: Store, monkeypatch: pytest.MonkeyPatch) -> Order:
    """A claimed run of `STEPS` steps, to be saved after each."""
    given = experiment(STEPS * 4 * 15, f"gpt-2,{SMALL}")
    store.submit(given.to_json(), given.runs(), store.path.parent / "{id}")
    row = store.claim("head")
    assert row is not None
    submitted = store.experiment(row.experiment)
    assert submitted is not None
    monkeypatch.setattr("playground.training.SAVING_SHARE", math.inf)
    return Order(row, submitted, torch.__version__, 0.0)


def messages(
    order: Order, given: dict[str, bytes] | None = None, stop: Callable[[], bool] = lambda: False
) -> Iterator[Message]:
    last: object = None
    for last in carry_out([(order, stop)], None, given):
        if last[1] is not None:
            yield last[1]
    assert last == (0, None)


class Spoken:
    """Messages without Ray."""

    def __init__(self, said: Iterator[Message]) -> None:
        self.said = said

    def next(self, seconds: float) -> Said:
        for message in self.said:
            return message
        return OVER

    def leave(self, over: bool) -> None:
        pass


def step(checkpoint: dict[str, bytes], folder: Path) -> int:
    """Where a checkpoint was saved."""
    write(folder / "looked at", checkpoint)
    return saved_step(folder / "looked at")


def curve(events: list[Event]) -> list[tuple[int, float | None]]:
    return [(event.step, event.train_loss) for event in events if isinstance(event, Point)]


def alone() -> list[Event]:
    return list(train(plan.run_of(experiment(STEPS * 4 * 15, f"gpt-2,{SMALL}"), 0, 0)))


def test_a_run_goes_on_elsewhere_from_its_checkpoint_without_a_gap_or_a_repeat(
    store: Store, order: Order, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The first node dies after 30 messages, most of them checkpoints; the second has the rest to do."""
    given: list[dict[str, bytes] | None] = []

    def launch(order: Order, content: object, checkpoint: dict[str, bytes] | None) -> Any:
        return Spoken(started(order, checkpoint))

    def started(order: Order, checkpoint: dict[str, bytes] | None) -> Iterator[Message]:
        given.append(checkpoint)
        yield from itertools.islice(messages(order, checkpoint), 30 if len(given) == 1 else None)
        if len(given) == 1:
            raise NodeDiedError("it burnt")

    def written(folder: Path, files: dict[str, bytes]) -> None:
        """A head that is killed goes on from the checkpoint: what led to it must be in the store by then."""
        if files.get(TRAINING):
            stored = [decode(line) for _, line in store.events(order.row.id)]
            saved = [event.step for event in stored if isinstance(event, Saved)]
            assert saved and saved[-1] == step(files, tmp_path)
        write(folder, files)

    monkeypatch.setattr(stream, "write", written)
    monkeypatch.setattr(stream.ray, "put", lambda value: value)
    events = Stream(store, launch, lambda run: None, 0.0)
    do_run(store, order.row, lambda row, submitted: events.events(row, submitted, None))
    row = store.run(order.row.id)
    assert row is not None and row.state == "finished", row
    said = [decode(line) for _, line in store.events(row.id)]
    assert [number for number, _ in store.events(row.id)] == [*range(1, len(said) + 1)]
    others = [stream.key(event) for event in said if not isinstance(event, Saved)]
    assert curve(said) == curve(alone()) and len(others) == len({*others})
    assert given[0] is None and given[1] is not None and step(given[1], tmp_path) > 0
    assert len(given) == 2 and {event.folder for event in said if isinstance(event, Saved)} == {str(row.folder)}


@pytest.mark.parametrize("breaks", [False, True])
def test_seeds_in_one_task_are_told_apart_and_go_on_by_themselves_where_it_breaks_off(
    breaks: bool, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of Ray there is nothing but its way of handing out what a task yields."""
    monkeypatch.setattr("playground.training.SAVING_SHARE", math.inf)
    given = experiment(STEPS * 4 * 15, f"gpt-2,{SMALL}").with_seeds(3)
    id = store.submit(given.to_json(), given.runs(), store.path.parent / "{id}")
    row = store.claim("head")
    assert row is not None
    rows, sizes = [row, *store.claim_alike(row, "head", 2)], list[int]()

    def start(orders: Sequence[Order], content: object, checkpoint: dict[str, bytes] | None) -> Task:
        sizes.append(len(orders))
        return Task(said(orders, checkpoint), len(orders))

    def said(orders: Sequence[Order], checkpoint: dict[str, bytes] | None) -> Iterator[object]:
        yield from itertools.islice(
            carry_out([(order, lambda: False) for order in orders], None, checkpoint),
            90 if breaks and len(orders) > 1 else None,
        )
        if breaks and len(orders) > 1:
            raise NodeDiedError("it burnt")

    monkeypatch.setattr(task.ray, "wait", lambda waited, **_: (waited, []))
    monkeypatch.setattr(task.ray, "get", lambda value: value)
    monkeypatch.setattr(task.ray, "put", lambda value: value)
    monkeypatch.setattr(task.ray, "cancel", lambda *_, **__: None)
    events = Stream(store, Launch(start, rows), lambda run: None, 0.0)
    going = [recording(store, one, lambda row, submitted: events.events(row, submitted, None)) for one in rows]
    while going:
        going = [run for run in going if next(run, OVER) is not OVER]
    assert sizes == ([3, 1, 1, 1] if breaks else [3])
    for number, ended in enumerate(store.runs(id)):
        told = [decode(line) for _, line in store.events(ended.id)]
        alone = curve(list(train(plan.run_of(given, 0, number))))
        assert ended.state == "finished" and [step for step, _ in curve(told)] == [step for step, _ in alone]
        assert [loss for _, loss in curve(told)] == pytest.approx([loss for _, loss in alone], rel=2e-4)
        once = [stream.key(event) for event in told if not isinstance(event, Saved)]
        assert len(once) == len({*once}) and (ended.folder / "model.safetensors").is_file()


def test_a_shared_task_is_ended_when_nobody_follows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[object] = []
    monkeypatch.setattr(task.ray, "cancel", lambda generator, force: ended.append(generator))
    shared = Task("generator", 3)
    for number in (1, 0):
        shared.messages(number).leave(over=False)
    assert not ended
    shared.messages(2).leave(over=False)
    assert ended == ["generator"]


def test_files_that_are_announced_go_with_the_event_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.cluster.node.EVERY", 1e9)
    outbox = Outbox(tmp_path, Path("home"))
    assert outbox.take(Beat(1)) == Message(1), "the first event goes at once"
    assert outbox.take(Saved(2, str(tmp_path))) is None
    (tmp_path / "model").write_bytes(b"weights")
    assert outbox.take(Beat(3)) == Message(3, {"model": b"weights"}, [Saved(2, "home")])
    assert outbox.take(Beat(4)) is None
    assert outbox.release(files=True) == Message(4), "no file is sent twice"


def test_one_with_a_checkpoint_is_not_started_with_the_others(
    store: Store, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The head was started again: of what the first one said of a run nothing had come as far as the store."""
    given = experiment(10**9).with_seeds(3)
    store.submit(given.to_json(), given.runs(), store.path.parent / "{id}")
    first = store.claim("head")
    assert first is not None
    rows = [first, *store.claim_alike(first, "head", 2)]
    write(rows[1].folder, {TRAINING: b"where it was"})
    started: list[list[int]] = []
    launch = Launch(lambda orders, *_: started.append([one.row.seed for one in orders]) or Task("", len(orders)), rows)
    for row in rows:
        launch(replace(order, row=row), None, None)
    assert sorted(started) == [[0, 2], [1]]


def test_a_node_tells_what_training_tells_and_where_it_is_stopped_what_was_learnt(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [event for message in messages(replace(order, save_seconds=1e9)) for event in message.events]
    ours, theirs = (
        [event for event in events if event.kind not in ("beat", "saved", "probed")] for events in (said, alone())
    )
    assert [stream.key(event) for event in ours] == [stream.key(event) for event in theirs]
    assert curve(said) == curve(alone()) and isinstance(said[-1], Finished)
    monkeypatch.setattr(node, "EVERY", 0.0)
    stop = itertools.chain([False] * 7, itertools.repeat(True))
    *_, last = messages(replace(order, save_seconds=1e9), stop=lambda: next(stop))
    assert "model.safetensors" in last.files and not last.events and last.step < STEPS


def test_what_is_refused_on_a_node_is_refused_here(order: Order) -> None:
    (message,) = messages(replace(order, torch="1.0"))
    assert message.refused is not None and "torch 1.0" not in message.refused.zh and "1.0" in message.refused.en


def test_a_checkpoint_that_cannot_be_read_is_none(tmp_path: Path, order: Order) -> None:
    write(tmp_path, {TRAINING: b"new"})
    assert checkpoint_in(tmp_path) == {TRAINING: b"new"}
    write(tmp_path, {"snapshots/step-1.safetensors": b"weights"})
    assert (tmp_path / "snapshots" / "step-1.safetensors").read_bytes() == b"weights"
    again = replace(order, save_seconds=1e9)
    events = [event for message in messages(again, {TRAINING: b"cut o"}) for event in message.events]
    assert curve(events) == curve(alone())


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NodeDiedError("the node is gone"), "the node is gone"),
        (ObjectStoreFullError("full"), "--object-store-memory"),
    ],
)
def test_three_failures_are_one_failed_run_with_the_reason(
    store: Store, order: Order, error: RayError, words: str
) -> None:
    tries: list[Order] = []

    def fails() -> Iterator[Message]:
        yield from ()
        raise error

    def launch(order: Order, *_: object) -> Any:
        tries.append(order)
        return Spoken(fails())

    events = Stream(store, launch, lambda run: None, 0.0)
    do_run(store, order.row, lambda row, submitted: events.events(row, submitted, None))
    row = store.run(order.row.id)
    assert row is not None and row.state == "failed" and row.reason is not None and len(tries) == 3
    assert words in row.reason.en and "3 次" in row.reason.zh


def test_content_that_travelled_trains_as_what_is_here() -> None:
    own = "A line of a text, and another one.\n" * 40
    there = data.content("text", own)
    assert isinstance(there, Corpus) and data.content("recall:4:8") is None
    here, elsewhere = data.prepare("text", context=8, text=own), data.prepare("text", context=8, text=there)
    assert (here.hash, here.vocabulary, here.references) == (elsewhere.hash, elsewhere.vocabulary, elsewhere.references)
    assert all(torch.equal(one, other) for one, other in zip(here.batch(3, 7), elsewhere.batch(3, 7), strict=True))


SMALL_NODE, GPU_NODE = Node("10.0.0.1", 2, 0), Node("10.0.0.2", 8, 1, 80 * 2**30)


def test_a_run_takes_the_cores_it_asks_for_and_of_a_gpu_what_its_memory_needs() -> None:
    given = experiment()
    assert demand(given, 0, "auto", [SMALL_NODE]) == Demand(1, 0.0)
    assert demand(given, 0, "cpu", [SMALL_NODE, GPU_NODE]).device == "cpu"
    on_gpu = demand(given, 0, "auto", [SMALL_NODE, GPU_NODE])
    assert on_gpu.device == "cuda" and on_gpu.gpus == 0.01, "many tiny runs share a GPU of 80 GiB"
    assert gpu_bytes("auto", [SMALL_NODE, GPU_NODE]) == 80 * 2**30 and gpu_bytes("auto", [SMALL_NODE]) == 0
    assert gpu_bytes("cpu", [GPU_NODE]) == 0
    large = experiment(10_000, "gpt-2,shape.layers=12,shape.width=768,shape.context=256")
    one, five = (demand(large, 0, "auto", [GPU_NODE], runs).gpus for runs in (1, 5))
    assert 3 * one < five < 5 * one, "seeds in one step need their weights each"
    assert share(20 * 2**30, 80 * 2**30) == 0.39 and share(79 * 2**30, 80 * 2**30) == 1.0


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: demand(experiment(), 0, "cuda", [SMALL_NODE]), "no node of the cluster has one"),
        (lambda: demand(experiment(), 0, "auto", []), "no node of the cluster has more than 0 cores"),
        (lambda: share(80 * 2**30, 80 * 2**30 + PROCESS - 1), "no node's GPU has more"),
        (lambda: Where("10.0.0.1:6379").device("mps"), "not on mps"),
        (lambda: Where("10.0.0.1:6379").device("tpu"), "no device 'tpu'"),
        (lambda: where("ray://10.0.0.1:10001", {}), "no address of a Ray cluster"),
        (lambda: where("10.0.0.1", {}), "no address of a Ray cluster"),
        (lambda: where(None, {place.VARIABLE: "127.0.0.1:1"}), "No Ray cluster answers at 127.0.0.1:1"),
    ],
)
def test_what_cannot_be_is_a_sentence(ask: Callable[[], object], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        ask()


def test_a_server_that_is_not_ray_is_told_from_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as line:
                line.recv(64)
                line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(Refusal, match="No Ray cluster answers"):
            where(f"127.0.0.1:{server.getsockname()[1]}", {})
        thread.join()


@pytest.mark.parametrize(
    "module", ["playground.comparing", "playground.teaching", "playground.worker", "playground.ui.service"]
)
def test_what_runs_here_imports_no_ray(module: str) -> None:
    assert where(None, {}) == Where(None)
    chain = chain_to(module, ("ray",))
    assert chain is None, " -> ".join(chain or [])


def test_a_node_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert inspection.inspect()["missing"] == []
    monkeypatch.setattr(inspection, "NEEDED", ("torch", "no_such_package"))
    assert inspection.inspect() == {"missing": ["no_such_package"], "gpu_bytes": 0}


def test_reasons_are_in_both_languages() -> None:
    assert stream.reason(ObjectStoreFullError("x")) == stream.STORE_FULL
    assert isinstance(stream.reason(ValueError("odd")), Text)
