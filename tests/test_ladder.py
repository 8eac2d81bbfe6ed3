"""Ladders: every rung against hand-counted changes, and planted effects found again in their rows."""

import random
from typing import Any

import pytest

from models.cost import parameters
from models.systems import systems
from models.text import Refusal
from playground import ladder, link
from playground.experiment import Experiment, compose, from_json
from playground.formed import expanded, reading
from playground.forms import Ladder
from playground.measured import Measured
from playground.plan import ready
from playground.profile import PROFILES
from playground.recipe import Recipe
from playground.verdict import Noise

SMALL = "shape.layers=1,shape.width=32"


def made(first: str, last: str, **rest: Any) -> Experiment:
    return expanded(compose([link.variant(first), link.variant(last)], Recipe(), form=Ladder(), **rest))


def rungs(experiment: Experiment) -> list[tuple[str, str, int | None, int | None]]:
    form = experiment.form
    assert isinstance(form, Ladder)
    return [(rung.kind, rung.change, rung.against, rung.variant) for rung in form.rungs]


def test_the_default_pair_differs_in_six_choices_and_makes_twelve_variants() -> None:
    experiment = made("gpt-2", "llama-3")
    names = [
        "embedding.tied=off",
        "position=rope,position.theta=500000",
        "norm=rmsnorm",
        "heads.query=8,heads.kv=2",
        "feed_forward=swiglu,feed_forward.ratio=3.5",
        "bias=none",
    ]
    way = [("way", name, step, step + 1) for step, name in enumerate(names)]
    alone = [("alone", names[0], 0, 1), *(("alone", name, 0, 7 + step) for step, name in enumerate(names[1:]))]
    assert rungs(experiment) == [*way, *alone, ("whole", ",".join(names), 0, 6)]
    assert len(experiment.variants) == 12
    assert experiment.variants[0].architecture == systems()["gpt-2"].twin
    assert experiment.variants[6].architecture == systems()["llama-3"].twin


@pytest.mark.parametrize("seed", range(12))
def test_every_rung_is_the_variant_that_its_name_spells(seed: int) -> None:
    draw = random.Random(seed)
    first, last = draw.sample(sorted(systems()), 2)
    a, b = link.variant(first), link.variant(f"{last},recipe.warmup=5")
    if len(ladder.choices(a, b)) > ladder.MOST_CHANGES:
        with pytest.raises(Refusal, match="there is room for 12"):
            made(first, f"{last},recipe.warmup=5")
        return
    experiment = made(first, f"{last},recipe.warmup=5")
    whole = [variant for variant in experiment.variants if "…" not in variant.name]
    assert len(whole) > 1
    for variant in whole:
        assert link.variant(variant.name.partition("#")[0]).architecture == variant.architecture
    way = ladder.way(a, ladder.choices(a, b))
    assert way[-1].made.architecture == b.architecture and way[-1].made.recipe == b.recipe
    assert len(experiment.variants) <= 2 * len(way)


def test_the_recipe_s_changes_are_choices_too_and_the_budget_is_one() -> None:
    a, b = link.variant("gpt-2,recipe.lr=0.01,recipe.tokens=5000"), link.variant("gpt-2,recipe.seconds=5,norm=none")
    assert ladder.choices(a, b) == [
        {"norm": "none"},
        {"recipe.lr": None},
        {"recipe.tokens": None, "recipe.seconds": "5"},
    ]
    last = ladder.way(a, ladder.choices(a, b))[-1].made
    assert last.recipe == {"seconds": "5"} and last.architecture == b.architecture


def test_a_number_each_is_a_choice_where_they_have_no_reading_in_common() -> None:
    experiment = made("gpt-2", "gpt-2,shape.layers=2,shape.width=64")
    assert [change for kind, change, *_ in rungs(experiment) if kind == "way"] == ["shape.layers=2", "shape.width=64"]


