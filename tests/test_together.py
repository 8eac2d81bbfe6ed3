"""Several seeds in one step: what each says is what it says alone, within rounding, whatever becomes of the others."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from pairwise import design, name
from test_train import CONTEXT, TEXT, curve, one_thread, run, said
from test_worker import SHORT, experiment, losses, submit
from torch.func import vmap

from models import spelling
from models.architecture import Architecture
from models.shape import Shape
from playground import recording, runs
from playground.data import Corpus, prepare
from playground.events import Beat, Diverged, Event, Kept, Point, Probed, Started
from playground.plan import run_of
from playground.recipe import Recipe
from playground.store import ExperimentRow, RunRow, Store
from playground.together import FULL, MOST, Seat, Together, seats
from playground.train import events_of_training, train
from playground.training import Run, Training

__all__ = ["one_thread"]  # a fixture

GPU = 2**36
CLOSE = 2e-4


def together(given: Sequence[Run], states: Sequence[runs.State] | None = None) -> list[list[Event]]:
    """What runs say that are trained in one step, each from a state on."""
    heard: list[list[Event]] = [[] for _ in given]
    meeting = Together(len(given))
    seated = [Seat(one, meeting) for one in given]
    for seat, state in zip(seated, states or (), strict=states is not None):
        seat.restore(state)
    for number, event in meeting.turns([events_of_training(seat) for seat in seated]):
        heard[number].append(event)
    return heard


def seeds(count: int, recipe: dict[str, object] | None = None) -> list[Run]:
    made = [run(seed=seed) for seed in range(count)]
    return [replace(one, recipe=one.recipe.model_copy(update=recipe or {})) for one in made]


def alike(some: Sequence[Event], others: Sequence[Event]) -> None:
    """Equal but for rounding: kinds and steps to the letter, numbers to four places; texts may differ by a letter."""
    assert [event.kind for event in said(some)] == [event.kind for event in said(others)]
    for one, other in zip(curve(some), curve(others), strict=True):
        numbers, expected = ([value for value in row if isinstance(value, int | float)] for row in (one, other))
        assert numbers == pytest.approx(expected, rel=CLOSE, abs=1e-6)


@pytest.mark.parametrize("row", range(len(design().rows)), ids=lambda row: f"{row}-{name(design().spelt[row])}")
def test_every_architecture_takes_its_steps_together(row: int) -> None:
    architecture = spelling.change(design().rows[row], {"dropout.rate": "0"})
    task = prepare("text", context=architecture.shape.context, batch=2, text=TEXT)
    architecture = spelling.change(architecture, {"shape.vocabulary": str(task.vocabulary)})
    given = [Run(architecture, Recipe(batch=2, data="text", tokens=10**6), seed, task) for seed in (1, 2)]
    meeting = Together(2)
    seated, alone = [Seat(one, meeting) for one in given], [Training(one) for one in given]
    for _ in range(3):
        for training in alone:
            training.advance()
        meeting.asking += seated
        meeting.step()
    assert not any(seat.alone for seat in seated)
    for seat, training in zip(seated, alone, strict=True):
        for ours, expected in (
            (seat.segment.losses, training.segment.losses),
            (seat.segment.grad_norms, training.segment.grad_norms),
        ):
            assert torch.allclose(torch.stack(ours), torch.stack(expected), rtol=2e-4)


@pytest.mark.parametrize("recipe", [{}, {"precision": "bf16"}, {"clip": None, "weight_decay": 0.3, "decayed": "all"}])
def test_what_a_run_says_is_what_it_says_alone(recipe: dict[str, object], tmp_path: Path) -> None:
    given = [replace(one, inside=not n, folder=tmp_path / str(n)) for n, one in enumerate(seeds(3, recipe))]
    for heard, one in zip(together(given), given, strict=True):
        expected = [*train(replace(one, folder=tmp_path / "alone"))]
        assert isinstance(heard[0], Started) and heard[0].environment
        assert heard[0].environment["runs_in_one_step"] == 3
        if recipe:
            assert heard[-1].val_loss == pytest.approx(expected[-1].val_loss, rel=2e-3)  # type: ignore[union-attr]
            continue
        alike(heard, expected)
        assert one.folder is not None
        (ours, _), (theirs, _) = (runs.load_model(folder) for folder in (one.folder, tmp_path / "alone"))
        for (key, weight), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
            assert torch.allclose(weight, other, atol=2e-3), key


@pytest.mark.parametrize("count", [3, 2])
def test_a_run_that_diverges_leaves_the_others_as_they_are(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it leaves one only, that goes on alone."""

    def wound(seat: Seat, *shown: Any) -> None:
        stepped(seat, *shown)
        if seat.run.seed == 1 and seat.step == 12:
            with torch.no_grad():
                seat.parameters[0].fill_(math.nan)

    stepped = Seat.stepped
    monkeypatch.setattr(Seat, "stepped", wound)
    given = seeds(count)
    heard = together(given)
    diverged = heard[1][-1]
    assert isinstance(diverged, Diverged) and diverged.step == 13
    for number in {0, count - 1} - {1}:
        alike(heard[number], [*train(given[number])])


