"""Verdicts against scipy's own tests, published sample sizes and corrections worked by hand; and what is said."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats

from playground import link, noise
from playground.bench import aa
from playground.noise import noise_of
from playground.recipe import Recipe
from playground.verdict import Comparison, Noise, NoiseOf, compare, corrected, needed, power

NOISE = Noise(0.015, 20, "pair")


def seeds(*values: float) -> dict[int, float]:
    return dict(enumerate(values))


def drawn(count: int, shift: float, seed: int = 0) -> tuple[dict[int, float], dict[int, float]]:
    a, b = np.random.default_rng(seed).normal(2, 0.1, (2, count))
    return seeds(*a), seeds(*(b + shift))


@pytest.mark.parametrize(("effect", "published"), [(0.2, 199), (0.5, 34), (0.8, 15), (1.0, 10)])
def test_as_many_seeds_are_asked_for_as_cohen_s_tables_say(effect: float, published: int) -> None:
    """Two-sided paired t-test, 5 %, 80 % power: G*Power gives these."""
    assert needed(effect, 1.0) == needed(-effect * 3, 3.0) == published


def test_power_is_the_share_of_simulated_experiments_that_tell_it() -> None:
    differences = np.random.default_rng(0).normal(0.8, 1, (4000, 8))
    tested: Any = stats.ttest_1samp(differences, 0, axis=1)
    told = tested.pvalue < 0.05
    assert power(0.8, 1.0, 8) == pytest.approx(told.mean(), abs=0.02)


def test_no_number_of_seeds_is_made_up_for_an_effect_too_small() -> None:
    a, b = seeds(0, 0, 0, 0), seeds(1, -1, 1, -0.99999)
    assert needed(1e-6, 1.0) is None and needed(0.0, 1.0) is None
    assert "more than 1,000 would" in compare("A", "B", "val_loss", a, b).text.en


@pytest.mark.parametrize(("count", "shift"), [(3, -0.3), (8, -0.2), (8, 0.01), (20, 0.3)])
def test_p_values_and_interval_are_scipy_s(count: int, shift: float) -> None:
    a, b = drawn(count, shift)
    found = compare("A", "B", "val_loss", a, b)
    first, second = [*a.values()], [*b.values()]
    theirs = stats.ttest_rel(second, first)
    assert found.p_value == pytest.approx(theirs.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval(0.95)))
    assert (found.verdict in ("better", "worse")) == (theirs.pvalue < 0.05) == (found.needed is None)
    if count < 6:
        assert found.p_wilcoxon is None and found.p_sign is None
    else:
        assert found.p_wilcoxon == pytest.approx(stats.wilcoxon(second, first)[1])
        above = sum(y > x for x, y in zip(first, second, strict=True))
        assert found.p_sign == pytest.approx(stats.binomtest(above, count).pvalue)


def with_p(*p_values: float | None) -> list[Comparison]:
    return [replace(compare("A", "B", "val_loss", {}, {}), p_value=p) for p in p_values]


def test_several_pairs_are_corrected_as_holm_does() -> None:
    found = corrected(with_p(0.01, None, 0.04, 0.03))
    assert [each.p_holm for each in found] == [pytest.approx(0.03), None, pytest.approx(0.06), pytest.approx(0.06)]
    assert [each.p_holm for each in corrected(with_p(0.9, 0.8))] == [1.0, 1.0]


def test_what_the_correction_takes_back_is_said_and_the_interval_stays() -> None:
    """Student's t of about 3.2 with 4 degrees of freedom: p = 0.03, and 0.09 as the least of three."""
    a, b = {seed: 1.0 for seed in range(5)}, dict(enumerate((0.9, 0.95, 1.0, 0.92, 0.93)))
    alone, rest = compare("A", "B", "val_loss", a, b), with_p(0.9, 0.9)
    assert alone.verdict == "better" and alone.p_value is not None and 0.05 / 3 < alone.p_value < 0.05
    found, *others = corrected([alone, *rest])
    assert (found.verdict, found.low, found.high) == ("better", alone.low, alone.high)
    assert found.text.en == f"{alone.text.en} Taken alone; among 3 comparisons this may be chance (Holm)."
    assert found.text.zh.startswith(alone.text.zh) and "3" in found.text.zh.removeprefix(alone.text.zh)
    assert others[0].text == rest[0].text and corrected([alone])[0].text == alone.text


@pytest.mark.parametrize(
    ("metric", "b", "verdict", "said"),
    [
        ("val_loss", (1.0, 1.1, 1.05), "better", "B is 0.950 ± 0.124 nats per token better than A over 3 seeds."),
        ("bits_per_byte", (3.0, 3.1, 3.05), "worse", "A is 1.050 ± 0.124 bits per byte better than B over 3 seeds."),
        ("accuracy", (2.5, 2.6, 2.55), "better", "B is 55.0 ± 12.4 percentage points more accurate than A"),
        ("tokens_per_second", (1002, 1012, 1007), "better", "B is 1,005 ± 12 tokens/s faster than A over 3 seeds."),
    ],
)
def test_which_way_is_better_depends_on_the_metric(metric: str, b: tuple[float, ...], verdict: str, said: str) -> None:
    found = compare("A", "B", metric, seeds(2, 2, 2), seeds(*b))
    assert found.verdict == verdict and found.text.en.startswith(said) and "（3 个种子）" in found.text.zh