def test_what_cannot_be_built_in_its_place_is_taken_later_and_alone_says_why() -> None:
    # 126 is not divisible by 4 heads, so the width has to wait for the heads, and cannot be alone.
    experiment = made("gpt-2", "gpt-2,shape.width=126,heads.query=6,heads.kv=6")
    form = experiment.form
    assert isinstance(form, Ladder)
    joined = [(rung.kind, rung.change, rung.later) for rung in form.rungs if rung.kind == "way"]
    # 128 is not divisible by 6 either: neither can be first, so both are one change.
    assert joined == [("way", "shape.width=126,heads.query=6,heads.kv=6", False)]
    experiment = made("gpt-2", "gpt-2,shape.width=126,heads.query=2,heads.kv=2")
    form = experiment.form
    assert isinstance(form, Ladder)
    way = [(rung.change, rung.later) for rung in form.rungs if rung.kind == "way"]
    assert way == [("heads.query=2,heads.kv=2", False), ("shape.width=126", True)]
    (alone,) = [rung for rung in form.rungs if rung.kind == "alone" and rung.change == "shape.width=126"]
    assert alone.variant is None and alone.why and "shape.width=126 is not divisible" in alone.why.en


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        (["gpt-2"], "two variants, and there are 1"),
        (["gpt-2", "gpt-2", "palm"], "there are 3"),
        (["gpt-2", "gpt-2"], "do not differ"),
        (["gemma-3", "llama-4"], "there is room for 12"),
    ],
)
def test_what_is_no_ladder_is_refused_in_a_sentence(variants: list[str], said: str) -> None:
    with pytest.raises(Refusal, match=said) as refused:
        expanded(compose(map(link.variant, variants), Recipe(), form=Ladder()))
    assert refused.value.fields == ("ladder",) and refused.value.text.zh


def test_a_ladder_survives_file_and_link() -> None:
    experiment = made("gpt-2", "llama-3", seeds=2)
    assert from_json(experiment.to_json()) == experiment
    assert expanded(experiment) is experiment
    written = link.write(experiment)
    assert written == "v=1&a=gpt-2&b=llama-3&seeds=2&ladder=on"
    assert link.read(written) == (experiment, [])


def planted(experiment: Experiment, effects: dict[str, float], noise: float, seeds: int = 3) -> list[Measured]:
    """Runs in which every change adds its effect to the loss, on a noise of the seed that all variants share.

    `noise` is what is not shared: it alternates, so that every interval can be counted by hand.
    """
    form = experiment.form
    assert isinstance(form, Ladder)
    losses = {0: 2.0}
    for rung in form.rungs:
        if rung.kind != "whole" and rung.against is not None and rung.variant is not None:
            losses[rung.variant] = losses[rung.against] + effects[rung.change]
    return [
        Measured(
            variant=variant,
            seed=seed,
            state="finished",
            parameters=100 + variant,
            flops=1e9,
            tokens_per_second=1000.0 * (1 + 0.25 * (variant == 1)),
            val_loss=loss + 0.3 * seed + noise * (seed - 1) * (variant > 0),
            bits_per_byte=None,
        )
        for variant, loss in losses.items()
        for seed in range(seeds)
    ]


def test_planted_effects_appear_in_the_rows_on_the_way_and_alone() -> None:
    experiment = made(f"gpt-2,{SMALL}", f"gpt-2,{SMALL},norm=rmsnorm,heads.kv=1,bias=none", seeds=3)
    effects = {"norm=rmsnorm": -0.01, "heads.kv=1": 0.2, "bias=none": 0.0}
    form = experiment.form
    assert isinstance(form, Ladder)
    content = ladder.reading(experiment, form, planted(experiment, effects, 0.0), ("A", "B"))
    for row in content["rows"]:
        effect = effects.get(row["change"], sum(effects.values()))
        assert row["loss"]["mean"] == pytest.approx(effect) and row["loss"]["seeds"] == 3
        assert row["loss"]["low"] == pytest.approx(effect) and row["loss"]["high"] == pytest.approx(effect)
    first, heads = content["rows"][0], content["rows"][1]
    assert first["speed"]["mean"] == pytest.approx(0.25) and heads["speed"]["mean"] == pytest.approx(-0.2)
    # Keys and values of one layer, 4 bytes a number: 4 heads of 8 before, 1 after.
    assert (first["cache"], heads["cache"]) == (0, 2 * (1 - 4) * 8 * 4) and first["parameters"] == 1
    (sentence,) = content["sentences"]
    assert "heads.kv=1 does most on the way: +0.200 ± 0.000" in sentence.en and "heads.kv=1" in sentence.zh


