"""A Ray cluster beside this machine's workers: what a start costs, a sweep of short runs, and 200 runs at once.

The cluster is one of Ray's own for tests, two cores on this machine: what is compared is the way that events take.
`scale` replaces training by what a run once said, at its own speed, so that only the head works.
"""

import asyncio
import os
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from playground import link
from playground.bench.measure import Report, Spread
from playground.cluster.node import EVERY, Message
from playground.cluster.pool import SAVE, ClusterPool
from playground.events import Event, Point, decode
from playground.follow import ended
from playground.plan import run_of
from playground.pool import NICE, WorkerPool
from playground.store import Store
from playground.train import train

CASES = ("start", "sweep", "scale")
# A cluster of this process alone, whose workers are as nice as this machine's.
ENVIRONMENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled", "RAY_worker_niceness": str(NICE)}
CORES, MEMORY = 2, 200 * 2**20  # of the cluster, and bytes of its object store
SHORT = "v=1&a=gpt-2,shape.layers=2,shape.width=32&recipe.data=tales&recipe.tokens={tokens}&seeds={seeds}"
STARTS, RUNS, TOKENS = 7, 64, 60_000
AT_ONCE, PROCESSES = 200, 2  # recorded runs, and the processes that play them
RECORDED = "v=1&a=gpt-2&recipe.data=tales&recipe.tokens=150000"
READY = 120.0  # seconds

Recording = list[tuple[float, Event]]  # seconds since the run's start


def report(cases: Sequence[str] = CASES) -> Report:
    """Seconds of a start and of the sweep, here and there; seconds until an event is in the store."""
    found = Report()
    os.environ.update(ENVIRONMENT)
    for case in cases:
        MEASURES[case](found)
    return found


@contextmanager
def cluster(cores: int) -> Iterator[str]:
    """The address of a cluster of one node, whose processes end with it."""
    from ray.cluster_utils import Cluster

    head = {"num_cpus": cores, "object_store_memory": MEMORY, "include_dashboard": False}
    started = Cluster(initialize_head=True, head_node_args=head)
    try:
        yield str(started.address)
    finally:
        started.shutdown()


def _both(measure: Callable[[Store], list[float]]) -> dict[str, list[float]]:
    """What `measure` finds with warm workers here and on the cluster, one after the other."""
    found = {}
    for name in ("workers", "ray"):
        with tempfile.TemporaryDirectory() as folder, cluster(CORES) as address:
            path = Path(folder) / "runs.db"
            with WorkerPool(path, CORES) if name == "workers" else ClusterPool(path, address) as place:
                store = Store(path)
                assert place.wait_until_ready(READY)
                _run(store, SHORT.format(tokens=5_000, seeds=2 * CORES))
                found[name] = measure(store)
                store.close()
    return found


def _run(store: Store, query: str) -> float:
    """Seconds that an experiment takes."""
    experiment, notes = link.read(query)
    assert not notes, notes
    begun = time.perf_counter()
    last = ended(store, store.submit(experiment.to_json(), experiment.runs(), store.path.parent / "{id}"))
    assert {run["state"] for run in last["runs"]} == {"finished"}, [run["reason"] for run in last["runs"]]
    return time.perf_counter() - begun


def _first_event(store: Store) -> float:
    """Seconds from submitting a run to its first event."""
    experiment, _ = link.read(SHORT.format(tokens=5_000, seeds=1))
    begun = time.perf_counter()
    id = store.submit(experiment.to_json(), experiment.runs(), store.path.parent / "{id}")
    (run,) = store.runs(id)
    while not store.events(run.id):
        time.sleep(0.002)
    seconds = time.perf_counter() - begun
    ended(store, id)
    return seconds


def _start(found: Report) -> None:
    for name, seconds in _both(lambda store: [_first_event(store) for _ in range(STARTS)]).items():
        found.row("start", name, "seconds", Spread.of(seconds))


def _sweep(found: Report) -> None:
    query = SHORT.format(tokens=TOKENS, seeds=RUNS)
    taken = _both(lambda store: [_run(store, query) for _ in range(2)])
    spreads = {name: Spread.of(seconds) for name, seconds in taken.items()}
    found.add(f"{RUNS} runs", "seconds", spreads, "ray")


