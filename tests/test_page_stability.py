"""The stability lab's prepared choices: each can be trained, and each flip is a choice with words in both languages."""

from types import SimpleNamespace
from typing import Any

import pytest

from playground.ui import registry
from playground.ui.answers.stability import FLIPS, SWEEPS
from playground.ui.describe import describe, experiment

PAIR = [{"system": "gpt-2", "changes": {}}, {"system": "llama-3", "changes": {}}]


@pytest.fixture(scope="module")
def lab() -> Any:
    service: Any = SimpleNamespace()  # nothing of it is asked
    return registry.respond(service, {"name": "stability", "given": {}})


def test_every_prepared_sweep_can_be_trained(lab: Any) -> None:
    assert lab["sweeps"].keys() == SWEEPS.keys()
    for sweep in lab["sweeps"].values():
        form = {"kind": "sweep", "path": sweep["path"], "values": sweep["values"]}
        said = describe({"variants": PAIR, "form": form, "recipe": sweep["recipe"]})
        assert said["recipe"]["refusals"] == [] and said["form"]["missing"] == [] and said["form"]["variants"] <= 16


def test_every_flip_is_a_choice_of_the_configuration(lab: Any) -> None:
    assert [each["path"] for each in lab["flips"]] == [*FLIPS]
    for flip in lab["flips"]:
        assert flip["title"]["zh"] and all(word["title"]["en"] for word in flip["words"])
        for word in flip["words"]:
            recipe = {flip["path"]: word["word"]} if flip["path"].startswith("recipe.") else {}
            changes = {} if recipe else {flip["path"]: word["word"]}
            said = describe({"variants": [{"system": "gpt-2", "changes": changes}], "recipe": recipe})
            assert not said["variants"][0]["refusals"] and not said["recipe"]["refusals"]
            values = said["recipe"]["values"] if recipe else said["variants"][0]["values"]
            assert values[flip["path"]] == word["word"]


def test_the_example_asks_why_post_norm_does_not_train(lab: Any) -> None:
    made = experiment(lab["example"])
    assert [variant.architecture.placement.slug for variant in made.base] == ["post", "pre"]
    assert made.form is not None and len(made.variants) == 10
