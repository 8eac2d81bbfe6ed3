"""What the page offers to choose, and what it says about it: over every axis, option and system."""

from pathlib import Path
from typing import Any

import pytest

from models.architecture import Architecture
from models.cost import cost
from models.frequencies import SCALINGS
from models.spelling import change, paths
from models.systems import systems
from models.text import Refusal, Text
from playground import link
from playground.home import Home
from playground.profile import PROFILES
from playground.ui import controls, form
from playground.ui.catalogue import catalogues
from playground.ui.describe import changes_of, chosen, describe, experiment, titled
from playground.ui.prepared import START
from playground.ui.registry import refusal_json, respond
from playground.ui.service import Service
from playground.ui.tries import TRIES

Json = dict[str, Any]
FIELDS = controls.fields()
PARTS = [part for row in FIELDS["choices"] + FIELDS["details"] for part in row["parts"]]


def asking(*variants: tuple[str, dict[str, str]], **rest: Any) -> Json:
    return {"variants": [{"system": system, "changes": changes} for system, changes in variants], **rest}


def test_every_field_has_exactly_one_control() -> None:
    offered = [part["path"] for part in PARTS if part["kind"] != "toggle"]
    switched = [part["path"] for part in PARTS if part["kind"] == "toggle"]
    assert len(offered) == len(set(offered)) and len(switched) == len(set(switched))
    keys = {controls.key_of(path) for path in paths()}
    choices = {axis for axis, cls in Architecture.axes().items() if len(cls.options()) > 1}
    assert {*offered, *switched} == keys | choices
    # A switch that is not the whole choice has it in the drawer too; nothing else stands twice.
    assert {*offered} & {*switched} == {axis for axis in switched if len(Architecture.axes()[axis].options()) > 2}


def test_there_are_ten_rows_and_every_axis_has_one_place() -> None:
    assert len(FIELDS["choices"]) == 10
    axes = [axis for row in controls.ROWS for axis in row.axes]
    assert len(axes) == len(set(axes)) and set(axes) <= set(Architecture.axes())


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part["path"])
def test_a_control_says_what_it_is_in_both_languages(part: Json) -> None:
    for text in (part["title"], part["help"]):
        assert text["en"].strip() and text["zh"].strip()


WORDS = [(part["path"], word["word"]) for part in PARTS for word in part.get("words", []) if "." not in part["path"]]


@pytest.mark.parametrize(("path", "word"), WORDS)
def test_every_word_offered_can_be_chosen_or_is_refused_in_a_sentence(path: str, word: str) -> None:
    said = describe(asking(("gpt-2", {path: word})))["variants"][0]
    if said["refusals"]:
        assert said["refusals"][0]["text"]["zh"] and said["values"][path] == word
    else:
        assert said["values"][path] == word


def test_every_switch_turns_on_and_off() -> None:
    for part in PARTS:
        if part["kind"] == "toggle":
            on = describe(asking(("gpt-2", {part["path"]: part["on"]})))["variants"][0]
            off = describe(asking(("gpt-2", {part["path"]: "none"})))["variants"][0]
            assert (on["values"][part["path"]], off["values"][part["path"]]) == (part["on"], "none")


