"""The learning rate against its closed forms, and the steps at which a curve has points."""

import itertools
import math

import pytest

from playground.recipe import Recipe
from playground.schedule import (
    VALIDATIONS,
    learning_rate,
    point_steps,
    timed_learning_rate,
    validation_steps,
    warmup_steps,
)


def rates(recipe: Recipe, steps: int) -> list[float]:
    return [learning_rate(recipe, step, steps) for step in range(steps)]


def test_warmup_is_linear_and_at_most_its_share_of_the_run() -> None:
    assert warmup_steps(Recipe(), 2000) == 100
    assert warmup_steps(Recipe(), 390) == 39
    assert warmup_steps(Recipe(warmup_share=1), 60) == 60
    rising = rates(Recipe(lr=1.0), 390)[:40]
    assert rising == pytest.approx([(step + 1) / 40 for step in range(39)] + [1.0])


def test_cosine_falls_to_a_tenth_along_half_a_period() -> None:
    some = rates(Recipe(lr=2.0, warmup=0), 1000)
    expected = [2.0 * (0.55 + 0.45 * math.cos(math.pi * step / 1000)) for step in range(1000)]
    assert some == pytest.approx(expected)
    assert some[0] == 2.0 and some[-1] == pytest.approx(0.2, abs=1e-4)


def test_linear_falls_by_the_same_amount_every_step() -> None:
    some = rates(Recipe(lr=1.0, warmup=0, schedule="linear", final_lr=0.0), 100)
    assert [a - b for a, b in itertools.pairwise(some)] == pytest.approx([0.01] * 99)


def test_constant_stays_after_warmup() -> None:
    assert set(rates(Recipe(lr=0.5, warmup=10, schedule="constant"), 200)[10:]) == {0.5}


def test_wsd_stays_and_falls_over_its_share_at_the_end() -> None:
    some = rates(Recipe(lr=1.0, warmup=0, schedule="wsd", final_lr=0.0, decay_share=0.2), 1000)
    assert some[:801] == pytest.approx([1.0] * 801)
    assert some[900] == pytest.approx(0.5) and some[999] == pytest.approx(0.005)


def test_without_a_decay_wsd_is_constant() -> None:
    assert set(rates(Recipe(lr=1.0, warmup=0, schedule="wsd", decay_share=0), 50)) == {1.0}


@pytest.mark.parametrize("warmup", [{"warmup": 0}, {"warmup": 40}, {"warmup": 10**6, "warmup_share": 0.5}], ids=str)
@pytest.mark.parametrize("schedule", ["cosine", "linear", "constant", "wsd"])
def test_a_budget_in_seconds_follows_the_same_curve(schedule: str, warmup: dict[str, float]) -> None:
    """Its peak too, whichever ends warmup; in the share's case the rise itself is one of time, not of steps."""
    by_clock = Recipe.model_validate({"seconds": 100.0, "schedule": schedule, **warmup})
    by_step = Recipe.model_validate({"schedule": schedule, **warmup})
    for step in range(500 if warmup["warmup"] > 1000 else 0, 1000, 50):
        assert timed_learning_rate(by_clock, step, step / 10) == pytest.approx(learning_rate(by_step, step, 1000))


def test_with_a_budget_in_seconds_warmup_ends_by_its_steps_or_its_share() -> None:
    recipe = Recipe(seconds=100.0, lr=1.0, schedule="constant", warmup=100)
    assert timed_learning_rate(recipe, 49, 1.0) == pytest.approx(50 / 101)  # fast machine: by steps
    assert timed_learning_rate(recipe, 5, 5.0) == pytest.approx(0.5)  # slow machine: half of a tenth is over
    assert timed_learning_rate(recipe, 12, 10.0) == 1.0


@pytest.mark.parametrize("steps", [1, 2, 7, 19, 20, 21, 199, 200, 201, 390, 399, 400, 2000, 5000, 99_999, 10**7])
def test_a_curve_has_20_to_500_points_the_first_and_last_step_among_them(steps: int) -> None:
    some = list(point_steps(steps))
    assert some[0] == 1 and some[-1] == steps
    assert min(20, steps) <= len(some) <= 500
    assert all(a < b for a, b in itertools.pairwise(some))


@pytest.mark.parametrize("steps", [20, 500, 20_000, 50_000])
def test_an_unknown_number_of_steps_gives_20_to_500_points_too(steps: int) -> None:
    some = list(itertools.takewhile(lambda step: step <= steps, point_steps(None)))
    assert 20 <= len(some) <= 500


@pytest.mark.parametrize("points", [1, 2, 15, 16, 17, 200, 399])
def test_validations_are_spread_evenly_and_end_with_the_last_point(points: int) -> None:
    chosen = sorted(validation_steps(points))
    assert chosen[-1] == points - 1 and len(chosen) == min(points, VALIDATIONS)
    gaps = {b - a for a, b in itertools.pairwise(chosen)}
    assert not gaps or max(gaps) - min(gaps) <= 1
