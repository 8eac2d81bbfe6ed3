"""Experiment files: written out in full, read back equal, and refused in a sentence where they are none."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.systems import systems
from models.text import Refusal
from playground import link
from playground.experiment import Experiment, compose, from_dict, from_json, numbered, read
from playground.recipe import Recipe

EXPERIMENT = compose(
    [link.variant("gpt-2,norm=rmsnorm"), link.variant("llama-3,recipe.warmup=0")],
    Recipe(lr=1e-3),
    seeds=3,
    data_hash="ab12",
)


def test_a_file_gives_back_the_same_experiment() -> None:
    assert from_json(EXPERIMENT.to_json()) == EXPERIMENT


def test_a_file_holds_every_architecture_and_the_recipe_in_full() -> None:
    content = json.loads(EXPERIMENT.to_json())
    for variant, system in zip(content["variants"], ("gpt-2", "llama-3"), strict=True):
        twin = systems()[system].twin.model_dump(mode="json")
        assert variant["architecture"].keys() == twin.keys()
        assert variant["architecture"]["heads"] == twin["heads"]
    assert content["recipe"].keys() == Recipe.model_fields.keys()


def test_all_variants_of_a_seed_train_before_the_next_seed() -> None:
    assert EXPERIMENT.runs() == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)]


def changed(**changes: Any) -> dict[str, Any]:
    return json.loads(EXPERIMENT.to_json()) | changes


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "no experiment"),
        ({"hello": 1}, "no experiment"),
        (changed(version=2), "version 2"),
        (changed(variants=[]), "at least one"),
        (changed(variants=[{"name": "x", "architecture": {"norm": {"option": "rms"}}}]), "no option 'rms'"),
        (changed(variants=[{"name": "x", "architecture": {"norms": {}}}]), "no field"),
        (changed(variants=changed()["variants"] * 13), "26 were given, at most 24"),
        (changed(match="colour"), "match=colour"),
        (changed(match_by="depth"), "match_by=depth"),
        (changed(recipe={"lr": "fast"}), "recipe.lr=fast"),
        (changed(recipe={"tokens": 5, "seconds": 3}), "one budget"),
        (changed(seeds=0), "seeds=0"),
        (changed(surprise=1), "surprise"),
    ],
)
def test_what_is_no_experiment_is_refused_in_a_sentence(content: Any, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        from_dict(content)


def test_a_file_that_is_no_experiment_is_named(tmp_path: Path) -> None:
    for name, content in {"binary": b"\x00\xff\xfe", "text": b"hello", "deep": b"[" * 100_000, "list": b"[1]"}.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(Refusal, match=name):
            read(path)
    with pytest.raises(Refusal, match="No such file"):
        read(tmp_path / "missing.json")


def test_names_are_told_apart_even_from_names_that_look_numbered() -> None:
    assert numbered(["a", "a#2", "a", "a"]) == ["a", "a#2", "a#3", "a#4"]
    assert numbered(["a", "a", "a#2"]) == ["a", "a#2", "a#2#2"]


def test_an_experiment_is_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        EXPERIMENT.seeds = 2
    assert isinstance(EXPERIMENT, Experiment)
