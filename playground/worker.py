"""A worker process: warm, it takes runs and jobs out of the store one at a time, and does them.

Started by `playground.pool` as `python -m playground.worker DATABASE NAME`; with `--jobs` behind that it leaves runs to
others. It ends when its standard input does, that is when the process that started it is gone, however that ended.
"""

import gc
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from models.architecture import Architecture
from models.shape import Shape
from playground import jobs
from playground.data import prepare, sources
from playground.device import choose
from playground.plan import fitted
from playground.pool import JOBS_ALONE, NICE
from playground.recipe import Recipe
from playground.recording import FINISHED, Ending, do_next, guarded, persist
from playground.store import RESTARTED, JobRow, Store
from playground.train import train
from playground.training import Run

READY = "ready"
IDLE = 0.03  # seconds between looks at an empty queue


def serve(store: Store, name: str, *, runs: bool) -> None:
    """Do what the store has to do, for ever; without `runs`, its jobs alone."""
    while True:
        if job := store.claim_job(name):
            do_job(store, job)
        elif not (runs and do_next(store, name)):
            time.sleep(IDLE)
            continue
        gc.collect()


def do_job(store: Store, row: JobRow) -> None:
    """Do a claimed job, and record its result."""
    result: dict[str, Any] = {}

    def work() -> Ending:
        result.update(jobs.do(row.kind, row.payload))
        return FINISHED

    state, reason = guarded(work)
    persist(lambda: store.end_job(row.id, state, result if state == "finished" else None, reason))


def warm_up() -> None:
    """Have everything loaded and every kernel run once, so that a click is answered at once."""
    torch.set_num_threads(1)
    sources()
    prepare(Recipe().data)
    task = prepare("recall", batch=2)
    architecture = fitted(Architecture(shape=Shape(layers=1, width=16, context=task.context)), task)
    for _ in train(Run(architecture, Recipe(tokens=2, batch=2), 0, task, choose())):
        pass


def make_way() -> None:
    """Let the page go first: its answers take milliseconds, and a step of training can wait for them."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    with suppress(OSError):  # Linux weighs sessions before processes, where a desktop has asked for that
        Path("/proc/self/autogroup").write_text(str(NICE))


def end_with_parent(path: Path, name: str) -> None:
    """Wait until standard input closes; then nobody watches this process any more, so record that and end it."""
    sys.stdin.buffer.read()
    try:
        Store(path).end_of_worker(name, "interrupted", RESTARTED)
    finally:
        os._exit(1)


def main() -> None:
    """`python -m playground.worker DATABASE NAME [--jobs]`."""
    make_way()
    path, name, *rest = Path(sys.argv[1]), *sys.argv[2:]
    threading.Thread(target=end_with_parent, args=(path, name), daemon=True).start()
    store = Store(path)
    warm_up()
    print(READY, flush=True)
    serve(store, name, runs=rest != [JOBS_ALONE])


if __name__ == "__main__":
    main()
