"""From what a run says to the store: events written in batches, the run stopped when it is to, its end recorded.

Who trains does not matter: a worker process, this process, or a generator that somebody else runs elsewhere.
"""

import errno
import itertools
import sys
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import torch

from models.text import Refusal, Text
from playground.data import Corpus
from playground.database import FULL
from playground.device import choose, free, free_bytes
from playground.events import Beat, Diverged, Event, Finished, Saved, encode
from playground.experiment import from_json
from playground.plan import run_of
from playground.profile import runs_at_a_time
from playground.runs import read_state
from playground.store import ExperimentRow, RunRow, Settings, State, Store
from playground.together import HELD, Seat, Together, seats
from playground.train import events_of_training
from playground.training import Run, Training

LOOK = 0.06  # seconds between writing events and looking whether to stop
ADVANCING = "advancing"
RETRY = 1.0  # seconds until a state that could not be written is tried again

Ending = tuple[State, Text | None]
FINISHED: Ending = ("finished", None)
Events = Callable[[RunRow, ExperimentRow], Generator[Event, None, None]]

OUT_OF_MEMORY = Text(
    "Memory ran out. Make the model, the batch or the context smaller.", "内存不足。请减小模型、批大小或上下文长度。"
)
BROKEN = Text("The run broke off: {error}", "训练意外中断：{error}")
OUT_OF_TIME = Text(
    "Stopped at this server's limit of {seconds:g} seconds.", "已达到本服务器 {seconds:g} 秒的上限，训练停止。"
)
ABANDONED = Text("Stopped because nobody was looking any more.", "已无人查看，训练停止。")


def events_of(row: RunRow, submitted: ExperimentRow) -> Generator[Event, None, None]:
    """Train the run that a row stands for, from the step that it was queued with on.

    Everything that goes in and comes out can be pickled.

    Raises:
        Refusal: where it cannot be trained.
    """
    yield from _going_on(Training(prepared(row, submitted, text_of(submitted.settings))), row)


def _going_on(training: Training, row: RunRow) -> Generator[Event, None, None]:
    if not row.step:
        yield from events_of_training(training)
        return
    training.restore(read_state(row.folder))
    with closing(events_of_training(training)) as said:
        yield from itertools.islice(said, 1, None)  # that it has started was said the first time


def text_of(settings: Settings) -> bytes | None:
    """The visitor's own text, where there is one."""
    return None if settings.text is None else Path(settings.text).read_bytes()


def prepared(row: RunRow, submitted: ExperimentRow, content: bytes | Corpus | None) -> Run:
    """The run that a row stands for, ready to be trained on this machine; `content` as `plan.run_of` takes it.

    Raises:
        Refusal: where it cannot be trained.
    """
    device, experiment, settings = choose(submitted.settings.device), from_json(submitted.json), submitted.settings
    run = run_of(experiment, row.variant, row.seed, text=content, device=device, folder=row.folder)
    torch.set_num_threads(run.recipe.threads)
    run = replace(run, save_seconds=settings.save_seconds)
    if row.seed == 0:  # one run a variant is looked into
        run = replace(run, snapshot_bytes=settings.snapshot_bytes, inside=settings.inside)
    return run


def do_run(store: Store, row: RunRow, events: Events = events_of) -> None:
    """Train a claimed run, and record how it went and how it ended."""
    for said in recording(store, row, events):
        if said == HELD:
            time.sleep(LOOK)


def do_next(store: Store, worker: str) -> bool:
    """Claim and do the next run, with other seeds of its variant where that is faster; False where none waits."""
    row = store.claim(worker, runs_at_a_time())
    if row is None:
        return False
    if alike := others(store, row, worker, _gpu_bytes):
        do_together(store, [row, *alike])
    else:
        do_run(store, row)
    return True


def others(store: Store, row: RunRow, worker: str, gpu_bytes: Callable[[str], int]) -> list[RunRow]:
    """Claim what is trained in one step with a run: other seeds of its variant that wait, as there are seats.

    `gpu_bytes` says how much memory the GPU has that a device's name stands for, 0 where there is none.
    """
    count = _seats(store, row, gpu_bytes)
    try:
        return store.claim_alike(row, worker, count - 1)
    except Refusal:  # a full disk: the run itself will say so
        return []


def _seats(store: Store, row: RunRow, gpu_bytes: Callable[[str], int]) -> int:
    submitted = store.experiment(row.experiment)
    assert submitted is not None
    experiment = from_json(submitted.json)
    variant = experiment.variants[row.variant]
    return seats(variant.architecture, variant.recipe_in(experiment), gpu_bytes(submitted.settings.device))


def _gpu_bytes(device: str) -> int:
    try:
        return free_bytes(device)
    except RuntimeError:  # a device that does not answer: the run itself will say so
        return 0


