"""Training on ZeroGPU, where a GPU exists only inside a decorated call: that call takes the worker's place.

The call runs in a process that `spaces` forks; it yields the same events, and this process appends them to the same
store. It is asked for as long as the profile lets a run train and `AROUND`, for `DEFAULT` seconds where that says
nothing. Not tried on the real thing: docs/deploy.md.
"""

import contextvars
import math
import threading
import uuid
from functools import cache
from pathlib import Path

from playground.recording import Events, do_run, events_of
from playground.store import ExperimentRow, RunRow, Settings, Store

DEFAULT = 25  # seconds that a call asks for
AROUND = 10  # seconds of a call that go into preparing, evaluating and writing beside training
MARGIN = 3.0  # seconds of them that are left for writing the model when time is up


@cache
def on_gpu() -> Events:
    """`events_of` with a GPU. To be called while the server starts: Spaces looks for a decorated function then."""
    import spaces  # type: ignore[import-not-found]  # part of every Gradio Space, and nowhere else

    return spaces.GPU(duration=duration)(events_of)


def duration(row: RunRow, submitted: ExperimentRow) -> int:
    """Seconds to ask for; called by `spaces` with what the decorated function is called with."""
    limit = submitted.settings.deadline
    return DEFAULT if limit is None else math.ceil(limit + MARGIN)


def settings(deadline: float | None, grace: float | None, text: str | None) -> Settings:
    """How an experiment is submitted here: reserved for `start`, and stopped before the call is cut off."""
    limit = max((deadline or DEFAULT) - MARGIN, 1.0)
    return Settings(deadline=limit, grace=grace, text=text, by=f"zerogpu-{uuid.uuid4().hex}")


def start(database: Path, by: str) -> threading.Thread:
    """Train what was submitted for `by`, in a thread that carries the visitor's request: the quota is the visitor's."""
    inside = contextvars.copy_context().run
    thread = threading.Thread(target=inside, args=(carry_out, database, by), daemon=True)
    thread.start()
    return thread


def carry_out(database: Path, by: str) -> None:
    """Train every run reserved for `by`, one after the other."""
    store = Store(database)
    while row := store.claim(by):
        do_run(store, row, on_gpu())
    store.close()
