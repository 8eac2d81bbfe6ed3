"""A Ray cluster as the place where runs happen: the head's process, and a worker of this machine for jobs.

Nothing of Ray is imported here: what connects to a cluster, and may fall with it, is a process of its own. When it
does, the next one goes on with its runs from what the store and their folders hold.
"""

import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from models.text import Refusal, Text
from playground.pool import JOBS_ALONE, WATCH, Worker, WorkerPool
from playground.store import Store

SAVE = 60.0  # seconds between the checkpoints of a run
PATIENCE = 150.0  # seconds for the head to be ready: it asks every node what it has


class ClusterPool(WorkerPool):
    """The cluster at an address, serving the store in `database`."""

    def __init__(self, database: Path, address: str, *, lock: Path | None = None, save: float = SAVE) -> None:
        super().__init__(database, 2, lock=lock)
        self.address, self.save = address, save
        self.refused: Text | None = None  # why it could not be started

    def crew(self) -> Sequence[tuple[str, ...]]:
        """The head first; exports and measurements are done here, beside the runs' folders."""
        return [("playground.cluster.head", self.address, str(self.save)), ("playground.worker", JOBS_ALONE)]

    def start(self) -> Self:
        """Connect to the cluster; raises `Refusal` where that cannot be."""
        if find_spec("ray") is None:
            raise Refusal(NO_RAY)
        super().start()
        deadline, first = time.monotonic() + PATIENCE, self.workers[0]
        while not first.ready.is_set():
            if (text := first.said.get("refused")) or time.monotonic() > deadline:
                self.close()
                self.refused = Text(*text) if text else SILENT.format(address=self.address, seconds=PATIENCE)
                raise Refusal(self.refused)
            time.sleep(WATCH)
        return self

    @property
    def cluster(self) -> Mapping[str, Any] | None:
        """The `nodes` that train, and `refused`, in both languages, where the head cannot connect any more."""
        said = self.workers[0].said if self.workers else {}
        return {"nodes": said.get("nodes", []), "refused": self.refused or said.get("refused")}

    def lost(self, store: Store, worker: Worker, code: int) -> None:
        """A head's runs go on with the next one."""
        if worker is self.workers[0]:
            store.requeue(worker.name)
        else:
            super().lost(store, worker, code)

    def end_the_deaf(self, store: Store) -> None:
        """The head cancels runs that do not stop; others of its runs go on."""


NO_RAY = Text(
    "Training on a cluster needs Ray: pip install -r requirements-cluster.txt.",
    "在集群上训练需要 Ray：pip install -r requirements-cluster.txt。",
)
SILENT = Text(
    "The cluster at {address} was not ready within {seconds:g} s. Look at `ray status` and at what it logs.",
    "{address} 的集群在 {seconds:g} 秒内未就绪。请查看 `ray status` 及其日志。",
)
