"""Links and variants' texts: written as differences, read back equal; reading a link forgives, a command does not."""

import contextlib
import random

import pytest

from models import spelling
from models.systems import systems
from models.text import Refusal
from playground import link
from playground import recipe as recipes
from playground.experiment import MOST_VARIANTS, Experiment, Variant, compose
from playground.recipe import Recipe


def test_the_link_of_the_documentation_means_what_it_says() -> None:
    experiment, notes = link.read("?v=1&a=gpt-2&b=llama-3,position=alibi&recipe.tokens=600000&seeds=2")
    a, b = experiment.variants
    assert notes == [] and (experiment.recipe.tokens, experiment.seeds) == (600_000, 2)
    assert a.architecture == systems()["gpt-2"].twin
    assert spelling.differences(b.architecture, systems()["llama-3"].twin) == {"position": "alibi"}
    assert link.write(experiment) == "v=1&a=gpt-2&b=llama-3,position=alibi&recipe.tokens=600000&seeds=2"


def randomly_changed(system: str, seed: int) -> str:
    """The system with random choices from the table of all paths: of those drawn, the ones that go together."""
    draw, text = random.Random(seed), system
    paths = [path for path in spelling.paths() if path.choices or path.kind == "switch"]
    for path in draw.sample(paths, 12):
        more = f"{text},{path.name}={draw.choice(path.choices or ('on', 'off'))}"
        with contextlib.suppress(Refusal):
            link.variant(more)
            text = more
    return text


@pytest.mark.parametrize("system", systems())
def test_every_system_with_random_changes_survives_the_link(system: str) -> None:
    made = 0
    for seed in range(8):
        variant = link.variant(randomly_changed(system, seed))
        experiment = compose([variant], Recipe(lr=seed / 1e4 + 1e-5))
        again, notes = link.read(link.write(experiment))
        assert notes == [] and again.recipe == experiment.recipe
        assert again.variants[0].architecture == variant.architecture
        made += variant.architecture != systems()[system].twin
    assert made


def test_a_variant_may_change_the_recipe() -> None:
    variant = link.variant("gpt-2,recipe.warmup=0,recipe.seconds=5")
    experiment = compose([variant], Recipe())
    assert variant.recipe_in(experiment) == Recipe(warmup=0, seconds=5)
    assert link.spell(variant) == "gpt-2,recipe.warmup=0,recipe.seconds=5"


def test_an_architecture_without_a_system_is_spelt_from_the_nearest_one() -> None:
    architecture = spelling.change(systems()["palm"].twin, {"shape.layers": "5"})
    assert link.spell(Variant(name="mine", architecture=architecture)) == "palm,shape.layers=5"


WRONG = {
    "gtp-2": "gpt-2",
    "mixtral": "table",
    "gpt-2,nrom=rmsnorm": "norm",
    "gpt-2,norm=rmsnrom": "rmsnorm",
    "gpt-2,heads.kvs=2": "heads.kv",
    "gpt-2,recipe.wramup=0": "recipe.warmup",
    "gpt-2,recipe.lr=fast": "number",
    "gpt-2,recipe.lr=nan": "finite",
    "gpt-2,recipe.lr=-1": "greater than 0",
    "gpt-2,shape.layers=0": "at least 1",
    "gpt-2,heads.kv=3": "heads.kv=3",
    "gpt-2,rope": "field=value",
    "gpt-2,norm=none,norm=rmsnorm": "twice",
    "gpt-2,recipe.data=tales": "data of its own",
    "": "gpt-2",
}


@pytest.mark.parametrize(("text", "said"), WRONG.items())
def test_a_command_refuses_and_names_the_right_one(text: str, said: str) -> None:
    with pytest.raises(Refusal, match=said) as refused:
        link.variant(text)
    assert refused.value.text.zh


