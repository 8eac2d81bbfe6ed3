"""What is seen inside a run: against plain torch and closed forms; and that looking changes nothing of the training."""

from dataclasses import replace

import pytest
import torch

from models.architecture import Architecture
from models.initialize import initialize
from models.shape import Shape
from models.spelling import change
from models.transformer import Transformer
from playground.data import prepare
from playground.events import Event, Finished, Point, Probed
from playground.inside import BINS, HISTOGRAMS, READINGS, SHARE, Inside, due, every, spikes
from playground.plan import fitted
from playground.recipe import Recipe
from playground.train import train
from playground.training import Run, Training

SMALL = Architecture(shape=Shape(layers=2, width=16, context=16))


def run(changes: dict[str, str] | None = None, steps: int = 12) -> Run:
    task = prepare("text", context=16, batch=4, text="the cat sat on the mat and the dog sat on the log.\n" * 40)
    recipe = Recipe.model_validate({"tokens": steps * 64, "batch": 4, "data": "text"})
    return Run(fitted(change(SMALL, changes or {}), task), recipe, 0, task)


def model_of(given: Run) -> Transformer:
    return initialize(Transformer(given.architecture), 0).eval()


def timeless(events: list[Event]) -> list[tuple[object, ...]]:
    told = [event for event in events if isinstance(event, Point | Finished)]
    timed = {"seconds", "tokens_per_second"}
    return [tuple(getattr(event, name) for name in type(event).__slots__ if name not in timed) for event in told]


def test_training_is_the_same_to_the_bit_when_it_is_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.train.SAMPLE_BYTES", 8)
    given = run({"dropout": "0.2", "feed_forward": "swiglu"})
    plain, looked = list(train(given)), list(train(replace(given, inside=True)))
    assert timeless(plain) == timeless(looked)
    looks = [event for event in looked if isinstance(event, Probed)]
    assert [look.step for look in looks] == [step for step in range(13) if due(step, 12, every(given))]
    assert looks[0].step == 0 and looks[-1].step == 12 and "update_attention" not in looks[0].readings
    assert looks[-1].readings.keys() == READINGS.keys()
    assert all(0 < one.spent < other.spent for one, other in zip(looks, looks[1:], strict=False))


def test_readings_are_those_of_plain_torch() -> None:
    given = run({"feed_forward": "reglu", "z_loss": "1e-2"})
    model, inside = model_of(given), Inside(given)
    readings = inside.look(model, updated=False)
    model.zero_grad()
    model.loss(inside.ids_BT, inside.targets_BT)[0].backward()
    for layer, block in enumerate(model.blocks):
        for part in ("attention", "feed_forward"):
            every_one = torch.cat(
                [p.grad.flatten() for p in block.get_submodule(part).parameters() if p.grad is not None]
            )
            assert readings[f"gradient_{part}"][layer] == pytest.approx(every_one.norm().item(), rel=1e-3)
    with torch.no_grad():
        logits_NV = model(inside.ids_BT).flatten(0, 1)
    assert readings["logit"] == pytest.approx([logits_NV.abs().max().item()], rel=1e-3)
    assert readings["log_z"] == pytest.approx([logits_NV.logsumexp(-1).square().mean().sqrt().item()], rel=1e-3)
    assert [len(readings[name]) for name in ("residual", "score", "entropy", "open")] == [3, 2, 2, 2]
    for name in HISTOGRAMS:
        assert len(readings[name]) == BINS and sum(readings[name]) == pytest.approx(1, abs=1e-2)
    assert sum(readings["gate"][: BINS // 2]) == 0  # what a ReLU lets through


def test_an_update_is_measured_against_the_weights_before_it() -> None:
    training = Training(run())
    inside = Inside(training.run)
    training.advance()
    inside.hold(training.model)
    old = {name: parameter.detach().clone() for name, parameter in training.model.named_parameters()}
    training.advance()
    readings = inside.look(training.model, updated=True)
    mine = [name for name in old if name.startswith("blocks.1.attention.")]
    new = dict(training.model.named_parameters())
    moved = torch.cat([(new[name] - old[name]).flatten() for name in mine]).norm()
    expected = moved / torch.cat([old[name].flatten() for name in mine]).norm()
    assert readings["update_attention"][1] == pytest.approx(expected.item(), rel=1e-3)


def test_post_norm_holds_the_stream_and_qk_norm_the_scores() -> None:
    post = Inside(given := run({"placement": "post", "norm": "layernorm"})).look(model_of(given), updated=False)
    assert post["residual"][1:] == pytest.approx([1, 1], abs=1e-2)
    given = run({"qk_norm": "per_head", "init": "normal", "init.std": "0.5"})
    bound = given.architecture.heads.width(given.architecture) ** 0.5  # √K: both have norm √K, scaled by 1/√K
    assert max(Inside(given).look(model_of(given), updated=False)["score"]) <= 1.001 * bound
    given = run({"init": "normal", "init.std": "0.5"})
    assert max(Inside(given).look(model_of(given), updated=False)["score"]) > 2 * bound


def test_units_that_no_token_reaches_are_dead() -> None:
    given = run({"feed_forward": "relu", "bias": "all"})
    model = model_of(given)
    up = model.blocks[1].get_submodule("feed_forward.up")
    with torch.no_grad():
        up.get_parameter("bias")[:16] = -1e3
    hidden = up.get_parameter("bias").numel()
    first, second = Inside(given).look(model, updated=False)["dead"]
    assert first < 16 / hidden <= second < 1


def test_looks_take_their_share_of_the_flops_and_are_few() -> None:
    given = run(steps=100_000)
    small = replace(given, recipe=given.recipe.model_copy(update={"tokens": 100 * 64}))
    assert every(small) >= 1 / SHARE  # four rows of four: a look costs a step
    assert every(given) == 500
    assert sum(due(step, None, 12) for step in range(2**16)) < 800


def test_a_spike_stands_out_of_the_points_before_it() -> None:
    losses: list[float | None] = [3 - 0.02 * n for n in range(20)]
    assert spikes(list(range(20)), losses) == []
    losses[12] = 4.0
    assert spikes(list(range(0, 40, 2)), losses) == [24]