def test_what_is_not_told_says_how_many_seeds_would_tell_it() -> None:
    found = compare("A", "B", "val_loss", seeds(2, 2, 2, 2, 2), seeds(1.9, 2.1, 1.8, 1.9, 2.05))
    assert found.verdict == "undecided" and found.needed and found.needed > 5
    assert f"with 5 seeds: 0.050 ± 0.152 nats per token; about {found.needed} would be needed" in found.text.en
    assert f"约需 {found.needed} 个种子" in found.text.zh


def test_with_one_or_two_seeds_the_measured_noise_stands_beside_the_difference() -> None:
    one = compare("A", "B", "val_loss", seeds(2.0), seeds(1.98), NOISE)
    assert one.verdict == "one_seed" and "0.020 nats" in one.text.en
    assert one.text.en.endswith("The seed noise of this pair and recipe, measured over 20 seeds, is ± 0.015.")
    assert "± 0.015" in one.text.zh
    two = compare("A", "B", "val_loss", seeds(2.0, 2.1), seeds(1.98, 2.0), NOISE)
    assert two.text.en.endswith("measured over 20 seeds, is ± 0.015.")
    three = compare("A", "B", "val_loss", seeds(2.0, 2.1, 2.2), seeds(1.98, 2.0, 2.1), NOISE)
    assert "noise" not in three.text.en and three.noise == NOISE
    for of, said in (("recipe", "another pair's seed noise"), ("data", "that the page starts with")):
        other = compare("A", "B", "val_loss", seeds(2.0), seeds(1.98), Noise(0.015, 20, cast(NoiseOf, of)))
        assert said in other.text.en
    assert compare("A", "B", "val_loss", seeds(2.0), seeds(1.98)).text.en.endswith("of that is noise is not known.")


def test_noise_is_the_spread_of_paired_differences_and_of_that_recipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [1.0, 2.0, 3.0, 4.0] * 5, [1.1, 2.3, 3.1, 4.3] * 5
    entry = {"link": noise.default_of("tales"), "seeds": [*range(20)], "ends": {"val_loss": [first, second]}}
    few = {"link": noise.default_of("tales-zh"), "seeds": [0, 1], "ends": {"val_loss": [[1, 2], [2, 1]]}}
    (tmp_path / "noise.json").write_text(json.dumps({"tales": entry, "tales-zh": few}))
    monkeypatch.setattr(noise, "NOISE", tmp_path / "noise.json")
    noise.measured.cache_clear()
    try:
        found = {query: noise_of(link.read(query)[0], "val_loss") for query in QUERIES}
        assert noise_of(link.read(QUERIES[0])[0], "accuracy") is None
    finally:
        noise.measured.cache_clear()
    sd = pytest.approx(float(np.std([0.1, 0.3, 0.1, 0.3] * 5, ddof=1)))
    assert [each and (each.sd, each.seeds, each.of) for each in found.values()] == [
        (sd, 20, "pair"),
        (sd, 20, "recipe"),
        (sd, 20, "data"),
        (sd, 20, "data"),
        None,
        None,
    ]


QUERIES = [
    "a=gpt-2&b=llama-3&recipe.tokens=200000&seeds=3",
    "a=palm&b=llama-3&recipe.tokens=200000",  # another pair by the same recipe
    "a=gpt-2&b=llama-3",
    "a=gpt-2&b=gpt-2,recipe.lr=0.1&recipe.tokens=200000",
    "a=gpt-2&b=llama-3&recipe.tokens=200000&recipe.data=tales-zh",  # two seeds are no measurement
    "a=gpt-2&b=llama-3&recipe.data=python-code",
]


def test_what_ships_was_measured_with_enough_seeds_by_recipes_that_are_offered() -> None:
    shipped: dict[str, Any] = json.loads(noise.NOISE.read_text("utf-8"))
    assert {"tales"} <= shipped.keys()
    for name, entry in shipped.items():
        assert len(set(entry["seeds"])) == len(entry["seeds"]) >= noise.ENOUGH, name
        assert all(len(of) == len(entry["seeds"]) for ends in entry["ends"].values() for of in ends)
        assert link.read(entry["link"])[1] == []
    assert noise_of(link.read(noise.default_of("tales"))[0], "val_loss") is not None
    assert Recipe() != link.read(noise.default_of("tales"))[0].recipe  # what links leave out stays 300,000 tokens


def test_equals_are_called_different_no_more_often_than_chance_allows() -> None:
    claims = [aa.claimed(pair) for pair in aa.simulated(aa.SIMULATED)]
    assert len(claims) == 200 and 0 < sum(claims) <= 0.08 * len(claims)
    other = [
        aa.claimed((first, {seed: loss + 0.2 for seed, loss in second.items()})) for first, second in aa.simulated(50)
    ]
    assert sum(other) > 40  # and a true difference of four standard deviations is told


def test_trained_equals_are_truly_trained_apart() -> None:
    (pair,) = aa.trained(1)
    losses = [*pair[0].values(), *pair[1].values()]
    assert len(set(losses)) == 2 * aa.SEEDS
