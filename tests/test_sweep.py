"""Sweeps: their points counted by hand, what cannot be built said, and planted laws found again."""

import json
from typing import Any

import numpy as np
import pytest

from models.text import Refusal
from playground import link, power_law, sweep
from playground.experiment import Experiment, compose, from_json
from playground.formed import expanded, reading
from playground.forms import Sweep, numbers, spelt_sweep
from playground.interval import interval
from playground.measured import Measured
from playground.recipe import Recipe
from playground.verdict import Noise


def made(*variants: str, path: str, values: str, **rest: Any) -> Experiment:
    form = spelt_sweep(f"{path}:{values}")
    return expanded(compose(map(link.variant, variants), Recipe(), form=form, **rest))


def form_of(experiment: Experiment) -> Sweep:
    assert isinstance(experiment.form, Sweep)
    return experiment.form


def test_every_variant_is_made_with_every_value_in_order() -> None:
    experiment = made("gpt-2", "llama-3,feed_forward.ratio=2", path="feed_forward.ratio", values="4~0.5~1")
    names = [variant.name for variant in experiment.variants]
    ratios = ("0.5", "1", "4")
    assert names == [f"{system},feed_forward.ratio={ratio}" for system in ("gpt-2", "llama-3") for ratio in ratios]
    assert [variant.architecture.feed_forward.ratio for variant in experiment.variants] == [0.5, 1, 4] * 2
    points = [(point.base, point.value, point.variant) for point in form_of(experiment).points]
    assert points == [(index // 3, ratios[index % 3], index) for index in range(6)]
    assert experiment.pairs() == [(0, 3), (1, 4), (2, 5)]
    assert [variant.name for variant in experiment.base] == ["gpt-2", "llama-3,feed_forward.ratio=2"]


def test_a_field_of_the_recipe_is_swept_in_the_variants_own_recipe() -> None:
    experiment = made("gpt-2,recipe.lr=1", "palm", path="recipe.lr", values="1e-4~0.001~1e-2")
    assert [variant.recipe for variant in experiment.variants] == [{"lr": v} for v in ("0.0001", "0.001", "0.01")] * 2
    budget = made("gpt-2,recipe.seconds=3", path="recipe.tokens", values="1000~2000~3000")
    assert [variant.recipe_in(budget).tokens for variant in budget.variants] == [1000, 2000, 3000]


def test_a_value_that_cannot_be_built_says_why_and_the_others_stay() -> None:
    experiment = made("gpt-2", "llama-3", path="heads.kv", values="1~2~3~8")
    why = {(point.base, point.value): point.why for point in form_of(experiment).points if point.why}
    assert {place: "not divisible" in text.en for place, text in why.items()} == {
        (0, "3"): True,
        (0, "8"): True,
        (1, "3"): True,
    }
    assert len(experiment.variants) == 5
    rows = reading(experiment, [])["sweep"]["points"]
    assert [bool(row["why"]) for row in rows] == [False, False, True, True, False, False, True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("recipe.lr:0~0.001~0.01", "recipe.lr=0: it must be greater than 0"),
        ("recipe.lr:0.001~0.01", "3 to 9 values, and 2"),
        ("shape.layers:" + "~".join(map(str, range(1, 11))), "and 10 were given"),
        ("recipe.lr:1e-3~fast~1", "'fast' is none"),
        ("recipe.lr:1e-3~nan~1", "'nan' is none"),
        ("recipe.lr:1e-3~1e-2~0.010", "once"),
        ("shape.layers:1~1.5~2", "whole number"),
        ("shape.layers:0~1~2", "at least 1"),
        ("dropout:0~0.5~1", "less than 1"),
        ("norm:1~2~3", "norm is no number"),
        ("recipe.schedule:1~2~3", "recipe.schedule is no number"),
        ("heads:1~2~4", "heads is no number"),
        ("heads.kvs:1~2~4", "heads.kv"),
        ("recipe.lr", "a sweep is written"),
        ("", "a sweep is written"),
        ("position.slopes:4~8~16", "belongs to position=alibi"),
        ("shape.vocabulary:100~200~300", "the data fix the vocabulary"),
    ],
)
def test_what_is_no_sweep_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(Refusal, match=said) as refused:
        expanded(compose([link.variant("gpt-2")], Recipe(), form=spelt_sweep(text)))
    assert "sweep" in refused.value.fields and refused.value.text.zh
    experiment, notes = link.read({"v": "1", "a": "gpt-2", "seeds": "2", "sweep": text})
    assert experiment.form is None and experiment.seeds == 2 and len(notes) == 1


def test_more_variants_than_there_is_room_for_are_refused() -> None:
    with pytest.raises(Refusal, match="makes 27 variants"):
        made("gpt-2", "palm", "llama-3", path="recipe.lr", values="1~2~3~4~5~6~7~8~9")


def test_every_number_of_the_configuration_can_be_swept() -> None:
    wanted = {"feed_forward.ratio", "heads.kv", "heads.query", "shape.layers", "shape.width", "dropout.rate"}
    assert numbers().keys() >= wanted | {f"recipe.{field}" for field in ("lr", "warmup", "weight_decay", "batch")}
    assert not numbers().keys() & {"norm", "embedding.tied", "recipe.betas", "recipe.data"}
    assert spelt_sweep("dropout:0~0.1~0.2").path == "dropout.rate"


def test_a_sweep_survives_file_and_link() -> None:
    experiment = made("gpt-2", "gpt-2,heads.query=6,heads.head_dim=8,heads.kv=6", path="heads.kv", values="1~2~3")
    assert from_json(experiment.to_json()) == experiment
    assert expanded(experiment) is experiment
    assert link.write(experiment).endswith("&sweep=heads.kv:1~2~3")
    again, notes = link.read(link.write(experiment))
    assert notes == [] and again.form == experiment.form
    assert [made.architecture for made in again.variants] == [made.architecture for made in experiment.variants]
    both = link.write(experiment) + "&ladder=on"
    again, notes = link.read(both)
    assert again.form is None or len(notes) == 1


def test_a_file_whose_points_are_not_its_variants_is_refused() -> None:
    experiment = made("gpt-2", path="heads.kv", values="1~2~4")
    content = json.loads(experiment.to_json())
    with pytest.raises(Refusal, match="does not say what its variants stand for"):
        from_json(json.dumps(content | {"variants": content["variants"][:2]}))
    content["form"]["points"][0]["base"] = 3
    with pytest.raises(Refusal, match="does not say"):
        from_json(json.dumps(content))
    plain = {"variants": content["base"], "form": {"kind": "sweep", "path": "heads.kv", "values": ["1", "2", "4"]}}
    assert expanded(from_json(json.dumps(plain))) == experiment


def runs(experiment: Experiment, losses: dict[int, list[float]], sizes: list[int] | None = None) -> list[Measured]:
    """Finished runs with these losses, a seed each, by variant."""
    return [
        Measured(variant, seed, "finished", sizes[variant] if sizes else 10, 1e9, 1000.0, loss, None)
        for variant, of in losses.items()
        for seed, loss in enumerate(of)
    ]


def test_the_best_of_each_is_compared_with_the_best_of_the_other() -> None:
    experiment = made("gpt-2", "palm", path="recipe.lr", values="0.001~0.01~0.1", seeds=2)
    losses = {0: [2.0, 2.1], 1: [1.5, 1.6], 2: [3.0, 3.1], 3: [1.4, 1.5], 4: [1.6, 1.7], 5: [1.7, 1.8]}
    found = sweep.reading(experiment, form_of(experiment), runs(experiment, losses), ("A", "B"))
    assert [(best["value"], best["edge"]) for best in found["best"]] == [("0.01", False), ("0.001", True)]
    first, second, verdict = (text.en for text in found["sentences"])
    assert first == "A is best with learning rate 0.01." and "where the grid ends" in second
    assert verdict.startswith("Best of 3 against best of 3") and "B (learning rate 0.001) is 0.100" in verdict
    assert found["fits"] == []  # all of one size


def test_a_best_value_is_chosen_among_those_that_ran_and_one_alone_is_none() -> None:
    experiment = made("gpt-2", "palm", path="recipe.lr", values="0.001~0.01~0.1", seeds=2)
    some = runs(experiment, {1: [1.5, 1.6], 3: [1.4, 1.5], 4: [1.6, 1.7]})
    lost = [Measured(n, seed, "diverged", 10, None, None, None, None) for n in (0, 2, 5) for seed in (0, 1)]
    content = sweep.reading(experiment, form_of(experiment), [*some, *lost], ("A", "B"))
    only_b, verdict = (text.en for text in content["sentences"])
    assert only_b.startswith("B is best with learning rate 0.001") and verdict.startswith("Best of 1 against best of 2")


def test_with_one_seed_the_measured_noise_stands_beside_the_best() -> None:
    experiment = made("gpt-2", "palm", path="recipe.lr", values="0.001~0.01~0.1")
    losses = runs(experiment, {number: [2.0 - number / 10] for number in range(6)})
    for noise, said in ((None, "is not known"), (Noise(0.06, 20, "data"), "is ± 0.060")):
        told = sweep.reading(experiment, form_of(experiment), losses, ("A", "B"), noise)["sentences"]
        assert said in told[-1].en


def test_a_value_that_lost_a_seed_is_not_the_best() -> None:
    experiment = made("gpt-2", path="recipe.lr", values="0.001~0.01~0.1", seeds=2)
    some = runs(experiment, {0: [2.0, 2.1], 1: [1.0], 2: [3.0, 3.1]})
    diverged = Measured(1, 1, "diverged", 10, None, None, None, None)
    found = sweep.reading(experiment, form_of(experiment), [*some, diverged], ("A",))
    assert [best["value"] for best in found["best"]] == ["0.001"]
    assert [point["diverged"] for point in found["points"]] == [0, 1, 0]
    assert found["points"][1]["loss"] == {"mean": 1.0, "low": None, "high": None, "seeds": 1}


SIZES = [10_000, 30_000, 100_000, 300_000, 1_000_000]


def test_a_planted_power_law_is_recovered_with_its_floor() -> None:
    law = power_law.fit(SIZES, [1.2 + 40 * size**-0.4 for size in SIZES])
    assert law is not None and law.floor is not None and law.told
    assert law.floor.value == pytest.approx(1.2, rel=1e-5) and law.exponent.value == pytest.approx(0.4, rel=1e-5)
    assert law.at(20_000) == pytest.approx(1.2 + 40 * 20_000**-0.4)


def test_a_planted_power_law_without_a_floor_is_fitted_without() -> None:
    noise = [1.002, 0.999, 1.001, 0.998, 1.0]
    law = power_law.fit(SIZES, [9 * size**-0.1 * factor for size, factor in zip(SIZES, noise, strict=True)])
    assert law is not None and law.floor is None
    assert law.exponent.low < 0.1 < law.exponent.high and law.exponent.value == pytest.approx(0.1, abs=0.005)


def test_three_sizes_give_no_floor_two_give_nothing_and_chance_no_law() -> None:
    three = power_law.fit(SIZES[:3], [1.2 + 40 * size**-0.4 for size in SIZES[:3]])
    assert three is not None and three.floor is None
    assert power_law.fit([5, 5, 7], [1.0, 1.1, 0.9]) is None
    chance = power_law.fit(SIZES, [2.0, 2.2, 1.9, 2.3, 2.1])
    assert chance is not None and not chance.told


def test_an_exponent_s_interval_holds_the_truth_as_often_as_it_says() -> None:
    draw = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        losses = [9 * size**-0.1 + draw.normal(0, 0.02) for size in SIZES]
        (_, exponent) = power_law._solved(np.log(np.asarray(SIZES) / 1e5), np.asarray(losses), 2)
        held += exponent.low < 0.1 < exponent.high
    assert 180 <= held <= 199


def test_a_sweep_of_the_width_is_read_against_parameters_and_flops() -> None:
    experiment = made("gpt-2", path="shape.width", values="32~64~96~128~192")
    losses = {variant: [1.2 + 40 * size**-0.4] for variant, size in enumerate(SIZES)}
    found = sweep.reading(experiment, form_of(experiment), runs(experiment, losses, SIZES), ("A",))
    (fit,) = found["fits"]  # FLOPs are alike in these runs
    assert fit["against"] == "parameters" and fit["floor"]["value"] == pytest.approx(1.2, rel=1e-4)
    assert "L = 1.2 + " in fit["sentence"].en and fit["sentence"] in found["sentences"]


def test_an_interval_is_student_s() -> None:
    found = interval([1.0, 2.0, 4.0])
    # Mean 7/3, deviation 1.5275, t(0.975, 2) = 4.3027.
    assert found.mean == pytest.approx(7 / 3) and found.high == pytest.approx(
        7 / 3 + 4.3027 * 1.5275 / 3**0.5, rel=1e-4
    )
    assert not interval([0.5]).told and interval([]).mean is None


def test_options_of_an_axis_are_swept_in_the_order_of_the_menu() -> None:
    experiment = made("gpt-2", path="position", values="rope~none~alibi~learned")
    form = form_of(experiment)
    assert form.values == ("none", "learned", "rope", "alibi") and form.menu["alibi"].en == "ALiBi"
    assert [variant.architecture.position.slug for variant in experiment.variants] == [*form.values]
    assert link.write(experiment).endswith("&sweep=position:none~learned~rope~alibi")
    again, notes = link.read(link.write(experiment))
    assert notes == [] and again == experiment
    found = sweep.reading(
        experiment, form, runs(experiment, {0: [2.0], 1: [1.5], 2: [1.0], 3: [1.1]}, [1, 2, 3, 4]), ("A",)
    )
    assert [text.en for text in found["sentences"]] == ["A is best with RoPE."]  # no law, no edge
    assert found["best"][0]["edge"] is False and found["fits"] == []
    for values, said in (("rope~alibi", "3 to 9 values"), ("rope~alibi~rope", "once"), ("rope~alibi~x", "'x' is none")):
        with pytest.raises(Refusal, match=said):
            spelt_sweep(f"position:{values}")


def test_where_all_diverged_that_is_said() -> None:
    experiment = made("gpt-2", "palm", path="recipe.lr", values="1~10~100")
    lost = [Measured(variant, 0, "diverged", 10, None, None, None, None) for variant in range(3)]
    found = sweep.reading(
        experiment, form_of(experiment), [*lost, *runs(experiment, {3: [2.0], 4: [1.0], 5: [2.0]})], ("A", "B")
    )
    assert [text.en[:40] for text in found["sentences"]] == [
        "B is best with learning rate 10.",
        "A diverged at every value: nothing can b",
    ]
