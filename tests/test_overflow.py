"""Where a run in float16 overflows first: planted, and found; and what a healthy run says of it."""

from dataclasses import asdict

import pytest
import torch
from torch import nn

from models.transformer import Transformer
from playground import link
from playground.events import Diverged, Event, Overflowed
from playground.experiment import compose
from playground.overflow import Watch, watch
from playground.plan import run_of
from playground.recipe import Recipe
from playground.train import train

SMALL = "gpt-2,shape.layers=2,shape.width=16,heads.query=2,heads.kv=2,shape.context=16"


def model() -> Transformer:
    torch.manual_seed(0)
    return Transformer(link.variant(SMALL).architecture).train()


@pytest.mark.parametrize(
    ("planted", "layer", "tensor"),
    [
        ("blocks.1.feed_forward.up", 2, "feed_forward.up"),
        ("blocks.0.attention.query", 1, "attention.query"),
        ("parts.placement.input.1.attention", 2, "placement.input.attention"),
        ("embedding", None, "embedding"),
    ],
)
def test_a_planted_infinity_is_found_where_it_was_planted(planted: str, layer: int | None, tensor: str) -> None:
    subject = model()
    watching = Watch(subject)
    ids_BT = torch.zeros(2, 16, dtype=torch.long)
    subject.loss(ids_BT, ids_BT)[0].backward()
    watching.step = 2
    with torch.no_grad():
        next(subject.get_submodule(planted).parameters()).fill_(float("inf"))
    subject.loss(ids_BT, ids_BT)[0].backward()
    found = watching.first()
    assert found == Overflowed(2, layer, tensor, backward=False)
    subject.loss(ids_BT, ids_BT)[0].backward()
    assert watching.first() is None and watching.noted == []  # told once, and no longer watched


def test_a_gradient_that_overflows_is_told_from_an_output() -> None:
    subject = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4)).train()
    watching = Watch(subject)
    output = subject(torch.ones(1, 4))
    (output * torch.tensor(float("inf"))).sum().backward()
    assert watching.first() == Overflowed(1, None, "1", backward=True)


def test_looking_at_a_model_between_steps_is_not_watched() -> None:
    subject = model()
    watching = Watch(subject)
    subject.eval()(torch.zeros(1, 4, dtype=torch.long))
    assert watching.noted == [] and watching.first() is None


@pytest.mark.parametrize(
    ("changes", "watched"), [({"precision": "fp16"}, True), ({}, False), ({"precision": "bf16"}, False)]
)
def test_only_what_has_no_safety_net_is_watched(changes: dict[str, str], watched: bool) -> None:
    assert (watch(model(), Recipe.model_validate(changes)) is not None) == watched


def events(lr: float, precision: str) -> list[Event]:
    recipe = Recipe.model_validate({"precision": precision, "lr": lr, "tokens": 16 * 12 * 12, "warmup": 0})
    return [*train(run_of(compose([link.variant(SMALL)], recipe), 0, 0))]


def test_a_run_in_float16_says_where_it_overflowed_before_it_dies() -> None:
    """At a rate of 100 the activations of float16 leave its range within a few steps; in float32 they do not."""
    said = [event for event in events(100.0, "fp16") if isinstance(event, Overflowed | Diverged)]
    assert [event.kind for event in said] == ["overflowed", "diverged"]
    first, died = said
    assert isinstance(first, Overflowed) and 1 < first.step <= died.step and first.tensor and not first.backward
    again = [event for event in events(100.0, "fp16") if isinstance(event, Overflowed)]
    assert [asdict(event) for event in again] == [asdict(first)]  # the same every time
    assert not any(isinstance(event, Overflowed) for event in events(1e-3, "fp16"))
    assert not any(isinstance(event, Overflowed) for event in events(100.0, "fp32"))