@pytest.mark.parametrize("system", systems())
def test_a_system_is_described_as_it_is(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whatever data other tests have prepared in this process, the vocabulary is the twin's.
    monkeypatch.setattr("playground.ui.describe.known_vocabulary", lambda data, tokenizer, asked: asked)
    said = describe(asking((system, {})))["variants"][0]
    twin = systems()[system].twin
    assert said["changes"] == {} and said["refusals"] == []
    costs, made_of = said["costs"], said["costs"]["of"]
    assert costs["parameters"] == cost(twin).parameters == sum(made_of["parameters"].values())
    assert costs["flops"] == pytest.approx(sum(made_of["flops"].values())) and costs["flops"] <= made_of["dense_flops"]
    assert costs["memory"] == made_of["state"] + made_of["activations"] and costs["cache"] <= made_of["full_cache"]
    assert 0 < made_of["decode"] < made_of["prefill"]
    assert said["diagram"].startswith("<svg") and "<script" not in said["diagram"]
    # Said back as changes, the values give the same architecture.
    taken = {path: word for path, word in said["values"].items() if word and path.count(".")}
    assert change(twin, {path: word for path, word in taken.items() if not path.endswith("size")}) == twin


def test_differences_are_marked_where_they_are() -> None:
    said = describe(asking(("gpt-2", {}), ("gpt-2", {"norm": "rmsnorm", "heads.kv": "2"})))
    assert said["variants"][0]["differing"] == said["variants"][1]["differing"] == ["heads.kv", "norm"]
    pills = [pill["en"] for pill in said["differences"][0]["pills"]]
    assert pills == ["LayerNorm → RMSNorm", "MHA 4 → GQA 4/2"]
    assert [pill["en"] for pill in said["variants"][1]["pills"]] == ["RMSNorm", "GQA 4/2"]


def test_a_variant_is_called_by_what_makes_it_differ() -> None:
    def titles(*texts: str) -> list[str]:
        made = [link.variant(text) for text in texts]
        return [titled(each, made).en for each in made]

    assert titles("gpt-2", "llama-3") == ["GPT-2", "LLaMA 3"]
    assert titles("gpt-2,norm=rmsnorm", "llama-3") == ["GPT-2 · RMSNorm", "LLaMA 3"]
    # What the two have in common tells nobody anything.
    assert titles("gpt-2,layout.feed_forward=off,shape.layers=1", "gpt-2,layout.feed_forward=off,shape.layers=2") == [
        "GPT-2 · layers 1",
        "GPT-2 · layers 2",
    ]
    assert titles("gpt-2", "gpt-2,recipe.warmup=0")[1] == "GPT-2 · Warmup 0"


def test_equal_variants_differ_in_nothing() -> None:
    said = describe(asking(("gpt-2", {}), ("gpt-2", {"norm": "layernorm"})))
    assert said["differences"][0]["pills"] == [] and said["variants"][1]["changes"] == {}


def test_a_refusal_names_its_fields_and_loses_nothing() -> None:
    said = describe(asking(("gpt-2", {"heads.kv": "3", "norm": "rmsnorm"}), ("llama-3", {})))
    first = said["variants"][0]
    assert first["refusals"][0]["fields"] == ["heads.query", "heads.kv"]
    assert first["values"]["heads.kv"] == "3" and first["changes"] == {"heads.kv": "3", "norm": "rmsnorm"}
    assert said["variants"][1]["costs"] and said["link"] is None


@pytest.mark.parametrize("word", ["nan", "inf", "-1", "0", "", "three", "1e99", "４", "<b>4</b>", "9" * 5000])
@pytest.mark.parametrize("path", ["shape.layers", "heads.kv", "recipe.lr"])
def test_no_word_for_a_number_breaks_anything(path: str, word: str) -> None:
    of_recipe = path.startswith("recipe")
    asked = asking(("gpt-2", {} if of_recipe else {path: word}), recipe={path: word} if of_recipe else {})
    said = describe(asked)
    refusals = said["variants"][0]["refusals"] + said["recipe"]["refusals"]
    assert any(path in refusal["fields"] for refusal in refusals) and said["link"] is None


@pytest.mark.parametrize("seeds", ["0", "-1", "101", "1.5", "many", "", "１"])
def test_seeds_are_checked(seeds: str) -> None:
    assert describe(asking(("gpt-2", {}), seeds=seeds))["recipe"]["refusals"][0]["fields"] == ["seeds"]


HOSTILE: list[object] = [
    None, [], "x", {}, {"name": "describe"}, {"name": "no such", "given": {}}, {"name": "__import__", "given": {}},
    {"name": "describe", "given": {}}, {"name": "describe", "given": {"variants": "abc"}},
    {"name": "describe", "given": {"variants": [None]}},
    {"name": "describe", "given": {"variants": [{"system": ["gpt-2"]}]}},
    {"name": "describe", "given": asking(("../../etc/passwd", {}))},
    {"name": "describe", "given": asking(*[("gpt-2", {})] * 5)},
    {"name": "describe", "given": {"variants": [{"system": "gpt-2", "changes": {str(n): "1" for n in range(1000)}}]}},
    {"name": "describe", "given": {"variants": [{"system": "gpt-2", "changes": ["norm"]}]}},
]  # fmt: skip


@pytest.mark.parametrize("request_", HOSTILE, ids=lambda request: repr(request)[:60])
def test_what_is_no_question_gets_a_sentence(request_: object, monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[object] = []
    monkeypatch.setattr("playground.ui.registry.log.exception", lambda *given: logged.append(given))
    answer = respond(None, request_)  # type: ignore[arg-type]  # no answer gets as far as asking for the service
    assert answer["refusal"]["text"]["zh"] and not logged


def test_links_bring_back_what_was_chosen() -> None:
    asked = asking(
        ("gpt-2", {"norm": "rmsnorm", "recipe.warmup": "0"}),
        ("gemma-2", {"span.window": "8"}),
        recipe={"recipe.tokens": "60000", "recipe.schedule": "wsd"},
        seeds="2",
    )
    query = describe(asked)["link"]
    read, notes = link.read(query)
    assert notes == [] and read == experiment(asked).model_copy(update={"variants": read.variants})
    again = chosen(read)
    assert describe(again)["link"] == query
    assert again["variants"][0]["changes"] == {"norm": "rmsnorm", "recipe.warmup": "0"}
    assert [changes_of(made) for made in read.variants] == [variant["changes"] for variant in again["variants"]]


@pytest.mark.parametrize("query", ["", "?lang=zh&tab=systems", "__theme=dark"])
def test_an_address_that_names_nothing_begins_with_three_seeds(query: str, tmp_path: Path) -> None:
    service = Service(PROFILES["local"], Home(tmp_path))
    opened = service.ask({"name": "open", "given": {"query": query}})["experiment"]
    assert (opened["seeds"], opened["recipe"]) == ("3", {"recipe.tokens": "200000"})
    assert describe(opened)["link"] == START  # written out
    named = service.ask({"name": "open", "given": {"query": "?a=gpt-2"}})["experiment"]
    assert (named["seeds"], named["recipe"]) == ("1", {})  # what a link leaves out stays as it was


def test_the_recipe_s_fields_are_all_there() -> None:
    fields = form.fields()
    described = describe(asking(("gpt-2", {})))["recipe"]["values"]
    assert {part["path"] for part in fields["recipe"]} == set(described)
    assert described["recipe.tokens"] == "300000"


def test_a_card_says_what_matching_changed_and_what_is_left() -> None:
    assert [word["word"] for word in form.fields()["match"]["words"]] == ["none", "parameters", "flops", "time"]
    asked = asking(("gpt-2", {}), ("gpt-2", {"heads.kv": "1"}), match="parameters")
    first, second = describe(asked)["variants"]
    assert first["matched"] == {"changed": {}, "mismatch": 0.0}
    assert second["matched"]["changed"].keys() == {"feed_forward.size"} and abs(second["matched"]["mismatch"]) <= 0.01
    assert abs(second["costs"]["parameters"] / first["costs"]["parameters"] - 1) <= 0.01
    assert second["changes"] == {"heads.kv": "1"}  # what was chosen stays what was chosen
    assert describe(asked)["link"] == "v=1&a=gpt-2&b=gpt-2,heads.kv=1&match=parameters"


@pytest.mark.parametrize(
    ("match", "named"), [("colour", "match=colour"), ("parameters", "smallest d_ff"), ("time", "recipe.seconds")]
)
def test_a_match_that_cannot_be_is_said_at_once(match: str, named: str) -> None:
    said = describe(asking(("gpt-2", {}), ("gpt-2", {"shape.layers": "16"}), match=match))
    (refusal,) = said["recipe"]["refusals"]
    assert refusal["fields"][0] == "match" and named in refusal["text"]["en"] and refusal["text"]["zh"]
    assert all(variant["costs"] for variant in said["variants"])


def test_a_refusal_travels_with_its_fields() -> None:
    refusal = Refusal(Text("no", "不"), "norm")
    assert refusal_json(refusal) == {"refusal": {"text": {"en": "no", "zh": "不"}, "fields": ["norm"]}}


def test_no_word_is_translated_that_no_field_has() -> None:
    parts = PARTS + form.fields()["recipe"]
    words = {word["word"] for part in parts for word in part.get("words", [])} | {"on", "off", *SCALINGS}
    assert {key.removeprefix("word_") for key in catalogues()["zh"] if key.startswith("word_")} <= words


@pytest.mark.parametrize("each", TRIES, ids=lambda each: each.id)
def test_a_try_can_be_trained_as_it_stands(each: Any) -> None:
    assert describe(each.as_json())["link"]