def _recorded() -> Recording:
    experiment, _ = link.read(RECORDED)
    begun = time.perf_counter()
    said = ((time.perf_counter() - begun, event) for event in train(run_of(experiment, 0, 0)))
    recording: Recording = []
    for seconds, event in said:
        # Beats let a message go where nothing else is said. Players have one core for 200 runs: those will do.
        needed = event.kind != "beat" or not recording or seconds - recording[-1][0] >= EVERY / 2
        if needed and event.kind not in ("saved", "kept"):
            recording.append((seconds, event))
    return recording


def _scale(found: Report) -> None:
    recording = _recorded()
    with tempfile.TemporaryDirectory() as folder, cluster(AT_ONCE) as address:
        late, cpu = _played(Path(folder) / "runs.db", address, recording)
    found.row(f"{AT_ONCE} runs", "head", "seconds_until_stored", Spread.of(late))
    found.row(f"{AT_ONCE} runs", "head", "events", Spread.of([len(late)]))
    found.row(f"{AT_ONCE} runs", "head", "cores_used", Spread.of([cpu / recording[-1][0]]))


def _played(path: Path, address: str, recording: Recording) -> tuple[list[float], float]:
    """How late every point of every run was, in seconds, and the head's seconds of processor time."""
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(everywhere)})  # the head, and the threads it starts, on one core
    try:
        import ray

        from playground.cluster.connection import connect

        connect(address, lambda text: None)
        store, experiment = Timed(path), link.read(RECORDED)[0].with_seeds(100)
        head = _head(store, recording)
        threading.Thread(target=head.serve, daemon=True).start()
        begun = time.process_time()
        for _ in range(AT_ONCE // len(experiment.runs())):
            store.submit(experiment.to_json(), experiment.runs(), path.parent / "{id}")
        while store.going():
            time.sleep(EVERY)
        spent = time.process_time() - begun
        ray.shutdown()
        return store.late, spent
    finally:
        os.sched_setaffinity(0, everywhere)


class Timed(Store):
    """A store that notes how late points are when they are in it; `Point.seconds` is when they were said."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.late: list[float] = []

    def append(self, run: str, first: int, lines: Sequence[str], step: int = 0) -> None:
        """As the store's own."""
        super().append(run, first, lines, step)
        now = time.time()
        self.late += [now - event.seconds for line in lines if isinstance(event := decode(line), Point)]


def _head(store: Store, recording: Recording) -> Any:
    """A head whose runs are recordings, played in a few processes."""
    import ray

    from playground.cluster.head import Head
    from playground.cluster.task import Task

    class Player:
        """Plays recordings, as many at once as are asked for."""

        def __init__(self, recording: Recording) -> None:
            self.recording = recording

        async def play(self) -> AsyncIterator[tuple[int, Message]]:
            """The recording at its own speed, in messages as a node sends them."""
            begun, message, said = time.time(), Message(), 0.0
            for seconds, event in self.recording:
                if (early := begun + seconds - time.time()) > 0:
                    await asyncio.sleep(early)
                message.step = max(message.step, getattr(event, "step", 0))
                heard = replace(event, seconds=begun + seconds) if isinstance(event, Point) else event
                if event.kind != "beat":
                    message.events.append(heard)
                if time.time() - said > EVERY:
                    yield 0, message
                    message, said = Message(message.step), time.time()
            yield 0, message

    kept = ray.put(recording)
    players: list[Any] = [
        ray.remote(Player).options(num_cpus=0, max_concurrency=AT_ONCE).remote(kept) for _ in range(PROCESSES)
    ]

    class Played(Head):
        """Starts a recording in the place of a task."""

        started = 0

        def launch(self, orders: Any, content: Any, checkpoint: Any) -> Any:
            """The next player's stream."""
            self.started += 1
            return Task(players[self.started % PROCESSES].play.options(num_returns="streaming").remote())

    return Played(store, "head", SAVE)


MEASURES = {"start": _start, "sweep": _sweep, "scale": _scale}
