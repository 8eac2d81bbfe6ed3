"""Rules of lessons on planted measurements: a clear effect, its reverse, noise; against closed forms."""

import math
import random

import pytest

from models.text import Text
from playground.ruling import Lies, Readings, judged


def readings(effect: float, noise: float = 0.01, seeds: int = 5, key: int = 0) -> Readings:
    """Two arms whose paired difference is `effect`, with a spread that both seeds share on top."""
    draw = random.Random(key)
    shared = [draw.gauss(3.0, 0.5) for _ in range(seeds)]
    worse = {seed: {"loss": shared[seed] + effect + draw.gauss(0.0, noise)} for seed in range(seeds)}
    return {"better": {seed: {"loss": shared[seed]} for seed in range(seeds)}, "worse": worse}


LOWER = Lies("loss", "worse", minus="better", above=0.02)
EQUAL = Lies("loss", "worse", minus="better", above=-0.05, below=0.05)


@pytest.mark.parametrize(("effect", "verdict"), [(0.2, "confirmed"), (-0.2, "contradicted"), (0.02, "undecided")])
def test_a_difference_is_confirmed_contradicted_or_left_open(effect: float, verdict: str) -> None:
    assert LOWER.judge(readings(effect)).verdict == verdict


@pytest.mark.parametrize(("effect", "verdict"), [(0.0, "confirmed"), (0.2, "contradicted"), (-0.2, "contradicted")])
def test_equality_is_a_margin(effect: float, verdict: str) -> None:
    assert EQUAL.judge(readings(effect)).verdict == verdict
    assert EQUAL.judge(readings(effect, noise=2.0)).verdict == "undecided"


def test_noise_is_rarely_called_an_effect() -> None:
    """An effect of nothing, against a rule that asks for more than nothing: 5 % of intervals miss it by design."""
    above_zero = Lies("loss", "worse", minus="better", above=0.0)
    decided = sum(above_zero.judge(readings(0.0, key=key)).verdict != "undecided" for key in range(400))
    assert 0.02 * 400 < decided < 0.08 * 400


def test_seeds_are_paired_and_one_decides_nothing() -> None:
    one = readings(0.5, seeds=1)
    assert LOWER.judge(one).verdict == "undecided"
    missing = {"worse": {0: {"loss": 3.0}, 1: {"loss": None}, 2: {"loss": 3.2}}, "better": {0: {"loss": 2.0}}}
    assert LOWER.numbers(missing) == [1.0]
    assert LOWER.judge({}).interval.mean is None and LOWER.judge({}).verdict == "undecided"


def test_a_ratio_and_a_single_number() -> None:
    speeds: Readings = {
        "fast": {n: {"speed": 220.0 + n} for n in range(3)},
        "slow": {n: {"speed": 200.0} for n in range(3)},
    }
    assert Lies("speed", "fast", over="slow", above=1.05).judge(speeds).verdict == "confirmed"
    assert Lies("speed", "slow", over="fast", above=1.05).judge(speeds).verdict == "contradicted"
    assert Lies("speed", "fast", below=210.0).judge(speeds).verdict == "contradicted"


def failures(of_a: list[int], of_b: list[int]) -> Readings:
    return {arm: {seed: {"failed": hit} for seed, hit in enumerate(of)} for arm, of in (("a", of_a), ("b", of_b))}


def test_runs_that_all_end_well_say_little_where_they_are_few() -> None:
    fewer = Lies("failed", "a", minus="b", below=0.2, counted=True)
    assert fewer.judge(failures([0] * 3, [0] * 3)).verdict == "undecided"
    assert fewer.judge(failures([0] * 20, [0] * 20)).verdict == "confirmed"
    assert fewer.judge(failures([1] * 20, [0] * 20)).verdict == "contradicted"
    assert Lies("failed", "a", below=0.2, counted=True).judge(failures([0] * 10, [])).verdict == "undecided"
    assert Lies("failed", "a", below=0.4, counted=True).judge(failures([0] * 10, [])).verdict == "confirmed"
    with pytest.raises(TypeError):
        Lies("failed", "a", over="b", below=0.2, counted=True)


def test_all_parts_must_hold_and_one_refutes() -> None:
    data = readings(0.2)
    reverse = Lies("loss", "better", minus="worse", above=0.02)
    open_part = Lies("loss", "worse", minus="better", above=0.2)
    assert judged((LOWER,), data)[0] == "confirmed"
    assert judged((LOWER, open_part), data)[0] == "undecided"
    assert judged((LOWER, open_part, reverse), data)[0] == "contradicted"


@pytest.mark.parametrize("ends", [(-math.inf, math.inf), (1.0, 1.0), (2.0, 1.0)])
def test_a_rule_without_a_range_is_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(TypeError):
        Lies("loss", "a", above=ends[0], below=ends[1])


def test_a_rule_says_itself_in_both_languages() -> None:
    words = EQUAL.words({"worse": Text("A", "甲"), "better": Text("B", "乙")}, Text("loss", "损失"))
    assert words == Text("loss: A − B between -0.05 and 0.05", "损失：甲 − 乙 介于 -0.05 与 0.05 之间")
