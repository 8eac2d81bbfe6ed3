"""A worker process: warm, it takes runs and jobs out of the store one at a time, and appends what they say.

Started by `playground.pool` as `python -m playground.worker DATABASE NAME`; it ends when its standard input does, that
is when the process that started it is gone, however that ended.
"""

import errno
import gc
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import cast

import torch

from models.architecture import Architecture
from models.shape import Shape
from models.text import Refusal, Text
from playground import jobs
from playground.data import prepare, sources
from playground.database import FULL
from playground.device import choose
from playground.events import Beat, Diverged, encode
from playground.experiment import from_json
from playground.plan import fitted, run_of
from playground.recipe import Recipe
from playground.store import RESTARTED, ExperimentRow, JobRow, RunRow, Settings, State, Store
from playground.train import train
from playground.training import Run

READY = "ready"
IDLE = 0.03  # seconds between looks at an empty queue
LOOK = 0.1  # seconds between writing events and looking whether to stop
RETRY = 1.0  # seconds until a state that could not be written is tried again

OUT_OF_MEMORY = Text(
    "Memory ran out. Make the model, the batch or the context smaller.", "内存不足。请减小模型、批大小或上下文长度。"
)
BROKEN = Text("The run broke off: {error}", "训练意外中断：{error}")
OUT_OF_TIME = Text(
    "Stopped at this server's limit of {seconds:g} seconds.", "已达到本服务器 {seconds:g} 秒的上限，训练停止。"
)
ABANDONED = Text("Stopped because nobody was looking any more.", "已无人查看，训练停止。")


def serve(store: Store, name: str) -> None:
    """Do what the store has to do, for ever."""
    while True:
        if job := store.claim_job(name):
            do_job(store, job)
        elif run := store.claim(name):
            do_run(store, run)
        else:
            time.sleep(IDLE)
            continue
        gc.collect()


def do_run(store: Store, row: RunRow) -> None:
    """Train a claimed run, and record how it ended."""
    state, reason = _guarded(lambda: _train(store, row))
    _persist(lambda: store.end(row.id, state, reason))


def do_job(store: Store, row: JobRow) -> None:
    """Do a claimed job, and record its result."""
    result: dict[str, object] = {}

    def work() -> tuple[State, Text | None]:
        result.update(jobs.do(row.kind, row.payload))
        return "finished", None

    state, reason = _guarded(work)
    _persist(lambda: store.end_job(row.id, state, result if state == "finished" else None, reason))


def _guarded(work: Callable[[], tuple[State, Text | None]]) -> tuple[State, Text | None]:
    """The state in which `work` ended: its own, or failed with a reason that a person can read."""
    try:
        return work()
    except Refusal as refusal:
        return "failed", refusal.text
    except MemoryError:
        return "failed", OUT_OF_MEMORY
    except Exception as error:
        if _out_of_memory(error):
            return "failed", OUT_OF_MEMORY
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            return "failed", FULL
        traceback.print_exc()
        summary = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
        return "failed", BROKEN.format(error=summary)
    finally:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _out_of_memory(error: Exception) -> bool:
    # On the CPU torch raises a plain RuntimeError.
    return isinstance(error, torch.OutOfMemoryError) or "not enough memory" in str(error)


def _train(store: Store, row: RunRow) -> tuple[State, Text | None]:
    """Train a run to its end or until it is to stop, and return the state it ended in."""
    submitted = store.experiment(row.experiment)
    assert submitted is not None
    run = planned(row, submitted)
    torch.set_num_threads(run.recipe.threads)
    recorder, state = Recorder(store, row.id, submitted.settings), cast(State, "finished")
    with closing(train(run)) as events:
        for event in events:
            if isinstance(event, Beat):
                recorder.step = event.step
            else:
                recorder.lines.append(encode(event))
            if isinstance(event, Diverged):
                state = "diverged"
            reason = recorder.look()
            if reason is not None:
                return "stopped", reason if reason.en else None
    recorder.flush()
    return state, None


def planned(row: RunRow, submitted: ExperimentRow) -> Run:
    """The run that a row stands for; raises `Refusal` where it cannot be trained."""
    text, device = submitted.settings.text, choose(submitted.settings.device)
    content = None if text is None else Path(text).read_bytes()
    experiment = from_json(submitted.json)
    return run_of(experiment, row.variant, row.seed, text=content, device=device, folder=row.folder)


class Recorder:
    """Writes a run's events into the store a few times a second, and looks then whether the run is to stop."""

    def __init__(self, store: Store, run: str, settings: Settings) -> None:
        self.store, self.run, self.settings = store, run, settings
        self.lines: list[str] = []
        self.step, self.written, self.looked, self.begun = 0, 0, 0.0, time.monotonic()

    def look(self) -> Text | None:
        """Now and then: write, and say why the run is to stop. None: it goes on; an empty text: somebody wished it."""
        now = time.monotonic()
        if now - self.looked < LOOK:
            return None
        self.looked = now
        self.flush()
        if self.store.asked_to_stop(self.run):
            return Text("", "")
        if self.store.abandoned(self.run, self.settings.grace):
            return ABANDONED
        limit = self.settings.deadline
        return OUT_OF_TIME.format(seconds=limit) if limit is not None and now - self.begun > limit else None

    def flush(self) -> None:
        """Write what is not written yet."""
        self.store.append(self.run, self.written + 1, self.lines, self.step)
        self.written += len(self.lines)
        self.lines = []


def _persist(write: Callable[[], None]) -> None:
    """Write how something ended, and try again while the disk is full: going on would leave it running for ever."""
    while True:
        try:
            return write()
        except Refusal as refusal:
            print(refusal, file=sys.stderr)
            time.sleep(RETRY)


def warm_up() -> None:
    """Have everything loaded and every kernel run once, so that a click is answered at once."""
    torch.set_num_threads(1)
    sources()
    prepare(Recipe().data)
    task = prepare("recall", batch=2)
    architecture = fitted(Architecture(shape=Shape(layers=1, width=16, context=task.context)), task)
    for _ in train(Run(architecture, Recipe(tokens=2, batch=2), 0, task, choose())):
        pass


def _end_with_parent(path: Path, name: str) -> None:
    """Wait until standard input closes; then nobody watches this process any more, so record that and end it."""
    sys.stdin.buffer.read()
    try:
        Store(path).end_of_worker(name, "interrupted", RESTARTED)
    finally:
        os._exit(1)


def main() -> None:
    """`python -m playground.worker DATABASE NAME`."""
    path, name = Path(sys.argv[1]), sys.argv[2]
    threading.Thread(target=_end_with_parent, args=(path, name), daemon=True).start()
    store = Store(path)
    warm_up()
    print(READY, flush=True)
    serve(store, name)


if __name__ == "__main__":
    main()
