"""Intervals against scipy's test of one sample, against the closed forms of extreme counts, and by their coverage."""

import random

import pytest
from scipy import stats

from playground.interval import Interval, interval, quantile, share, share_difference


def test_the_interval_is_student_s() -> None:
    values = [0.1, 0.3, 0.2, 0.25]
    found = interval(values)
    low, high = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high)) and found.seeds == 4
    assert interval([1.5]) == Interval(1.5, None, None, 1) and interval([]) == Interval(None, None, None, 0)


@pytest.mark.parametrize("count", [1, 3, 10, 20])
def test_none_of_n_leaves_what_would_not_show_in_n(count: int) -> None:
    """A share p shows in none of n runs with the chance (1 − p)^n, which is 2.5 % at the upper end."""
    none, every = share([0.0] * count), share([1.0] * count)
    assert (none.mean, none.low, none.high) == (0.0, 0.0, pytest.approx(1 - 0.025 ** (1 / count)))
    assert (every.mean, every.low, every.high) == (1.0, pytest.approx(0.025 ** (1 / count)), 1.0)
    assert share([]) == share_difference([]) == Interval(None, None, None, 0)


def test_differences_of_counts_are_bounded_by_both_shares() -> None:
    none = share_difference([0.0] * 10)
    half = 1 - 0.0125 ** (1 / 10)
    assert (none.low, none.high) == (pytest.approx(-half), pytest.approx(half))
    some, turned = share_difference([1.0, 1.0, -1.0, 0.0]), share_difference([-1.0, -1.0, 1.0, 0.0])
    assert some.mean == 0.25 and turned.low is not None and turned.high is not None
    assert (some.low, some.high) == (pytest.approx(-turned.high), pytest.approx(-turned.low))


@pytest.mark.parametrize(("up", "down"), [(0.05, 0.05), (0.5, 0.1), (0.9, 0.0)])
def test_at_most_one_in_twenty_misses_the_true_difference(up: float, down: float) -> None:
    draw, missed = random.Random(0), 0
    for _ in range(400):
        values = [1.0 if (hit := draw.random()) < up else -1.0 if hit > 1 - down else 0.0 for _ in range(8)]
        found = share_difference(values)
        assert found.low is not None and found.high is not None
        missed += not found.low <= up - down <= found.high
    assert missed <= 0.05 * 400


def test_the_largest_of_several_has_to_be_larger() -> None:
    """Student's t of 2.5 with 9 degrees of freedom: p = 0.034 alone, no longer told as the largest of two."""
    found = Interval(2.5, 2.5 - quantile(9), 2.5 + quantile(9), 10)
    p = 2 * float(stats.t.sf(2.5, 9))
    assert found.told and found.told_among(1) and p < 0.05 < 2 * p and not found.told_among(2)
    assert quantile(9, 2) == pytest.approx(float(stats.t.ppf(1 - 0.0125, 9)))
    assert not interval([1.0]).told_among(1)


def test_the_largest_of_seven_nothings_is_seldom_told() -> None:
    draw, alone, among = random.Random(0), 0, 0
    for _ in range(300):
        steps = [interval([draw.gauss(0, 1) for _ in range(5)]) for _ in range(7)]
        largest = max(steps, key=lambda step: abs(step.mean or 0.0))
        alone, among = alone + largest.told, among + largest.told_among(7)
    assert alone > 0.15 * 300 and among <= 0.07 * 300
