"""What happens on a node: a run is trained in a folder of its own, and told in messages a few times a second.

Knows no Ray and no store: whoever calls pulls the messages, and says when to stop.
"""

import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from models.text import Refusal, Text
from playground import runs
from playground.data import Corpus
from playground.events import Event, Kept, Saved
from playground.recording import prepared
from playground.store import ExperimentRow, RunRow
from playground.together import Seat, Together
from playground.train import events_of_training

EVERY = 0.5  # seconds between messages; weights are told of at once

CHECKPOINT = runs.TRAINING
Files = dict[str, bytes]  # of a run's folder, by their name in it


@dataclass(frozen=True, slots=True)
class Order:
    """A run to be trained."""

    row: RunRow
    submitted: ExperimentRow
    torch: str  # the version that the head has: others would give other curves
    save_seconds: float  # between checkpoints


@dataclass(slots=True)
class Message:
    """What has happened since the last one: files, the events that tell of them, and where a run can go on from."""

    step: int = 0
    files: Files = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    checkpoint: Files = field(default_factory=dict)
    refused: Text | None = None


ENDED = Message()  # of a run that says no more
Stop = Callable[[], bool]  # is the run to stop?
Told = Iterator[Message | None]  # a pause after every event, with a message now and then


def carry_out(
    orders: Sequence[tuple[Order, Stop]], content: Corpus | None, checkpoint: Files | None
) -> Iterator[tuple[int, Message | None]]:
    """Train to the end, or until a run's `stop` says so: one run, from the checkpoint on if there is one, or several.

    Several are seeds of one variant, trained in one step. Yields messages with the number of their run, None at a
    run's end.
    """
    together = Together(len(orders))
    runs = [_run(order, content, checkpoint, stop, together) for order, stop in orders]
    for number, message in together.turns(runs):
        if message is not None:
            yield number, None if message is ENDED else message


def _run(order: Order, content: Corpus | None, checkpoint: Files | None, stop: Stop, together: Together) -> Told:
    try:
        if torch.__version__ != order.torch:
            raise Refusal(OTHER_TORCH.format(here=torch.__version__, there=order.torch))
        with tempfile.TemporaryDirectory(prefix="playground-") as place:
            folder = Path(place) / order.row.folder.name
            run = prepared(replace(order.row, folder=folder), order.submitted, content)
            seat = Seat(replace(run, save_seconds=order.save_seconds), together)
            if (state := _state(folder, checkpoint)) is not None:
                seat.restore(state)
            with closing(events_of_training(seat)) as events:
                yield from _messages(events, Outbox(folder, order.row.folder), stop)
    except Refusal as refusal:
        yield Message(refused=refusal.text)
    yield ENDED


def _messages(events: Generator[Event, None, None], outbox: "Outbox", stop: Stop) -> Told:
    for event in events:
        message = outbox.take(event)
        yield message
        if message is not None and stop():
            events.close()  # which writes what was learnt
            yield outbox.release(files=True)
            return
    yield outbox.release(files=False)


def _state(folder: Path, checkpoint: Files | None) -> runs.State | None:
    if checkpoint is None:
        return None
    write(folder, checkpoint)
    try:
        return runs.read_state(folder)
    except Refusal:  # it cannot be read: from the beginning, then
        return None


class Outbox:
    """Puts what a run says into messages: one every `EVERY` seconds, and at once where weights were written.

    `folder` is the run's here, `home` where the head has it, which the events name.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        self.home, self.sent, self.message = home, Sent(folder), Message()
        self.due = 0.0  # when the next message goes
        self.announced = False  # did the last event tell of files that are being written?

    def take(self, event: Event) -> Message | None:
        """Note an event; the message that goes now, if one does."""
        self.message.step = max(self.message.step, getattr(event, "step", 0))
        if event.kind != "beat":
            self.message.events.append(replace(event, folder=str(self.home)) if isinstance(event, Saved) else event)
        # What is announced is written by the time of the next event: both go together.
        written, self.announced = self.announced or isinstance(event, Kept), isinstance(event, Saved)
        if self.announced or not (written or time.monotonic() >= self.due):
            return None
        return self.release(files=written)

    def release(self, *, files: bool) -> Message:
        """The message as it is now, with the files that are new where asked for; the next one begins."""
        if files:
            self.sent.fill(self.message)
        message, self.message = self.message, Message(self.message.step)
        self.due = time.monotonic() + EVERY
        return message


class Sent:
    """Which files of a folder were sent, and which are new since."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: dict[str, int] = {}

    def fill(self, message: Message) -> None:
        """Add to a message what was written since the last one."""
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        times = {str(path.relative_to(self.folder)): path.stat().st_mtime_ns for path in files}
        changed = [name for name, when in times.items() if self.seen.get(name) != when]
        self.seen = times
        for name in changed:
            part = message.checkpoint if name == CHECKPOINT else message.files
            part[name] = (self.folder / name).read_bytes()


def write(folder: Path, files: Files) -> None:
    """Put files into a run's folder, each whole or not at all."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        partial.write_bytes(content)
        partial.replace(path)


def checkpoint_in(folder: Path) -> Files | None:
    """What a run can go on from, where its folder holds that."""
    path = folder / CHECKPOINT
    return {CHECKPOINT: path.read_bytes()} if path.is_file() else None


OTHER_TORCH = Text(
    "A node has torch {here}, this machine {there}: runs would not compare. Install the same version there.",
    "集群节点的 torch 版本是 {here}，本机是 {there}：训练结果无法比较。请在节点上安装相同的版本。",
)