@pytest.mark.parametrize(
    ("query", "kept", "skipped"),
    [
        ("v=1&a=gpt-2,nrom=rmsnorm,shape.layers=6", "a=gpt-2,shape.layers=6", 1),
        ("v=2&a=gpt-2", "a=gpt-2", 1),
        ("v=1&a=gtp-2&b=palm", "a=palm", 1),
        ("v=1&a=gpt-2&recipe.token=5&recipe.lr=nan&recipe.batch=4", "a=gpt-2&recipe.batch=4", 2),
        ("v=1&a=gpt-2&seeds=0", "a=gpt-2", 1),
        ("v=1&a=gpt-2&seeds=3&match=colour", "a=gpt-2&seeds=3", 1),
        ("v=1&a=gpt-2&match=flops&match_by=width&seeds=3", "a=gpt-2&seeds=3&match=flops&match_by=width", 0),
        ("v=1&a=gpt-2&match=none&match_by=feed_forward", "a=gpt-2", 0),
        ("v=1&a=gpt-2&seeds=3&hash=<script>", "a=gpt-2&seeds=3", 1),
        ("v=1&a=gpt-2,norm=rms", "a=gpt-2", 1),  # cut
        ("v=1&a=gpt-2,norm", "a=gpt-2", 1),  # cut
        ("v=1&a=gpt-2&b=", "a=gpt-2", 1),
        ("v=1&a=gpt-2&recipe.seconds=5&recipe.flops=1e12", "a=gpt-2&recipe.seconds=5", 1),
        ("v=1&a=gpt-2&colour=red", "a=gpt-2", 1),
        ("v=1&a=gpt-2&run=abc&lang=zh&__theme=dark", "a=gpt-2", 0),
        ("", "a=gpt-2&b=llama-3", 0),
    ],
)
def test_a_link_is_read_without_what_it_cannot_mean(query: str, kept: str, skipped: int) -> None:
    experiment, notes = link.read(query)
    assert link.write(experiment) == f"v=1&{kept}"
    assert len(notes) == skipped and all(note.en and note.zh for note in notes)


def test_choices_that_only_go_together_are_read_together() -> None:
    experiment, notes = link.read("a=gpt-2,heads.kv=3,heads.query=6,shape.width=96")
    assert notes == [] and experiment.variants[0].architecture.heads.kv == 3


@pytest.mark.parametrize("seed", range(30))
def test_no_link_however_hostile_raises(seed: str) -> None:
    rng = random.Random(seed)
    words = [
        "gpt-2",
        "llama-3",
        "norm",
        "recipe.tokens",
        "=",
        ",",
        "&",
        "a",
        "b",
        "%00",
        "%ff",
        "<script>",
        "9" * 400,
        ".",
        "~",
        "∞",
        "-1",
        "'",
    ]
    query = "".join(rng.choice(words) for _ in range(rng.choice([5, 50, 3000])))
    experiment, _ = link.read(f"v=1&a=gpt-2,{query}&{query}")
    again, notes = link.read(link.write(experiment))
    assert notes == [] and again.recipe == experiment.recipe


def test_settings_of_a_command_are_the_recipes_alone() -> None:
    assert link.settings({"recipe.lr": "1e-3"}, Recipe()) == Recipe(lr=1e-3)
    with pytest.raises(Refusal, match="recipe"):
        link.settings({"norm": "rmsnorm"}, Recipe())


def test_every_field_of_the_recipe_has_both_languages_and_can_be_spelt() -> None:
    paths = recipes.paths()
    assert {path.field for path in paths} == Recipe.model_fields.keys()
    for path in paths:
        assert all((*path.title, *path.help))
        if path.default != "none":
            assert recipes.change(Recipe(), {path.field: path.default}) == Recipe()


def test_as_many_variants_as_an_experiment_holds_survive_the_link() -> None:
    texts = [f"gpt-2,shape.layers={layers}" for layers in range(1, MOST_VARIANTS + 1)]
    experiment = compose([link.variant(text) for text in texts], Recipe())
    again, notes = link.read(link.write(experiment))
    assert [made.architecture for made in again.variants] == [made.architecture for made in experiment.variants]
    assert not notes


def test_two_equal_variants_are_told_apart() -> None:
    variants = [link.variant("gpt-2"), link.variant("gpt-2"), link.variant("palm"), link.variant("gpt-2")]
    names = [variant.name for variant in compose(variants, Recipe()).variants]
    assert names == ["gpt-2", "gpt-2#2", "palm", "gpt-2#3"]
    assert Experiment(variants=tuple(variants)).runs() == [(0, 0), (1, 0), (2, 0), (3, 0)]


def test_a_link_full_of_nonsense_is_answered_in_a_few_sentences() -> None:
    _, notes = link.read("&".join(f"nonsense{n}=1" for n in range(500)))
    assert len(notes) == link.MOST_NOTES + 1
    assert notes[-1].en == f"And {500 - link.MOST_NOTES} more parts of the link could not be read."


def test_half_a_character_is_read_as_a_question_mark() -> None:
    experiment, notes = link.read("a=gpt-2,recipe.tokens=\ud800&b=llama-3")
    assert len(experiment.variants) == 2 and "?" in notes[0].en and link.write(experiment).encode()
