"""What one Ray task says of its runs, dealt out to whoever follows one of them. Knows no store.

Most tasks train one run; one that trains several seeds in one step tells of all of them, each message with the run's
number, and of a run's end with None.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

import ray
from ray.exceptions import RayError

from playground.cluster.node import CHECKPOINT, Message, Order
from playground.store import RunRow

OVER: Final[Literal["over"]] = "over"
Said = Message | Literal["over"] | None
Ref = Any  # ray.ObjectRef, or None: what is not there travels as itself
Start = Callable[[Sequence[Order], Ref, Ref], "Task"]  # content and checkpoint


class Task:
    """A started task of so many runs. `generator`: what Ray gave for it. For one thread."""

    def __init__(self, generator: Any, runs: int = 1) -> None:
        self.generator = generator
        self.heard: list[deque[Said]] = [deque() for _ in range(runs)]
        self.followed = {*range(runs)}  # the runs that somebody still listens to
        self.broken: RayError | None = None

    def messages(self, run: int = 0) -> "Messages":
        """Those of one run, by its number in the task."""
        return Messages(self, run)

    def listen(self, seconds: float) -> None:
        """Take the next message of any run, if one comes in time.

        Raises:
            RayError: the task broke off; and so for each of its runs.
        """
        if self.broken is not None:
            raise self.broken
        ready, _ = ray.wait([self.generator], timeout=seconds, fetch_local=False)
        if not ready:
            return
        try:
            run, message = ray.get(next(self.generator))
            self.heard[run].append(OVER if message is None else message)
        except StopIteration:
            for said in self.heard:
                said.append(OVER)
        except RayError as error:
            self.broken = error
            raise


class Messages:
    """What a task says of one of its runs."""

    def __init__(self, task: Task, run: int) -> None:
        self.task, self.run = task, run

    def next(self, seconds: float) -> Said:
        """The next message; None where none comes in time, `OVER` where there are no more.

        Raises:
            RayError: the task broke off.
        """
        heard = self.task.heard[self.run]
        if not heard:
            self.task.listen(seconds)
        return heard.popleft() if heard else None

    def leave(self, over: bool) -> None:
        """Nobody listens any more. Once that holds of all its runs, a task that is not over is ended."""
        self.task.followed.discard(self.run)
        if not over and not self.task.followed:
            ray.cancel(self.task.generator, force=True)


class Launch:
    """Starts one task for some runs; and for one that has to begin anew, after it broke off, a task of its own."""

    def __init__(self, start: Start, rows: Sequence[RunRow]) -> None:
        self.start = start
        self.rows = [row for row in rows if not (row.folder / CHECKPOINT).is_file()]
        self.task: Task | None = None
        self.waiting = {row.id: number for number, row in enumerate(self.rows)}

    def __call__(self, order: Order, content: Ref, checkpoint: Ref) -> Messages:
        """What is said of the order's run."""
        number = self.waiting.pop(order.row.id, None)
        if number is None:
            return self.start([order], content, checkpoint).messages()
        if self.task is None:
            self.task = self.start([replace(order, row=row) for row in self.rows], content, None)
        return self.task.messages(number)
