"""One run's events as they come from the cluster: a generator in the place of `recording.events_of`.

A run whose node dies is started elsewhere from its last checkpoint; what was said before is not said again.
"""

import asyncio
import time
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from functools import partial

import ray
import torch
from ray.exceptions import ObjectStoreFullError, OutOfDiskError, OutOfMemoryError, RayError, RayTaskError

from models.text import Refusal, Text
from playground.cluster.node import Files, Message, Order, carry_out, checkpoint_in, write
from playground.cluster.task import OVER, Messages, Ref, Said
from playground.data import Corpus
from playground.events import Beat, Event, Saved, decode
from playground.store import ExperimentRow, RunRow, Store

TRIES = 3
LOOK = 0.5  # seconds between two looks whether a run is to stop, while it says nothing
PATIENCE = 5.0  # seconds that a run may take to stop before it is cancelled

Launching = Callable[[Order, Ref, Ref], Messages]  # content and checkpoint


@ray.remote(num_cpus=0)
class Desk:
    """Where runs learn that they are to stop: a call that returns when somebody asks for it."""

    def __init__(self) -> None:
        self.asked: dict[str, asyncio.Event] = {}

    async def asked_to_stop(self, run: str) -> None:
        """Return when the run is to stop."""
        await self.asked.setdefault(run, asyncio.Event()).wait()

    async def stop(self, run: str) -> None:
        """Let the run know; then the call above is over, which is to be called for every start."""
        self.asked.pop(run, asyncio.Event()).set()


@ray.remote(max_retries=0, num_returns="streaming")
def run_on_node(
    orders: Sequence[Order], content: Corpus | None, checkpoint: Files | None, asked: "Sequence[ray.ObjectRef[None]]"
) -> Iterator[tuple[int, Message | None]]:
    """The task of one run, or of several in one step; `asked` are over when the run of that number is to stop."""
    stops = [partial(_over, one) for one in asked]
    yield from carry_out([*zip(orders, stops, strict=True)], content, checkpoint)


def _over(asked: "ray.ObjectRef[None]") -> bool:
    return bool(ray.wait([asked], timeout=0)[0])


class Stream:
    """The events of one run. `launch` starts its task, `stop` lets the task know that it is to stop."""

    def __init__(self, store: Store, launch: Launching, stop: Callable[[str], None], save_seconds: float) -> None:
        self.store, self.launch, self.stop, self.save_seconds = store, launch, stop, save_seconds

    def events(self, row: RunRow, submitted: ExperimentRow, content: Ref) -> Generator[Event, None, None]:
        """From the beginning, or from where the store has it, to the end.

        Raises:
            Refusal: the run itself was refused, or it failed three times.
        """
        order = Order(row, submitted, torch.__version__, self.save_seconds)
        said = {key(decode(line)) for _, line in self.store.events(row.id)}
        for left in reversed(range(TRIES)):
            try:
                checkpoint = checkpoint_in(row.folder) if said else None
                kept = None if checkpoint is None else ray.put(checkpoint)
                yield from self._fresh(order, self.launch(order, content, kept), said)
                return
            except RayError as error:
                traceback.print_exc()
                if not left:
                    raise Refusal(FAILED.format(times=TRIES, reason=reason(error))) from error
                yield Beat(max((step for _, step in said), default=0))  # one that is to stop is not started again

    def _fresh(self, order: Order, messages: Messages, said: set[tuple[str, int]]) -> Generator[Event, None, None]:
        step, message = order.row.step, None
        try:
            while (message := messages.next(LOOK)) != OVER:
                if isinstance(message, Message):
                    for event in _received(order, message):
                        if key(event) not in said or isinstance(event, Saved):  # it may well have been saved again
                            said.add(key(event))
                            yield event
                    write(order.row.folder, message.checkpoint)  # now that what led to it is in the store
                    step = max(step, message.step)
                yield Beat(step)
        except GeneratorExit:
            self.stop(order.row.id)
            message = _rest(order, messages)
            raise
        finally:
            self.stop(order.row.id)  # nobody waits for that any more
            messages.leave(message == OVER)


def _rest(order: Order, messages: Messages) -> Said:
    """Take what a task that is to stop still gives: what it had learnt. `OVER`, unless it takes too long."""
    until, message = time.monotonic() + PATIENCE, None
    with suppress(RayError, Refusal):  # gone, or refused: there is nothing to keep
        while message != OVER and (left := until - time.monotonic()) > 0:
            message = messages.next(left)
            if isinstance(message, Message):
                _received(order, message)
                write(order.row.folder, message.checkpoint)
    return message


def _received(order: Order, message: Message) -> list[Event]:
    if message.refused is not None:
        raise Refusal(message.refused)
    write(order.row.folder, message.files)
    return message.events


def key(event: Event) -> tuple[str, int]:
    """By what an event of a run is known: a run started again says the same ones, at the same steps."""
    return event.kind, getattr(event, "step", 0)


def reason(error: Exception) -> Text:
    """Why a task did not come to its end."""
    if isinstance(error, ObjectStoreFullError | OutOfDiskError):
        return STORE_FULL
    if isinstance(error, OutOfMemoryError) or "out of memory" in str(error).lower():
        return MEMORY
    cause = error.cause if isinstance(error, RayTaskError) else error
    words = str(cause).strip().splitlines()
    return Text(*[f"{type(cause).__name__}: {words[0][:300]}" if words else type(cause).__name__] * 2)


FAILED = Text(
    "Given up after it failed {times} times on the cluster, the last time so: {reason.en}",
    "在集群上失败 {times} 次后放弃，最后一次的原因：{reason.zh}",
)
STORE_FULL = Text(
    "the cluster's object store is full. Start its nodes with a larger --object-store-memory, or free their disks.",
    "集群的对象存储已满。请用更大的 --object-store-memory 启动节点，或清理节点的磁盘。",
)
MEMORY = Text(
    "memory ran out on a node. Make the model, the batch or the context smaller, or give each run more of a node.",
    "节点内存不足。请减小模型、批大小或上下文长度，或让每次训练占用节点的更多资源。",
)
