"""The process that has runs done on a Ray cluster: claims them as there is room, a thread for each, into the store.

Started by `playground.cluster.pool` as `python -m playground.cluster.head DATABASE NAME ADDRESS SECONDS`. Every run
goes through `recording`, as on this machine; only its events come from elsewhere.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from models.text import Refusal, Text
from playground.cluster import connection
from playground.cluster.demand import Demand, Node, demand, gpu_bytes
from playground.cluster.node import Order
from playground.cluster.stream import Desk, Stream, run_on_node
from playground.cluster.task import OVER, Launch, Ref, Task
from playground.data import content
from playground.events import Event
from playground.experiment import from_json
from playground.recording import LOOK, others, recording, text_of
from playground.store import ExperimentRow, RunRow, Store
from playground.together import HELD
from playground.worker import READY, end_with_parent

IDLE = 0.03  # seconds between looks at an empty queue
NODES = 2.0  # seconds between looks at the nodes
CONTENTS = 8  # texts that stay in the object store

read = lru_cache(maxsize=4)(content)


class Head:
    """The runs of one store on the cluster that this process is connected to."""

    def __init__(self, store: Store, name: str, save_seconds: float) -> None:
        self.store, self.name = store, name
        self.lock = threading.Lock()
        self.taken: dict[str, Demand] = {}  # by the runs that are going on
        self.contents: dict[str, Ref] = {}  # by hash: each is put once, and fetched once by a node
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        self.desk: Any = Desk.options(scheduling_strategy=here, max_concurrency=1000).remote()
        self.save_seconds = save_seconds
        self.known = connection.Nodes()
        self.nodes: list[Node] = self.known.look(wait=True)

    def serve(self) -> None:
        """Have done what the store has to do, for ever."""
        looked = time.monotonic()
        self.tell()
        while True:
            if time.monotonic() - looked > NODES:
                looked = time.monotonic()
                self.look()
            if self.room() and (row := self.store.claim(self.name)):
                self.begin(row)
            else:
                time.sleep(IDLE)

    def room(self) -> bool:
        """Is there a core free, and, where there are GPUs, a share of one?"""
        with self.lock:
            cpus, gpus = sum(one.cpus for one in self.taken.values()), sum(one.gpus for one in self.taken.values())
        has = sum(node.gpus for node in self.nodes)
        return cpus < sum(node.cpus for node in self.nodes) and (not has or gpus < has)

    def begin(self, row: RunRow) -> None:
        """Train a claimed run, and what is trained in one step with it, in a thread of its own."""
        with self.lock:
            self.taken[row.id] = Demand(1, 0.0)  # until it is known
        memory = partial(gpu_bytes, nodes=self.nodes)
        rows = [row] if row.step else [row, *others(self.store, row, self.name, memory)]
        threading.Thread(target=self._carry_out, args=(rows,), daemon=True).start()

    def launch(self, orders: Sequence[Order], content: Ref, checkpoint: Ref) -> Task:
        """Start the task of a run, or of several in one step, on whichever node has room."""
        first, settings = orders[0].row, orders[0].submitted.settings
        takes = demand(from_json(orders[0].submitted.json), first.variant, settings.device, self.nodes, len(orders))
        with self.lock:
            self.taken[first.id] = takes
        settings = replace(settings, device=takes.device, text=None)
        submitted = replace(orders[0].submitted, settings=settings, owner="")
        orders = [replace(order, submitted=submitted) for order in orders]
        asked = [self.desk.asked_to_stop.remote(order.row.id) for order in orders]
        task = run_on_node.options(num_cpus=takes.cpus, num_gpus=takes.gpus, name=first.folder.name)
        return Task(task.remote(orders, content, checkpoint, asked), len(orders))

    def look(self) -> None:
        """See which nodes there are now."""
        try:
            self.nodes = self.known.look()
        except Refusal as refusal:  # one that came later and cannot train; the others go on
            print(refusal, file=sys.stderr)
        self.tell()

    def tell(self) -> None:
        """Say which nodes there are to the process that started this one."""
        print("nodes", json.dumps([node.plain() for node in self.nodes]), flush=True)

    def _carry_out(self, rows: Sequence[RunRow]) -> None:
        """In turns: each waits for what the task says of any of them."""
        launch = Launch(self.launch, rows)
        stream = Stream(self.store, launch, lambda run: self._stop(run, rows), self.save_seconds)

        def events(row: RunRow, submitted: ExperimentRow) -> Generator[Event, None, None]:
            yield from stream.events(row, submitted, self._content(row, submitted))

        going = [recording(self.store, row, events) for row in rows]
        try:
            while going:
                said = [(run, next(run, OVER)) for run in going]
                going = [run for run, what in said if what != OVER]
                if said and all(what == HELD for _, what in said):
                    time.sleep(LOOK)
        finally:
            with self.lock:
                for row in rows:
                    self.taken.pop(row.id, None)

    def _stop(self, run: str, rows: Sequence[RunRow]) -> None:
        """Let a run's task know, and at once of the others that are to stop as well."""
        for row in rows:
            if row.id == run or self.store.asked_to_stop(row.id):
                self.desk.stop.remote(row.id)

    def _content(self, row: RunRow, submitted: ExperimentRow) -> Ref:
        """What the run trains on, in the object store; None where a node computes it."""
        experiment = from_json(submitted.json)
        recipe = experiment.variants[row.variant].recipe_in(experiment)
        corpus = read(recipe.data, text_of(submitted.settings))
        if corpus is None:
            return None
        with self.lock:
            kept = self.contents.pop(corpus.hash, None) or ray.put(corpus)
            self.contents[corpus.hash] = kept  # now the latest
            if len(self.contents) > CONTENTS:
                del self.contents[next(iter(self.contents))]  # runs that are going on hold it themselves
            return kept


def refuse(text: Text) -> None:
    """Say to the process that started this one why there is nothing to be done here, and end."""
    print("refused", json.dumps(text), flush=True)
    os._exit(2)


def main() -> None:
    """`python -m playground.cluster.head DATABASE NAME ADDRESS SECONDS`."""
    path, name, address, save_seconds = Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
    threading.Thread(target=end_with_parent, args=(path, name), daemon=True).start()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to Ray's makers
    try:
        connection.connect(address, refuse)
        head = Head(Store(path), name, save_seconds)
    except Refusal as refusal:
        refuse(refusal.text)
    else:
        print(READY, flush=True)
        head.serve()


if __name__ == "__main__":
    main()