def test_one_that_is_stopped_keeps_what_it_has_learnt_and_the_state_goes_on(tmp_path: Path) -> None:
    given = [replace(one, folder=tmp_path / str(n)) for n, one in enumerate(seeds(2))]
    meeting = Together(2)
    events = [events_of_training(Seat(one, meeting)) for one in given]
    with closing(events[0]), closing(events[1]):
        for number, event in meeting.turns(events):
            if number == 1 and isinstance(event, Point) and event.step == 7:
                break
    assert [runs.saved_step(tmp_path / str(n)) for n in (0, 1)] == [7, 7]
    states = [runs.read_state(tmp_path / str(n)) for n in (0, 1)]
    for again in (together(given, states), [[*train(*each)] for each in zip(given, states, strict=True)]):
        for heard, one in zip(again, given, strict=True):
            points = [event for event in said(heard) if isinstance(event, Point)]
            expected = [event for event in said(train(one)) if isinstance(event, Point)]
            assert [point.step for point in points] == [point.step for point in expected if point.step > 7]
            assert points[-1].train_loss == pytest.approx(expected[-1].train_loss, rel=2e-4)


def test_who_stands_at_another_step_goes_alone(tmp_path: Path) -> None:
    given = seeds(3)
    ahead = Training(given[2])
    for _ in range(5):
        ahead.advance()
    meeting = Together(3)
    seated = [Seat(one, meeting) for one in given]
    seated[2].restore(ahead.state())
    rows = {
        len(meeting.common.seats)
        for _ in meeting.turns([events_of_training(seat) for seat in seated])
        if meeting.common
    }
    assert rows == {2} and [seat.alone for seat in seated] == [False, False, True]
    assert {seat.step for seat in seated} == {40} and meeting.common is None


