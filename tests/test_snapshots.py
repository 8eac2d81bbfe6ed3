"""Snapshots of the weights: at which steps, how many bytes, and that keeping them changes nothing of the training."""

import itertools
from pathlib import Path

import pytest
import torch

from models.architecture import Architecture
from models.cost import parameters
from models.shape import Shape
from models.spelling import change
from models.text import Refusal
from playground import head_scores, runs, snapshots
from playground.data import prepare
from playground.events import Event, Finished, Kept, Point, Sampled
from playground.head_scores import Formed, formed, habits, of_repeats, on_text, repeated
from playground.plan import fitted
from playground.recipe import Recipe
from playground.snapshots import MOST_BYTES, steps_to_keep
from playground.train import train
from playground.training import Run, Training

SMALL = Architecture(shape=Shape(layers=2, width=16, context=16))
LARGE = Architecture(shape=Shape(layers=12, width=768, vocabulary=50_000))


def run(folder: Path | None, steps: int = 20) -> Run:
    task = prepare("text", context=16, batch=4, text="the cat sat on the mat and the dog sat on the log.\n" * 40)
    architecture = fitted(change(SMALL, {"dropout": "0.2"}), task)
    recipe = Recipe.model_validate({"tokens": steps * 64, "batch": 4, "data": "text"})
    return Run(architecture, recipe, 0, task, folder=folder, snapshot_bytes=MOST_BYTES)


def timeless(events: list[Event]) -> list[tuple[object, ...]]:
    """Points and ends, without what the clock says."""
    told = [event for event in events if isinstance(event, Point | Finished | Sampled)]
    timed = {"seconds", "tokens_per_second"}
    return [tuple(getattr(event, name) for name in type(event).__slots__ if name not in timed) for event in told]


def test_steps_stand_evenly_on_a_logarithmic_axis() -> None:
    assert steps_to_keep(SMALL, 390, MOST_BYTES) == (
        *(0, 1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362),
    )
    assert steps_to_keep(SMALL, 1, MOST_BYTES) == (0,)
    assert steps_to_keep(SMALL, None, MOST_BYTES)[-1] < snapshots.HORIZON
    assert steps_to_keep(change(SMALL, {"layout.attention": "off"}), 390, MOST_BYTES) == ()


@pytest.mark.parametrize("steps", [1, 2, 7, 390, 10**6, None])
@pytest.mark.parametrize("room", range(0, 12))
def test_snapshots_never_take_more_than_they_may(steps: int | None, room: int) -> None:
    each = 4 * parameters(SMALL)
    kept = steps_to_keep(SMALL, steps, room * each + each // 2)
    assert len(kept) <= room and list(kept) == sorted(set(kept))
    whole = steps_to_keep(SMALL, steps, MOST_BYTES)
    assert set(kept) <= set(whole)
    if room > 1:
        assert kept[0] == 0 and kept[-1] == whole[-1]
    assert steps_to_keep(LARGE, steps, MOST_BYTES) == ()


def test_training_is_the_same_to_the_bit_with_snapshots_and_they_hold_the_weights_of_their_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.train.SAMPLE_BYTES", 8)
    plain = list(train(run(None)))
    looked = list(train(run(tmp_path / "run")))
    assert timeless(plain) == timeless(looked) and not any(isinstance(event, Kept) for event in plain)
    kept = [event for event in looked if isinstance(event, Kept)]
    assert [event.step for event in kept] == [0, 1, 2, 3, 4, 6, 8, 11, 16, 20]
    again = Training(run(None))
    for event, following in itertools.pairwise(kept):
        while again.step < event.step:
            again.advance()
        model, about = snapshots.load(tmp_path / "run", event.step)
        assert all(torch.equal(one, other) for one, other in zip(model.parameters(), again.parameters, strict=True))
        assert event.habits == head_scores.plain(habits(model)) and following.step > event.step
        assert about.tokenizer.decode([1]) == again.run.task.tokenizer.decode([1])
    trained, _ = runs.load(tmp_path / "run")
    assert kept[-1].bytes == 0 and kept[-1].habits == head_scores.plain(habits(trained))
    files = list((tmp_path / "run" / snapshots.FOLDER).glob("*.safetensors"))
    assert sum(event.bytes for event in kept) == sum(file.stat().st_size for file in files)


def test_what_was_not_kept_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        snapshots.load(tmp_path, 3)
    assert not snapshots.kept(tmp_path, 3)


def test_scores_of_maps_that_are_known() -> None:
    T = 5
    itself, uniform = torch.eye(T), torch.ones(T, T).tril() / torch.arange(1, T + 1)[:, None]
    first = torch.zeros(T, T)
    first[:, 0] = 1
    half_to_sink = itself / 2
    found = on_text(torch.stack([itself, uniform, first, half_to_sink])[None])
    nats = [torch.arange(2, T + 1).log().mean().item()]
    assert found["entropy"][0].tolist() == pytest.approx([0, *nats, 0, 0], abs=1e-6)
    assert found["distance"][0].tolist() == pytest.approx([0, (0.5 + 1 + 1.5 + 2) / 4, 2.5, 0])
    assert found["first"][0].tolist() == pytest.approx([0, (1 / 2 + 1 / 3 + 1 / 4 + 1 / 5) / 4, 1, 0])


def test_habits_of_maps_that_are_known() -> None:
    R = 4
    previous, induction = torch.zeros(2 * R, 2 * R), torch.zeros(2 * R, 2 * R)
    previous[0, 0] = induction[:R, 0] = 1
    for row in range(1, 2 * R):
        previous[row, row - 1] = 1
    for row in range(R, 2 * R):
        induction[row, row - R + 1] = 1  # what came after the same token
    found = of_repeats(torch.stack([previous, induction])[None])
    assert found["previous_token"][0].tolist() == pytest.approx([1, 1 / (2 * R - 1)])
    assert found["induction"][0].tolist() == pytest.approx([0, 1])


def test_repeated_tokens_are_seeded_and_unlike_each_other() -> None:
    ids_BT = repeated(change(SMALL, {"shape.vocabulary": "60"}))
    once, twice = ids_BT.chunk(2, dim=1)
    assert ids_BT.shape == (head_scores.ROWS, 16) and torch.equal(once, twice)
    assert all(len(set(row)) == len(row) for row in once.tolist())
    assert torch.equal(ids_BT, repeated(change(SMALL, {"shape.vocabulary": "60"})))
    assert repeated(change(SMALL, {"shape.vocabulary": "3"})).shape[1] == 6


def test_a_head_has_formed_from_when_on_it_keeps_its_habit() -> None:
    history = [
        (step, {"previous_token": list(scores), "induction": [0.0, None]})
        for step, scores in ((0, (0.6, 0.1)), (4, (0.4, 0.5)), (8, (0.7, 0.9)))
    ]
    assert formed(history) == [Formed("previous_token", 0, 8), Formed("previous_token", 1, 4)]
    assert formed([]) == [] and formed([(0, {})]) == []