def test_a_window_saves_what_its_cache_does_not_keep() -> None:
    experiment = made(f"gpt-2,{SMALL},shape.context=64", f"gpt-2,{SMALL},shape.context=64,span=window,span.window=16")
    form = experiment.form
    assert isinstance(form, Ladder)
    (row, _) = ladder.reading(experiment, form, [], ("A", "B"))["rows"]
    # Keys and values of one layer, 32 numbers of 4 bytes each: a quarter of the 64 tokens stays.
    assert row["cache"] == 2 * 32 * 4 * (16 - 64) // 64


def test_noise_of_the_planted_size_is_in_the_interval() -> None:
    experiment = made(f"gpt-2,{SMALL}", f"gpt-2,{SMALL},norm=rmsnorm,bias=none", seeds=3)
    effects = {"norm=rmsnorm": -0.01, "bias=none": 0.0}
    form = experiment.form
    assert isinstance(form, Ladder)
    content = ladder.reading(experiment, form, planted(experiment, effects, 0.1), ("A", "B"))
    first, second = content["rows"][:2]
    # Differences −0.11, −0.01, 0.09: standard error 0.1 / √3, t(0.975, 2) = 4.303.
    assert first["loss"]["high"] - first["loss"]["mean"] == pytest.approx(4.303 * 0.1 / 3**0.5, rel=1e-3)
    assert second["loss"]["mean"] == pytest.approx(0) and second["loss"]["high"] == pytest.approx(0)
    assert "cannot be told from noise" in content["sentences"][0].en


def test_with_one_seed_the_measured_noise_stands_beside_the_largest_change() -> None:
    experiment = made(f"gpt-2,{SMALL}", f"gpt-2,{SMALL},norm=rmsnorm")
    form = experiment.form
    assert isinstance(form, Ladder)
    shown = planted(experiment, {"norm=rmsnorm": -0.1}, 0.0, seeds=1)
    for noise, said in ((None, "is not known"), (Noise(0.06, 20, "recipe"), "another pair's seed noise")):
        first, second = ladder.reading(experiment, form, shown, ("A", "B"), noise=noise)["sentences"]
        assert first.en.endswith("with one seed only.") and said in second.en


def test_while_runs_go_on_there_are_rows_and_no_sentence() -> None:
    experiment = made("gpt-2", "gpt-2,norm=rmsnorm")
    assert [row["kind"] for row in reading(experiment, [])["ladder"]["rows"]] == ["way", "alone"]
    form = experiment.form
    assert isinstance(form, Ladder)
    going = Measured(0, 0, "running", None, None, None, None, None)
    assert ladder.reading(experiment, form, [going], ("A", "B"))["sentences"] == []


def test_a_rung_that_cannot_be_trained_here_says_why_and_the_others_stay() -> None:
    experiment = made(f"gpt-2,{SMALL}", f"gpt-2,{SMALL},norm=rmsnorm,shape.context=32,recipe.threads=2")
    profile = PROFILES["local"].model_copy(update={"threads": 1})
    left = ready(experiment, profile)
    form = left.form
    assert isinstance(form, Ladder)
    barred = [rung for rung in form.rungs if rung.why]
    assert [(rung.kind, rung.change) for rung in barred] == [
        ("way", "recipe.threads=2"),
        ("alone", "recipe.threads=2"),
        ("whole", "shape.context=32,norm=rmsnorm,recipe.threads=2"),
    ]
    assert len(left.variants) == len(experiment.variants) - 2
    assert left.pairs() == [(0, 1), (1, 2), (0, 3)]


def test_every_rung_is_matched_by_the_rule_of_the_experiment() -> None:
    small = "shape.layers=1,shape.width=64"
    experiment = made(f"gpt-2,{small}", f"gpt-2,{small},norm=rmsnorm,heads.kv=1", match="parameters")
    fair = ready(experiment, PROFILES["local"])
    counts = [parameters(variant.architecture) for variant in fair.variants]
    assert max(counts) / min(counts) < 1.02 and fair.form == experiment.form
    plain = [parameters(variant.architecture) for variant in experiment.variants]
    assert max(plain) / min(plain) > 1.05
    again = expanded(compose((fair.variants[0], fair.variants[2]), Recipe(), form=Ladder()))
    assert [rung[:2] for rung in rungs(again)] == [rung[:2] for rung in rungs(experiment)]
