"""What is refused before any training, and what two variants share when it begins."""

import pytest
import torch

from models import spelling
from models.initialize import initialize
from models.systems import systems
from models.text import Refusal
from models.transformer import Transformer
from playground import link
from playground.experiment import Experiment, compose
from playground.plan import fitted, ready, run_of, shared_tensors, task_of
from playground.profile import PROFILES
from playground.recipe import Recipe

LOCAL = PROFILES["local"]
TEXT = ("To be, or not to be, that is the question. " * 40).encode()


def experiment(text: str = "gpt-2", **recipe: object) -> Experiment:
    return compose([link.variant(text)], Recipe.model_validate({"data": "recall", **recipe}))


REFUSED = [
    (experiment(data="tael"), None, "tales"),
    (experiment(data="text"), None, "No text"),
    (experiment(data="text"), b"", "empty"),
    (experiment(data="text"), b"aaaa" * 500, "nothing to learn"),
    (experiment(data="text"), b"a\0b" * 500, "NUL"),
    (experiment(data="text"), b"\xe9t\xe9" * 500, "UTF-8"),
    (experiment(data="text"), b"short text", "too few"),
    (experiment(data="text", tokenizer="bpe"), TEXT, "vocabulary"),
]


@pytest.mark.parametrize(("given", "text", "said"), REFUSED)
def test_what_cannot_be_trained_is_refused_before(given: Experiment, text: bytes | None, said: str) -> None:
    with pytest.raises(Refusal, match=said) as refused:
        ready(given, LOCAL, text)
    assert refused.value.text.zh


def test_caps_of_the_profile_are_kept_to() -> None:
    small = LOCAL.model_copy(update={"tokens": 1000, "seconds": 5, "parameters": 1_000_000, "threads": 2})
    ready(experiment(tokens=1000), small)
    for given, said in [
        (experiment(tokens=1001), "1,001 tokens"),
        (experiment(seconds=6), "6 s"),
        (experiment(flops=1e12), "tokens"),
        (experiment(threads=3), "3 threads"),
        (experiment("gpt-2,shape.width=512"), "parameters"),
        (experiment("gpt-2,shape.layers=200,shape.width=8192"), "parameters"),
    ]:
        with pytest.raises(Refusal, match=said):
            ready(given, small)


def test_sizes_that_do_not_fit_the_memory_are_refused() -> None:
    tight = LOCAL.model_copy(update={"memory_bytes": 10**9})
    ready(experiment(), tight)
    with pytest.raises(Refusal, match="memory"):
        ready(experiment("gpt-2,shape.width=4096,shape.layers=48"), tight)
    with pytest.raises(Refusal, match="memory"):
        ready(experiment(batch=60_000), tight)


def test_a_refusal_names_the_variant_among_several() -> None:
    given = compose(
        [link.variant("gpt-2"), link.variant("palm,shape.width=8192,heads.head_dim=8")], Recipe(data="recall")
    )
    with pytest.raises(Refusal, match="^palm,"):
        ready(given, LOCAL.model_copy(update={"parameters": 10**6}))


def test_other_content_is_said_and_never_taken_silently() -> None:
    given = experiment(data="text")
    hash = task_of(given.variants[0], given, TEXT).hash
    named = given.model_copy(update={"data_hash": hash})
    ready(named, LOCAL, TEXT)
    with pytest.raises(Refusal, match="other content"):
        ready(named, LOCAL, TEXT + b" Whether 'tis nobler")


def test_a_run_has_the_vocabulary_of_its_data_and_the_recipe_of_its_variant() -> None:
    given = compose([link.variant("gpt-2,recipe.lr=0.5")], Recipe(data="recall:4:8"), seeds=3)
    run = run_of(given, 0, 2)
    assert run.architecture.shape.vocabulary == run.task.vocabulary == 17  # 8 keys, 8 values, the unknown
    assert (run.recipe.lr, run.seed, run.name) == (0.5, 2, "gpt-2,recipe.lr=0.5")


@pytest.mark.parametrize("second", [id for id in systems() if id != "gpt-2"])
def test_shared_tensors_start_equal_bit_for_bit_and_the_others_are_named(second: str) -> None:
    one, two = systems()["gpt-2"].twin, systems()[second].twin
    pairing = shared_tensors(one, two)
    first, other = (dict(initialize(Transformer(a), 7).named_parameters()) for a in (one, two))
    assert all(torch.equal(first[name], other[name]) for name in pairing.shared)
    assert "embedding.weight" in pairing.shared
    either = {*pairing.shared, *pairing.reshaped, *pairing.redrawn}
    assert either | {*pairing.first_alone} == first.keys() and either | {*pairing.second_alone} == other.keys()
    assert all(first[name].shape != other[name].shape for name in pairing.reshaped)
    assert not any(torch.equal(first[name], other[name]) for name in pairing.redrawn)


def test_what_starts_otherwise_in_the_same_shape_is_not_called_shared() -> None:
    one = systems()["gpt-2"].twin
    pairing = shared_tensors(one, spelling.change(one, {"norm.gain": "one_plus_w"}))
    assert pairing.redrawn and all(name.startswith("parts.placement.") for name in pairing.redrawn)
    assert "blocks.0.attention.key.weight" in pairing.shared
    redrawn = shared_tensors(one, spelling.change(one, {"init": "normal"})).redrawn
    assert "blocks.0.attention.key.weight" in redrawn


def test_seed_k_of_every_variant_sees_the_same_batches() -> None:
    given = compose([link.variant("gpt-2"), link.variant("llama-3,recipe.lr=1e-4")], Recipe(data="recall"), seeds=2)
    for t in (0, 5):
        (a_ids, a_targets), (b_ids, b_targets) = (run_of(given, variant, 1).task.batch(1, t) for variant in (0, 1))
        assert torch.equal(a_ids, b_ids) and torch.equal(a_targets, b_targets)
        assert not torch.equal(a_ids, run_of(given, 0, 0).task.batch(0, t)[0])


def test_fitting_changes_the_vocabulary_alone() -> None:
    given = experiment()
    architecture = given.variants[0].architecture
    task = task_of(given.variants[0], given)
    assert spelling.differences(fitted(architecture, task), architecture).keys() <= {"shape.vocabulary"}