@pytest.mark.parametrize("steps", [0, 4])
def test_where_the_common_step_breaks_they_go_on_one_by_one(
    steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And what each says is said once, also at the step that broke: one of them is looked into just there."""

    def full(work: Callable[..., Any]) -> Callable[..., Any]:
        calls.append(work)
        if len(calls) > steps:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return vmap(work)

    calls: list[object] = []
    monkeypatch.setattr("playground.together.vmap", full)
    monkeypatch.setattr("playground.together.given_up", set())
    small = 2**20
    given = [replace(one, inside=True, folder=tmp_path / str(one.seed), snapshot_bytes=small) for one in seeds(2)]
    for heard, one in zip(together(given), given, strict=True):
        alike(heard, [*train(replace(one, folder=tmp_path / "alone"))])
        assert [event.step for event in heard if isinstance(event, Probed | Kept)]
    assert len(calls) == steps + 1 and "one by one: CUDA out of memory" in capsys.readouterr().err
    assert seats(given[0].architecture, given[0].recipe, GPU) == 1, "it is not tried again"


def test_where_one_step_for_all_is_taken() -> None:
    small, recipe = Architecture(shape=Shape()), Recipe()
    assert seats(small, recipe, 0) == 1 and seats(small, recipe, GPU) == MOST
    for own in ({"tokens": None, "seconds": 3.0}, {"compile": "auto"}, {"precision": "fp16"}):
        assert seats(small, recipe.model_copy(update=own), GPU) == 1
    assert seats(spelling.change(small, {"dropout.rate": "0.1"}), recipe, GPU) == 1
    assert seats(small, recipe, 10**7) == 1
    large = Architecture(shape=Shape(layers=24, width=1024, context=1024))
    assert seats(large, recipe, 2**40) == 1 and FULL < 1e12


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "runs.db", check=True)
    yield store
    store.close()


def test_seeds_of_a_variant_are_claimed_and_recorded_together(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "seats", lambda *_: 2)
    given = experiment(SHORT).with_seeds(3)
    ids = submit(store, given), submit(store, given)
    assert recording.do_next(store, "me")
    taken = [(row.variant, row.seed) for row in store.runs(ids[0]) if row.state == "finished"]
    assert taken == [(0, 0), (0, 1)] and {row.state for row in store.runs(ids[1])} == {"queued"}
    while recording.do_next(store, "me"):
        pass
    monkeypatch.setattr(recording, "seats", lambda *_: 1)
    alone = submit(store, given)
    while recording.do_next(store, "me"):
        pass
    for ours, theirs in zip(store.runs(ids[0]), store.runs(alone), strict=True):
        assert ours.state == theirs.state == "finished"
        assert losses(store, ours.id) == pytest.approx(losses(store, theirs.id), rel=CLOSE, abs=1e-6)
        assert (ours.folder / "model.safetensors").is_file()


def test_stop_ends_all_that_are_trained_together(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "seats", lambda *_: 3)
    monkeypatch.setattr(recording, "LOOK", 0.0)
    id = submit(store, experiment(10**9).with_seeds(3))
    append = store.append

    def stop_then(run: str, first: int, lines: Sequence[str], step: int = 0) -> None:
        append(run, first, lines, step)
        if step == 3:
            store.stop(id)

    monkeypatch.setattr(store, "append", stop_then)
    assert recording.do_next(store, "me")
    rows = store.runs(id)
    assert {row.state for row in rows} == {"stopped"}
    assert [row.step >= 3 for row in rows if row.variant == 0] == [True] * 3
    assert not any(row.step for row in rows if row.variant == 1)
    assert all(runs.saved_step(row.folder) == row.step for row in rows)


def test_held_seeds_stand_at_the_same_step(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "seats", lambda *_: 3)
    id = submit(store, experiment(10**9).with_seeds(3))
    store.hold(id, 4)
    seen: list[list[int]] = []

    def look(_: float) -> None:
        """Somebody asks for two steps more, and then for the end."""
        seen.append([row.step for row in store.runs(id) if row.variant == 0])
        if len(seen) % 10 == 0:
            store.hold(id, 6)
        if len(seen) == 30:
            store.stop(id)

    monkeypatch.setattr(recording.time, "sleep", look)
    assert recording.do_next(store, "me")
    assert seen[9] == [4, 4, 4] and seen[29] == [6, 6, 6]
    assert [row.state for row in store.runs(id) if row.variant == 0] == ["stopped"] * 3


@pytest.mark.parametrize("seed", [0, 2])
def test_a_pause_while_a_seed_waits_for_the_others_changes_nothing(
    seed: int, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "seats", lambda *_: 3)
    monkeypatch.setattr(recording, "LOOK", 0.0)
    given = experiment(20 * 4 * 15).with_seeds(3)
    id, slept = submit(store, given), list[float]()

    def paused(seat: Seat) -> Iterator[Beat]:
        if seat.step == 4 and seat.run.seed == seed and not slept:
            store.hold(id, 4)
        yield from advancing(seat)

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 9:
            store.hold(id, None)

    advancing = Seat.advancing
    monkeypatch.setattr(Seat, "advancing", paused)
    monkeypatch.setattr(recording.time, "sleep", sleep)
    assert recording.do_next(store, "me") and len(slept) >= 9
    for row in [row for row in store.runs(id) if row.variant == 0]:
        alone = [event.train_loss for event in train(run_of(given, 0, row.seed)) if isinstance(event, Point)]
        assert row.state == "finished" and losses(store, row.id) == pytest.approx(alone, rel=CLOSE)


def test_those_that_part_go_on_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has its own time limit: nobody waits for another to end."""

    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("playground.together.vmap", full)
    monkeypatch.setattr("playground.together.given_up", set())
    meeting = Together(3)
    steps = [0, 0, 0]
    for number, event in meeting.turns([events_of_training(Seat(one, meeting)) for one in seeds(3)]):
        if isinstance(event, Beat):
            steps[number] = event.step
            assert max(steps) - min(steps) <= 2
    assert steps == [40, 40, 40]


def test_one_that_is_refused_leaves_the_others(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(row: RunRow, submitted: ExperimentRow, content: bytes | Corpus | None) -> Run:
        made = prepared(row, submitted, content)
        if made.seed == 1:
            raise OSError(28, "No space left on device")
        return made

    prepared = recording.prepared
    monkeypatch.setattr(recording, "seats", lambda *_: 3)
    monkeypatch.setattr(recording, "prepared", refusing)
    id = submit(store, experiment(SHORT).with_seeds(3))
    assert recording.do_next(store, "me")
    assert [row.state for row in store.runs(id) if row.variant == 0] == ["finished", "failed", "finished"]


def test_beats_are_told_of_while_a_run_waits_for_the_others() -> None:
    heard = together(seeds(2, {"tokens": 3 * 4 * CONTEXT}))
    assert all(sum(isinstance(event, Beat) for event in one) >= 3 for one in heard)
