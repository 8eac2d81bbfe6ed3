"""Sweeps and ladders as the page asks for them, brings them back and shows them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_page_training import ANNA, Answers, play

from models.text import Refusal
from playground import grid, link
from playground.experiment import from_json
from playground.forms import numbers, swept
from playground.profile import PROFILES
from playground.ui import form
from playground.ui.describe import chosen, describe, experiment

Json = dict[str, Any]
TINY = {"shape.layers": "1", "shape.width": "16"}
PAIR = [
    {"system": "gpt-2", "changes": TINY},
    {"system": "gpt-2", "changes": TINY | {"norm": "rmsnorm", "bias": "none"}},
]
SWEEP = {"kind": "sweep", "path": "feed_forward.ratio", "values": "4~1~2"}


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Answers]:
    answers = Answers(tmp_path)
    yield answers
    answers.store.close()


def test_what_is_asked_with_a_form_is_its_size_and_its_link() -> None:
    said = describe({"variants": PAIR, "seeds": "3", "form": SWEEP})
    assert said["form"]["variants"] == 6 and said["form"]["runs"] == 18 and said["form"]["missing"] == []
    assert said["link"].endswith("&seeds=3&sweep=feed_forward.ratio:1~2~4")
    said = describe({"variants": PAIR, "form": {"kind": "ladder"}})
    assert said["form"]["variants"] == 4 and said["link"].endswith("ladder=on")


def test_a_value_that_cannot_be_built_is_said_and_the_rest_can_be_trained() -> None:
    said = describe({"variants": PAIR, "form": {"kind": "sweep", "path": "heads.query", "values": "4~6~8"}})
    assert [(each["letter"], each["value"]) for each in said["form"]["missing"]] == [("A", "6"), ("B", "6")]
    assert said["recipe"]["refusals"] == [] and said["form"]["missing"][0]["why"]["zh"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "sweep", "path": "recipe.lr", "values": "0~1~2"},
        {"kind": "sweep", "path": "norm", "values": "1~2~3"},
        {"kind": "sweep"},
        {"kind": "staircase"},
        "ladder",
        7,
    ],
)
def test_what_is_no_form_bars_training_with_a_sentence(wrong: Any, page: Answers) -> None:
    said = describe({"variants": PAIR, "form": wrong})
    assert said["recipe"]["refusals"][0]["text"]["zh"] and said["link"] is None and said["form"] is None
    assert page.train(variants=PAIR, form=wrong)["refusal"] and not page.store.going()


@pytest.mark.parametrize("query", ["sweep=recipe.lr:0.001~0.003~0.01", "ladder=on"])
def test_a_link_brings_the_variants_and_the_form_back(query: str) -> None:
    first, notes = link.read(f"v=1&a=gpt-2&b=llama-3&seeds=2&{query}")
    assert notes == []
    held = chosen(first)
    assert len(held["variants"]) == 2
    assert experiment(held) == first


def test_a_ladder_is_trained_and_shown(page: Answers) -> None:
    id = page.train(variants=PAIR, form={"kind": "ladder"})["id"]
    row = page.store.experiment(id)
    assert row is not None and len(from_json(row.json).variants) == 4
    play(page.store, *(("finished", loss) for loss in (3.0, 2.9, 2.6, 2.8)))
    (view,) = page.follow(id)
    rows = [(row["kind"], row["label"]["en"], row["loss"]["mean"]) for row in view["form"]["rows"]]
    assert rows == [
        ("way", "LayerNorm → RMSNorm", pytest.approx(-0.1)),
        ("way", "Biases: all → none", pytest.approx(-0.3)),
        ("alone", "LayerNorm → RMSNorm", pytest.approx(-0.1)),
        ("alone", "Biases: all → none", pytest.approx(-0.2)),
        ("whole", "LayerNorm → RMSNorm, Biases: all → none", pytest.approx(-0.4)),
    ]
    assert [(each["letter"], each.get("dashed", False)) for each in view["variants"]] == [
        ("A", False),
        ("B", False),
        ("B", False),
        ("A", True),
    ]
    assert view["verdicts"][0]["en"].startswith("Of the 2 changes from A to B, Biases: all → none comes with")
    assert view["chosen"]["form"] == {"kind": "ladder"} and view["changes"] == 0 and view["pairings"] == []
    json.dumps(view, allow_nan=False)


def test_a_sweep_is_trained_and_shown(page: Answers) -> None:
    id = page.train(variants=PAIR[:1], form=SWEEP)["id"]
    play(page.store, ("finished", 3.0), ("finished", 2.5), ("diverged", None))
    (view,) = page.follow(id)
    points = view["form"]["points"]
    assert [(point["value"], point["loss"]["mean"], point["diverged"]) for point in points] == [
        ("1", 3.0, 0),
        ("2", 2.5, 0),
        ("4", None, 1),
    ]
    assert [each["shade"] for each in view["variants"]] == [0.35, 0.675, 1.0]
    assert "A is best with ratio d_ff / width 2." in [text["en"] for text in view["verdicts"]]


def test_two_variants_that_differ_are_offered_a_ladder(page: Answers) -> None:
    id = page.train(variants=PAIR)["id"]
    first = next(page.follow(id))
    assert first["changes"] == 2 and first["form"] is None and "letter" not in first["variants"][0]
    assert experiment(first["chosen"] | {"form": {"kind": "ladder"}}).form is not None


@pytest.mark.parametrize("name", numbers())
def test_a_sweep_of_what_a_variant_has_begins_with_values_that_can_be_trained(name: str) -> None:
    path, pair = swept(name)[0], link.read("v=1&a=gpt-2&b=llama-3")[0]
    values = grid.suggested(pair, name)
    if len(values) >= 3 and path.option in ("", "rope"):
        sweep = {"kind": "sweep", "path": name, "values": "~".join(values)}
        said = describe({"variants": chosen(pair)["variants"], "form": sweep})
        assert said["recipe"]["refusals"] == [] and said["form"]["variants"] >= len(values)
    for value in values:
        assert float(value) >= (path.minimum or 0)


def test_what_people_sweep_begins_with_what_they_would_try() -> None:
    pair = link.read("v=1&a=gpt-2&b=llama-3")[0]
    assert grid.suggested(pair, "recipe.lr") == ("0.0003", "0.001", "0.003", "0.01", "0.03")
    assert grid.suggested(pair, "shape.width") == ("16", "32", "64", "128", "256")
    assert grid.suggested(pair, "heads.kv") == ("1", "2", "4")
    assert grid.suggested(pair, "dropout") == ("0", "0.1", "0.2", "0.3", "0.5")
    assert grid.suggested(pair, "attention_cap") == ("12.5", "25", "50", "100", "200")  # Gemma 2 has 50
    with pytest.raises(Refusal):
        grid.suggested(pair, "norm")


def test_the_dialog_is_told_of_every_number_in_both_languages(page: Answers) -> None:
    fields = form.fields()["sweep"]
    assert {each["path"] for each in fields} == numbers().keys()
    assert all(each["title"]["zh"] and each["help"]["en"] and each["group"]["zh"] for each in fields)
    assert page.ask("sweep", variants=PAIR, path="recipe.lr")["values"].startswith("0.0003, ")
    assert "refusal" in page.ask("sweep", variants=PAIR, path="lr")


def test_a_public_server_bounds_the_runs_of_a_form(tmp_path: Path) -> None:
    page = Answers(tmp_path, PROFILES["public-cpu"])
    ladder = {"kind": "ladder"}
    default = [{"system": "gpt-2"}, {"system": "llama-3"}]
    tokens = {"recipe.tokens": "20000"}
    assert "id" in page.train(owner=ANNA, variants=default, form=ladder, recipe=tokens, seeds="3")
    said = page.train(owner=ANNA, variants=default, form=ladder, recipe=tokens, seeds="5")
    assert "60 runs" in said["refusal"]["text"]["en"] and said["refusal"]["fields"] == ["seeds"]
    page.store.close()


def test_options_that_are_swept_have_a_colour_each_and_their_titles(page: Answers) -> None:
    form = {"kind": "sweep", "path": "position", "values": "none~sinusoidal~learned~rope~alibi"}
    said = describe({"variants": PAIR[:1], "form": form})
    assert said["form"]["title"]["en"] == "Position" and said["form"]["variants"] == 5
    id = page.train(variants=PAIR[:1], form=form)["id"]
    view = next(page.follow(id))
    looks = [(each["hue"], each["dashed"], each["letter"]) for each in view["variants"]]
    assert looks == [(hue, False, "A") for hue in "abcd"] + [("a", True, "A")]
    assert view["form"]["menu"]["alibi"]["en"] == "ALiBi" and view["variants"][4]["title"]["en"] == "Position ALiBi"
    both = page.train(variants=PAIR, form=form | {"values": "none~rope~alibi"})["id"]
    assert "hue" not in next(page.follow(both))["variants"][0]


def test_a_sweep_where_every_run_diverged_says_so_and_keeps_all_of_it(page: Answers) -> None:
    id = page.train(variants=PAIR[:1], form={"kind": "sweep", "path": "recipe.lr", "values": "1~10~100"})["id"]
    play(page.store, *(("diverged", None),) * 3)
    (view,) = page.follow(id)
    assert view["state"] == "diverged" and view["form"]["best"] == []
    (said,) = view["verdicts"]
    assert said["en"].startswith("A diverged at every value") and "换更小的取值" in said["zh"]
    assert [point["diverged"] for point in view["form"]["points"]] == [1, 1, 1]
    assert all(run["diverged_at"] is not None and run["curve"]["step"] for run in view["runs"])
    json.dumps(view, allow_nan=False)
