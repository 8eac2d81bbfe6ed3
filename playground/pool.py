"""The workers of a store: started, watched, replaced when they die, ended. Trains nothing and imports no torch.

A worker is a fresh interpreter, so nothing of the page is in it. It holds a pipe from this process: when this process
is gone, by whatever signal, the pipe closes and the worker ends.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from models.text import Refusal, Text
from playground import file_lock
from playground.profile import runs_at_a_time
from playground.store import RESTARTED, Store

WATCH = 0.1  # seconds between looks at the workers
PATIENCE = 5.0  # seconds that a run may take to stop before its worker is ended
BACKOFF = 30.0  # seconds at most between starts of a worker that dies before it is ready
NICE = 5  # of a worker: a third of the weight of the page, where both want the processor
READY, JOBS_ALONE = b"ready", "--jobs"
SAYINGS = ("refused", "nodes")  # words that begin a line of JSON from a worker to this process

KILLED = Text(
    "The process that trained this was killed ({signal}), perhaps because memory ran out.",
    "训练进程被终止（{signal}），可能是内存不足。",
)
CRASHED = Text("The process that trained this ended unexpectedly ({signal}).", "训练进程意外退出（{signal}）。")
TOO_SLOW = Text("Stopped.", "已停止。")


class Worker:
    """One worker process: a module, and what it is told behind the database and its name."""

    def __init__(self, database: Path, environment: Mapping[str, str], module: str, *told: str) -> None:
        self.name = uuid.uuid4().hex
        self.ready = threading.Event()
        self.said: dict[str, Any] = {}  # the last of what it said under each of `SAYINGS`
        root = str(Path(__file__).resolve().parent.parent)
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, str(database), self.name, *told],  # -P: not from this folder
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                "TORCHINDUCTOR_CACHE_DIR": str(database.parent / "compiled"),  # outlives the process
                "TORCHINDUCTOR_COMPILE_THREADS": "1",
                **os.environ,
                "OMP_NUM_THREADS": "1",
                **environment,
                "PYTHONPATH": os.pathsep.join(paths),
            },
            start_new_session=True,  # Ctrl-C is for this process, which then ends its workers
        )
        assert self.process.stdout is not None
        threading.Thread(target=self._listen, args=(self.process.stdout,), daemon=True).start()

    def _listen(self, output: IO[bytes]) -> None:
        for line in output:
            word, _, rest = line.decode(errors="replace").partition(" ")
            if line.rstrip() == READY:  # Windows ends lines otherwise
                self.ready.set()
            elif word in SAYINGS:
                self.said[word] = json.loads(rest)
            else:
                sys.stderr.buffer.write(line)

    def end(self) -> None:
        """End the process now, and wait until it is gone."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


class WorkerPool:
    """Keeps `count` workers at the store in `database`. A context manager: they end with it."""

    def __init__(
        self, database: Path, count: int | None = None, *, lock: Path | None = None, environment: Mapping[str, str] = {}
    ) -> None:
        self.database, self.count = database, count or runs_at_a_time()
        self.lock_path, self.environment = lock or database.with_suffix(".lock"), environment
        self.workers: list[Worker] = []
        self._closing = threading.Event()
        self._deaths = 0  # of workers that were never ready, in a row

    @property
    def cluster(self) -> Mapping[str, Any] | None:
        """Of a cluster, what it last said; these workers are on this machine."""
        return None

    def start(self) -> Self:
        """Start the workers; returns at once, while they warm up.

        What the last server left running is marked as interrupted, unless another server is alive on the same store.
        """
        self._lock = self.lock_path.open("w")
        if file_lock.take(self._lock):
            with_store = Store(self.database)
            with_store.interrupt_leftovers()
            with_store.close()
        self.workers = [self._new(told) for told in self.crew()]
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        return self

    def wait_until_ready(self, seconds: float) -> bool:
        """Wait until every worker is warm; False where that takes longer."""
        deadline = time.monotonic() + seconds
        while not all(worker.ready.is_set() for worker in self.workers):
            if time.monotonic() > deadline:
                return False
            time.sleep(WATCH)
        return True

    def close(self) -> None:
        """End all workers; what they were doing is marked as interrupted."""
        self._closing.set()
        self._watcher.join()
        store = Store(self.database)
        for worker in self.workers:
            worker.end()
            store.end_of_worker(worker.name, "interrupted", RESTARTED)
        store.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def crew(self) -> Sequence[tuple[str, ...]]:
        """For every worker its module and what it is told."""
        return [("playground.worker",)] * self.count

    def lost(self, store: Store, worker: Worker, code: int) -> None:
        """A worker has ended by itself: what it was doing has failed."""
        store.end_of_worker(worker.name, "failed", why(code))

    def _new(self, told: tuple[str, ...]) -> Worker:
        return Worker(self.database, self.environment, *told)

    def _watch(self) -> None:
        store = Store(self.database)
        while not self._closing.wait(WATCH):
            try:
                self._replace_the_dead(store)
                store.stop_late(PATIENCE)
                self.end_the_deaf(store)
                store.abandon_queued()
            except (Refusal, OSError) as error:  # disk full, store locked, no process to be had: tried again
                print(error, file=sys.stderr)
                self._closing.wait(1.0)
        store.close()

    def _replace_the_dead(self, store: Store) -> None:
        for n, worker in enumerate(self.workers):
            code = worker.process.poll()
            if code is None:
                continue
            self.lost(store, worker, code)
            self._deaths = 0 if worker.ready.is_set() else self._deaths + 1
            worker.end()
            self._closing.wait(min(BACKOFF, 2.0**self._deaths - 1))
            self.workers[n] = self._new(self.crew()[n])

    def end_the_deaf(self, store: Store) -> None:
        """A run that does not stop when asked to is stopped with its worker."""
        for run in store.overdue(PATIENCE):
            for worker in self.workers:
                if worker.name == run.worker:
                    store.end(run.id, "stopped", TOO_SLOW)
                    worker.process.kill()


def why(code: int) -> Text:
    """Why a process is gone, from its return code."""
    if code >= 0:
        return CRASHED.format(signal=code)
    name = signal.Signals(-code).name
    return (KILLED if -code == signal.SIGKILL else CRASHED).format(signal=name)
