"""Which token comes next: closed forms of what is drawn from, and the reference implementation's processors."""

import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from source import ROOT
from transformers.generation.logits_process import (
    LogitsProcessor,
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from playground.problem import Problem
from playground.sampling import Sampling, likeliest, nucleus, penalized, probabilities, tempered

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


def random_logits(seed: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Of 60 tokens; some are equal, as those of rare tokens are."""
    return np.random.default_rng(seed).normal(0, 3, 60).round(1)


def reference(processor: LogitsProcessor, logits_V: np.ndarray, seen: list[int]) -> np.ndarray:
    """What transformers makes of the logits after a text of these ids."""
    return processor(torch.tensor([seen]), torch.from_numpy(logits_V.copy())[None])[0].numpy()  # type: ignore


SEEN = [3, 14, 15, 9, 26, 5, 3]


@pytest.mark.parametrize("value", [0.5, 1.0, 1.2, 5.0])
@pytest.mark.parametrize("seed", range(3))
def test_penalty_and_temperature_are_the_references(value: float, seed: int) -> None:
    logits = random_logits(seed)
    expected = reference(RepetitionPenaltyLogitsProcessor(value), logits, SEEN)
    np.testing.assert_allclose(penalized(logits, set(SEEN), value), expected, rtol=1e-12)
    assert (penalized(logits, set(SEEN), value) != logits).any() == (value != 1)
    expected = reference(TemperatureLogitsWarper(value), logits, SEEN)
    np.testing.assert_allclose(tempered(logits, value), expected - expected.max(), atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_top_k_and_top_p_keep_what_the_reference_keeps(seed: int) -> None:
    """With ties at the k-th place; for top-p without, since nobody says which of two equal ones goes."""
    logits = random_logits(seed)
    assert len(np.unique(logits)) < len(logits)
    for k in (1, 2, 7, 20, 59, 60, 1000):
        np.testing.assert_array_equal(likeliest(logits, k), reference(TopKLogitsWarper(k), logits, SEEN))
    logits += np.random.default_rng(seed).random(60)
    for p in (0.001, 0.3, 0.5, 0.9, 0.999, 1.0):
        np.testing.assert_array_equal(nucleus(logits, p), reference(TopPLogitsWarper(p), logits, SEEN))


@pytest.mark.parametrize("seed", range(5))
def test_all_together_in_the_references_order_give_its_probabilities(seed: int) -> None:
    logits = random_logits(seed) / 3 + np.random.default_rng(seed).random(60)
    seen = [*SEEN, *logits.argsort()[-3:]]
    chain = [RepetitionPenaltyLogitsProcessor(1.4), TemperatureLogitsWarper(0.7), TopKLogitsWarper(12)]
    scores = LogitsProcessorList([*chain, TopPLogitsWarper(0.8)])(torch.tensor([seen]), torch.tensor(logits)[None])  # type: ignore
    every = Sampling(0.7, 12, 0.8, 1.4)
    ours = probabilities(logits, every, seen)
    np.testing.assert_allclose(ours, scores.softmax(-1)[0].numpy(), atol=1e-12)
    assert 1 < (ours > 0).sum() < 12
    for without in ({"temperature": 1.0}, {"top_p": None}, {"repetition_penalty": 1.0}):
        assert abs(probabilities(logits, replace(every, **without), seen) - ours).max() > 1e-3


def test_a_penalty_keeps_greedy_text_from_repeating() -> None:
    """Logits that always prefer 1: the penalty counts the prompt and what was written, each id once."""
    logits = np.array([0.1, 4, 3, 2.5], np.float32)
    free, held = Sampling(0).sampler([1]), Sampling(0, repetition_penalty=1.5).sampler([1])
    assert [free.choose(logits) for _ in range(3)] == [1, 1, 1]
    assert [held.choose(logits) for _ in range(4)] == [2, 1, 1, 1]  # 4/1.5 < 3; then 3/1.5 and 2.5 < 4/1.5
    assert Sampling(0, repetition_penalty=2).sampler([0, 1]).choose(-logits) == 0  # -0.2, the others lower


def test_no_temperature_is_too_small() -> None:
    assert probabilities(LOGITS, Sampling(5e-324)).tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_a_diverged_model_says_is_no_token(temperature: float, wrong: float) -> None:
    logits = LOGITS.copy()
    logits[2] = wrong
    with pytest.raises(Problem, match="diverged"):
        Sampling(temperature).sampler().choose(logits)


def test_another_process_draws_the_same() -> None:
    script = (
        "import numpy as np; from playground.sampling import Sampling\n"
        "sampler = Sampling(1.3, 30, 0.9, 1.1, seed=7).sampler([1, 2])\n"
        "logits = np.random.default_rng(1).normal(0, 2, (50, 60)).astype(np.float32)\n"
        "print([sampler.choose(each) for each in logits])"
    )
    texts = [
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert texts[0] == texts[1] and len(set(texts[0].split())) > 10


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
        {"top_p": -0.5},
        {"repetition_penalty": 0.0},
        {"repetition_penalty": -1.2},
        {"repetition_penalty": float("nan")},
        {"repetition_penalty": float("inf")},
        {"top_k": -3},
        {"seed": -1},
        {"seed": 2**64},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(settings: dict[str, float]) -> None:
    """The sentence names the value that was given."""
    (value,) = settings.values()
    with pytest.raises(Problem, match=re.escape(str(value))) as raised:
        Sampling(**settings)  # pyright: ignore[reportArgumentType]
    assert str(value) in raised.value.text.zh