def do_together(store: Store, rows: Sequence[RunRow]) -> None:
    """Train claimed runs of one variant, a step of all of them at once."""
    together = Together(len(rows))

    def seated(row: RunRow, submitted: ExperimentRow) -> Generator[Event, None, None]:
        run = prepared(row, submitted, text_of(submitted.settings))
        yield from _going_on(Seat(run, together), row)

    for _, said in together.turns([recording(store, row, seated) for row in rows]):
        if said == HELD:
            time.sleep(LOOK / len(rows))
    free()


def recording(store: Store, row: RunRow, events: Events) -> Generator[str, None, None]:
    """`do_run` with a pause after every event, so that several can be done in turns; says whether it is `HELD`."""
    submitted = store.experiment(row.experiment)
    assert submitted is not None
    try:
        state, reason = yield from _recorded(store, row, submitted, events)
    except Exception as error:
        state, reason = _failure(error)
    free()
    persist(lambda: store.end(row.id, state, reason))


def _recorded(store: Store, row: RunRow, submitted: ExperimentRow, events: Events) -> Generator[str, None, Ending]:
    recorder, ending = Recorder(store, row.id, submitted.settings), FINISHED
    over = False
    with closing(events(row, submitted)) as said:
        for event in said:
            recorder.take(event)
            over = over or isinstance(event, Finished | Diverged)
            if isinstance(event, Diverged):
                ending = "diverged", None
            if stopped := recorder.look():
                return stopped
            while recorder.waiting:
                yield HELD
                if stopped := recorder.look():
                    return stopped
            yield ADVANCING
    recorder.flush()
    if not over and store.asked_to_stop(row.id):  # who trained it heard of that before this one looked
        return "stopped", None
    return ending


class Recorder:
    """Writes a run's events into the store a few times a second, and looks then whether the run is to stop."""

    def __init__(self, store: Store, run: str, settings: Settings) -> None:
        self.store, self.run, self.settings = store, run, settings
        self.lines: list[str] = []
        self.step, self.looked, self.begun = 0, 0.0, time.monotonic()
        self.written = store.last_event(run)  # 0, but of a run that goes on
        self.held: int | None = None  # the step after which somebody wants it to wait

    def take(self, event: Event) -> None:
        """Keep an event until the next writing."""
        if isinstance(event, Beat):
            self.step = event.step
        else:
            self.lines.append(encode(event))
            if isinstance(event, Saved):  # recorded now: where a run goes on from must not be ahead of what it said
                self.looked = 0.0

    def look(self) -> Ending | None:
        """Now and then: write, and say how the run is to end, if it is to."""
        if time.monotonic() - self.looked < LOOK and not self.waiting:
            return None
        return self._looked()

    @property
    def waiting(self) -> bool:
        """Does somebody want the run to wait here?"""
        return self.held is not None and self.step >= self.held

    def _looked(self) -> Ending | None:
        now = self.looked = time.monotonic()
        self.flush()
        self.held = self.store.held(self.run)
        if self.store.asked_to_stop(self.run):
            return "stopped", None
        if self.store.abandoned(self.run, self.settings.grace):
            return "stopped", ABANDONED
        limit = self.settings.deadline
        if limit is not None and now - self.begun > limit:
            return "stopped", OUT_OF_TIME.format(seconds=limit)
        return None

    def flush(self) -> None:
        """Write what is not written yet."""
        self.store.append(self.run, self.written + 1, self.lines, self.step)
        self.written += len(self.lines)
        self.lines = []


def guarded(work: Callable[[], Ending]) -> Ending:
    """How `work` ended: its own ending, or failed with a reason that a person can read."""
    try:
        return work()
    except Exception as error:
        return _failure(error)
    finally:
        free()


def _failure(error: Exception) -> Ending:
    if isinstance(error, Refusal):
        return "failed", error.text
    if isinstance(error, MemoryError) or _out_of_memory(error):
        return "failed", OUT_OF_MEMORY
    if _out_of_space(error):
        return "failed", FULL
    traceback.print_exception(error)
    summary = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
    return "failed", BROKEN.format(error=summary)


def _out_of_memory(error: Exception) -> bool:
    # On the CPU torch raises a plain RuntimeError.
    return isinstance(error, torch.OutOfMemoryError) or "not enough memory" in str(error)


def _out_of_space(error: Exception) -> bool:
    # What writes tensors wraps the system's error in one of its own.
    return isinstance(error, OSError) and error.errno == errno.ENOSPC or "No space left" in str(error)


def persist(write: Callable[[], None]) -> None:
    """Write how something ended, and try again while the disk is full: going on would leave it running for ever."""
    while True:
        try:
            return write()
        except Refusal as refusal:
            print(refusal, file=sys.stderr)
            time.sleep(RETRY)
