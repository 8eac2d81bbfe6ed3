"""What training says as it goes: plain frozen records and their JSON. Knows nothing of torch, stores or pages.

Numbers are finite or None: what is not finite is written as None, so that every event is valid JSON.
"""

import json
import math
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, ClassVar

VERSION = 1  # of the records' fields; an event of another version is refused, not guessed at


@dataclass(frozen=True, slots=True)
class Started:
    """The model is built and the data are ready."""

    kind: ClassVar[str] = "started"

    steps: int | None  # optimizer steps planned; None where the budget is in seconds
    seconds: float | None  # the budget where it is in seconds
    warmup: int | None  # steps of warmup in effect; None where the budget is in seconds
    tokens_per_step: int
    training_flops_per_token: float
    parameters: int
    vocabulary: int
    device: str
    data_hash: str
    references: dict[str, float]  # nats per token, by name: what a guesser who knows only that much would reach
    environment: dict[str, Any] | None = None  # `environment.here()`; None of runs from before it was recorded


@dataclass(frozen=True, slots=True)
class Beat:
    """The run is alive: a place to stop at. Not stored."""

    kind: ClassVar[str] = "beat"

    step: int


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the curve, after `step` optimizer steps."""

    kind: ClassVar[str] = "point"

    step: int
    tokens: int  # targets trained on so far
    seconds: float  # spent training so far, measurements left out
    flops: float  # spent training so far, as counted in `models.cost`
    train_loss: float | None  # nats per token, mean since the last point
    val_loss: float | None  # nats per token, over the quick part of the validation data; None at most points
    grad_norm: float | None  # of the last step, before clipping
    lr: float  # of the last step
    tokens_per_second: float  # since the last point
    val_accuracy: float | None = None  # share of right answers where val_loss was measured; what a task is judged by


@dataclass(frozen=True, slots=True)
class Sampled:
    """What the trained model writes, seeded."""

    kind: ClassVar[str] = "sampled"

    step: int
    temperature: float
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """What training can go on from is about to be written to `folder`, at the end of a run also its model.

    What was said before is to be on record by then: whoever goes on from there says again only what came later.
    """

    kind: ClassVar[str] = "saved"

    step: int
    folder: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The weights after `step` lie in the run's folder: among its snapshots, or, where it ends, as its model."""

    kind: ClassVar[str] = "kept"

    step: int
    bytes: int  # of the snapshot; 0 for the model
    habits: dict[str, list[float | None]]  # of every attention head, layer by layer: `head_scores.HABITS`


@dataclass(frozen=True, slots=True)
class Probed:
    """What was seen inside the model after `step`."""

    kind: ClassVar[str] = "probed"

    step: int
    tokens: int
    seconds: float  # spent training so far
    flops: float  # spent training so far
    spent: float  # seconds spent on looking so far, beside training
    readings: dict[str, list[float | None]]  # `inside.READINGS`


@dataclass(frozen=True, slots=True)
class Compiled:
    """From the step after `step` on, the compiled model trains; or does not, for `reason`."""

    kind: ClassVar[str] = "compiled"

    step: int
    reason: str = ""  # in English
    reason_zh: str = ""  # and in Chinese


@dataclass(frozen=True, slots=True)
class Diverged:
    """The loss of step `step` was not finite; the rest are the last finite values before it."""

    kind: ClassVar[str] = "diverged"

    step: int
    train_loss: float | None
    val_loss: float | None
    grad_norm: float | None


@dataclass(frozen=True, slots=True)
class Overflowed:
    """The first tensor of the run that was not finite; said once, and only where that is watched."""

    kind: ClassVar[str] = "overflowed"

    step: int
    layer: int | None  # from 1; None outside the blocks
    tensor: str  # the module whose output it is
    backward: bool  # is it the gradient of that output?


@dataclass(frozen=True, slots=True)
class Finished:
    """The budget is used up; losses are taken over the whole validation part."""

    kind: ClassVar[str] = "finished"

    step: int
    tokens: int
    seconds: float
    val_loss: float | None  # nats per token
    perplexity: float | None
    bits_per_byte: float | None  # None where the data are no text
    accuracy: float | None  # share of the targets that are the likeliest token; what a task is judged by
    characters_per_token: float | None = None  # None where the data are no text


Event = Started | Beat | Point | Sampled | Saved | Kept | Probed | Compiled | Overflowed | Diverged | Finished
KINDS: dict[str, type[Event]] = {
    kind.kind: kind
    for kind in (Started, Beat, Point, Sampled, Saved, Kept, Probed, Compiled, Overflowed, Diverged, Finished)
}


def encode(event: Event) -> str:
    """The event as one line of JSON."""
    return json.dumps({"version": VERSION, "kind": event.kind, **finite(asdict(event))}, ensure_ascii=False)


def decode(line: str) -> Event:
    """The event that `encode` wrote; ValueError for another version, an unknown kind or other fields."""
    record: Any = json.loads(line)
    if not isinstance(record, dict):
        raise ValueError(f"not an event: {line[:40]!r}")
    version, kind = record.pop("version", None), record.pop("kind", None)
    if version != VERSION or kind not in KINDS:
        raise ValueError(f"not an event of version {VERSION}: version {version!r}, kind {kind!r}")
    event = KINDS[kind]
    every, needed = fields(event), [field for field in fields(event) if field.default is MISSING]
    if not {field.name for field in needed} <= record.keys() <= {field.name for field in every}:
        raise ValueError(f"not the fields of {kind!r}: {sorted(record)}")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in record.items()}
    return event(**values)


def finite(value: Any) -> Any:
    """`value` with every float in it that is not finite replaced by None, through dicts, lists and tuples."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value
