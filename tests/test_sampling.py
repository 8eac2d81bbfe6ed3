"""Which token comes next: closed forms of what is drawn from."""

from collections import Counter

import numpy as np
import pytest

from playground.problem import Problem
from playground.sampling import Sampling, probabilities

LOGITS = np.log(np.array([0.1, 0.4, 0.2, 0.3], np.float32))


def drawn_from(**settings: float | int) -> list[float]:
    sampling = Sampling(**{"temperature": 1.0, **settings})
    return probabilities(LOGITS, sampling).round(6).tolist()


def test_temperature_one_draws_from_the_softmax() -> None:
    assert drawn_from() == [0.1, 0.4, 0.2, 0.3]


def test_a_temperature_is_a_power() -> None:
    squares = np.array([0.01, 0.16, 0.04, 0.09])
    np.testing.assert_allclose(drawn_from(temperature=0.5), squares / squares.sum(), atol=1e-6)


def test_top_k_keeps_the_k_likeliest() -> None:
    np.testing.assert_allclose(drawn_from(top_k=2), [0, 4 / 7, 0, 3 / 7], atol=1e-6)
    assert drawn_from(top_k=1) == [0, 1, 0, 0]
    assert drawn_from(top_k=99) == drawn_from()


def test_top_p_keeps_the_fewest_that_hold_the_mass() -> None:
    np.testing.assert_allclose(drawn_from(top_p=0.6), [0, 4 / 7, 0, 3 / 7], atol=1e-6)
    np.testing.assert_allclose(drawn_from(top_p=0.75), [0, 4 / 9, 2 / 9, 3 / 9], atol=1e-6)
    assert drawn_from(top_p=0.01) == [0, 1, 0, 0]
    assert drawn_from(top_p=1) == drawn_from()


def test_huge_logits_overflow_nowhere() -> None:
    logits = np.array([1e30, -1e30, 1e30], np.float32)
    assert probabilities(logits, Sampling(1e-3)).tolist() == [0.5, 0, 0.5]


def test_temperature_zero_takes_the_likeliest() -> None:
    sampler = Sampling(0).sampler()
    assert {sampler.choose(LOGITS) for _ in range(50)} == {1}


def test_draws_follow_the_probabilities_and_the_seed() -> None:
    sampler = Sampling(1.0, seed=3).sampler()
    draws = [sampler.choose(LOGITS) for _ in range(20_000)]
    shares = [Counter(draws)[token] / len(draws) for token in range(4)]
    np.testing.assert_allclose(shares, [0.1, 0.4, 0.2, 0.3], atol=0.015)  # over 4 standard deviations
    again, other = Sampling(1.0, seed=3).sampler(), Sampling(1.0, seed=4).sampler()
    assert [again.choose(LOGITS) for _ in range(100)] == draws[:100]
    assert [other.choose(LOGITS) for _ in range(100)] != draws[:100]


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": -0.1},
        {"temperature": float("nan")},
        {"temperature": float("inf")},
        {"top_k": 0},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"top_p": float("nan")},
        {"seed": -1},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(Problem, match=r".+\."):
        Sampling(**settings)  # pyright: ignore[reportArgumentType]
