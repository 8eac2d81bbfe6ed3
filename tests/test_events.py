"""Events survive their JSON, and what is not an event is refused."""

import json
import math

import pytest

from playground.events import (
    KINDS,
    Beat,
    Diverged,
    Event,
    Finished,
    Kept,
    Overflowed,
    Point,
    Probed,
    Sampled,
    Saved,
    Started,
    decode,
    encode,
)

EXAMPLES: list[Event] = [
    Started(390, None, 39, 768, 4.9e6, 795_904, 60, "cpu", "ab12", {"uniform": 4.1, "bigram": 2.5}),
    Beat(3),
    Point(1, 768, 0.06, 3.8e9, 4.2, None, 1.5, 3e-5, 12_800.0),
    Sampled(390, 0.8, ("Mia found a key.", "米娅找到一把钥匙。")),
    Saved(390, "runs/A-seed0"),
    Probed(4, 3072, 0.3, 1.5e10, 0.02, {"residual": [0.5, 1.5], "score": [None]}),
    Kept(16, 3_276_800, {"previous_token": [0.25, 1.0], "induction": [0.0, None]}),
    Overflowed(16, 2, "feed_forward.down", False),
    Diverged(17, 3.1, None, 8.0),
    Finished(390, 299_520, 23.4, 1.62, 5.05, 2.33, 0.51),
]


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.kind)
def test_an_event_survives_its_json(event: Event) -> None:
    assert decode(encode(event)) == event
    assert json.loads(encode(event))["kind"] == event.kind


def test_every_kind_has_an_example() -> None:
    assert {event.kind for event in EXAMPLES} | {"compiled"} == KINDS.keys()


def test_what_is_not_finite_is_written_as_null() -> None:
    line = encode(Point(5, 3840, 0.3, 1e9, math.nan, None, math.inf, 1e-3, -math.inf))
    record = json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert (record["train_loss"], record["grad_norm"], record["tokens_per_second"]) == (None, None, None)
    assert record["lr"] == 1e-3


@pytest.mark.parametrize(
    "line",
    [
        '{"version": 2, "kind": "beat", "step": 1}',
        '{"version": 1, "kind": "explosion", "step": 1}',
        '{"version": 1, "kind": "beat", "steps": 1}',
        '{"kind": "beat", "step": 1}',
    ],
)
def test_what_is_no_event_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not"):
        decode(line)
