"""Matching: by one switch, variants that differ in a choice cost what the first one costs, counted on built models."""

import pytest
from torch import nn

from models.cost import parameters
from models.text import Refusal
from models.transformer import Transformer
from playground import link
from playground.experiment import Experiment, compose, from_json
from playground.formed import expanded
from playground.forms import Ladder, Sweep
from playground.matching import TOLERANCE, hidden, matched
from playground.plan import ready, run_of
from playground.profile import PROFILES
from playground.recipe import Recipe

PAIRS = {
    "a gate against none": ("gpt-2", "gpt-2,feed_forward=geglu,feed_forward.ratio=4"),
    "GQA against MHA": ("llama-3,heads.kv=4", "llama-3,heads.kv=1"),
    "tied against untied": ("gpt-2,shape.vocabulary=512", "gpt-2,embedding.tied=off,shape.vocabulary=512"),
    "another vocabulary": ("gpt-2,shape.vocabulary=300", "gpt-2,shape.vocabulary=1000"),
    "with biases": ("llama-3", "llama-3,bias=all"),
    "deeper": ("gpt-2", "gpt-2,shape.layers=6"),
    "narrower": ("gpt-2", "gpt-2,shape.width=64"),
    "tiny": ("gpt-2,shape.width=16,shape.layers=1", "gpt-2,shape.width=16,shape.layers=1,heads.kv=1"),
    "PaLM's parallel blocks": ("gpt-2", "palm"),
    "Gemma 3's layers": ("gpt-2,shape.layers=6", "gemma-3,feed_forward.match=off"),
}


def pair(*texts: str, **rest: object) -> Experiment:
    return compose(map(link.variant, texts), Recipe(data="recall"), **rest)


def solved(experiment: Experiment) -> Experiment:
    return matched(experiment, [variant.original for variant in experiment.variants])


def counted(experiment: Experiment) -> list[int]:
    """Parameters of the models as they are built, whatever any formula says."""
    models = [Transformer(variant.architecture) for variant in experiment.variants]
    return [sum(parameter.numel() for parameter in model.parameters()) for model in models]


def products(experiment: Experiment) -> list[float]:
    """FLOPs of training on one token: six for every number that a token is multiplied by, and the scores."""
    found = []
    for variant in experiment.variants:
        a = variant.architecture
        linears = [module for module in Transformer(a).modules() if isinstance(module, nn.Linear)]
        tables = sum(linear.weight.numel() for linear in linears)
        seen = sum(a.span.pairs(a, layer) for layer in range(a.attention_layers))
        found.append(6.0 * tables + 3 * 4 * seen * a.heads.query * a.heads.width(a))
    return found


@pytest.mark.parametrize("by", ["feed_forward", "width"])
@pytest.mark.parametrize("texts", PAIRS.values(), ids=PAIRS)
def test_one_switch_makes_a_fair_pair(texts: tuple[str, str], by: str) -> None:
    asked = pair(*texts, match="parameters", match_by=by)
    fair = solved(asked)
    first, second = counted(fair)
    assert abs(second / first - 1) <= TOLERANCE
    assert fair.variants[0] == asked.variants[0]
    assert fair.variants[1].original == asked.variants[1].architecture
    if by == "feed_forward":
        assert fair.variants[1].architecture.shape == asked.variants[1].architecture.shape
    assert solved(fair) == fair  # and is no further away when it is matched again
    assert from_json(fair.to_json()) == fair and link.write(fair) == link.write(asked)


@pytest.mark.parametrize("texts", list(PAIRS.values())[:5], ids=list(PAIRS)[:5])
def test_flops_are_matched_as_they_are_counted_by_hand(texts: tuple[str, str]) -> None:
    first, second = products(solved(pair(*texts, match="flops")))
    assert abs(second / first - 1) <= TOLERANCE


@pytest.mark.parametrize("id", ["gpt-j", "gpt-neox", "falcon", "opt", "phi-2"])
def test_widths_that_a_system_cannot_have_are_passed_over(id: str) -> None:
    """A quarter of GPT-J's head is rotated in pairs, 0.4 of Phi-2's; GPT-NeoX, Falcon, OPT have limits of their own."""
    first, second = counted(solved(pair("gpt-2,shape.layers=6", id, match="parameters", match_by="width")))
    assert abs(second / first - 1) <= TOLERANCE


def test_by_width_d_ff_keeps_its_ratio_as_nearly_as_heads_allow() -> None:
    fair = solved(pair("gpt-2", "gpt-2,shape.layers=2", match="parameters", match_by="width"))
    wider = fair.variants[1].architecture
    assert wider.shape.width % 8 == 0 and wider.shape.width > 160
    assert hidden(wider) / wider.shape.width == pytest.approx(4, rel=0.15)


def test_d_ff_is_a_multiple_of_eight_unless_the_model_is_too_small() -> None:
    large = solved(pair("gpt-2", "gpt-2,heads.kv=1", match="parameters")).variants[1].architecture
    assert hidden(large) % 8 == 0 and hidden(large) != 512


def test_nothing_is_changed_without_matching_and_what_was_changed_is_given_back() -> None:
    asked = pair("gpt-2", "palm", match="parameters")
    fair = solved(asked)
    assert fair != asked
    assert solved(fair.model_copy(update={"match": "none"})).variants == asked.variants


REFUSED = [
    (("gpt-2", "gpt-2,shape.layers=20"), "feed_forward", r"smallest d_ff, 1, at width 128, \+\d"),
    (("gpt-2,shape.layers=200,shape.width=8192", "gpt-2,shape.layers=1"), "feed_forward", "largest d_ff, 262144"),
    (("gpt-2", "gpt-2,layout.feed_forward=off"), "feed_forward", "no feed-forward layer"),
    (("gpt-2", "gpt-2,layout.feed_forward=off"), "width", "width of 224 comes nearest"),
]


@pytest.mark.parametrize(("texts", "by", "said"), REFUSED)
def test_what_cannot_be_matched_names_the_bound(texts: tuple[str, str], by: str, said: str) -> None:
    with pytest.raises(Refusal, match=said) as refused:
        solved(pair(*texts, match="parameters", match_by=by))
    assert refused.value.fields[0] == "match" and refused.value.text.zh


def test_the_variant_that_cannot_be_matched_is_named() -> None:
    with pytest.raises(Refusal, match=r"^gpt-2,shape.layers=20: even with the smallest"):
        ready(pair("gpt-2", "gpt-2,shape.layers=20", match="parameters"), PROFILES["local"])


def test_rungs_of_a_ladder_are_matched_by_the_same_rule() -> None:
    asked = pair("gpt-2", "gpt-2,heads.kv=1,embedding.tied=off", match="parameters")
    way = ready(expanded(asked.model_copy(update={"form": Ladder()})), PROFILES["local"])
    first, *others = counted(way)
    assert len(others) == 4 - 1 and all(abs(count / first - 1) <= TOLERANCE for count in others)


TAKEN_BACK = [
    (("gpt-2", "gpt-2,feed_forward.ratio=2"), "feed_forward"),
    (("gpt-2", "gpt-2,feed_forward.size=500"), "feed_forward"),
    (("gpt-2", "gpt-2,shape.width=256"), "width"),
]


@pytest.mark.parametrize(("texts", "by"), TAKEN_BACK)
def test_what_matching_takes_back_is_refused_and_not_compared(texts: tuple[str, str], by: str) -> None:
    asked = pair(*texts, match="parameters", match_by=by)
    with pytest.raises(Refusal, match="takes this change back: the result is the same model as gpt-2"):
        ready(asked, PROFILES["local"])
    unmatched = asked.model_copy(update={"match": "none"})
    assert len(ready(unmatched, PROFILES["local"]).variants) == 2


def test_one_model_spelt_in_two_ways_is_still_trained_twice() -> None:
    asked = pair("gpt-2", "gpt-2,feed_forward.size=512", match="parameters")
    assert len(ready(asked, PROFILES["local"]).variants) == 2


def test_a_sweep_that_matching_takes_back_is_refused_and_the_other_size_varies_it() -> None:
    asked = pair("gpt-2", "llama-3", match="parameters", form=Sweep(path="feed_forward.ratio", values=("1", "2", "4")))
    with pytest.raises(Refusal, match="takes this change back"):
        ready(expanded(asked), PROFILES["local"])
    fair = ready(expanded(asked.model_copy(update={"match_by": "width"})), PROFILES["local"])
    reference, *counts = (run_of(*of, 0).architecture for of in ((asked, 0), *((fair, n) for n in range(6))))
    assert len({architecture.shape.width for architecture in counts[:3]}) == 3
    assert all(abs(parameters(one) / parameters(reference) - 1) <= TOLERANCE for one in counts)


def test_a_sweep_is_matched_to_the_variant_and_not_to_its_first_value() -> None:
    heads = Sweep(path="heads.kv", values=("1", "2", "4"))
    asked = pair("gpt-2", match="parameters", form=heads)
    fair = ready(expanded(asked), PROFILES["local"])
    reference = counted(asked)[0]
    assert counted(fair)[2] == reference and counted(expanded(asked))[0] < 0.95 * reference
    assert all(abs(count / reference - 1) <= TOLERANCE for count in counted(fair))


def test_a_rung_that_matching_takes_back_says_so_and_the_way_goes_on() -> None:
    asked = pair("gpt-2", "gpt-2,feed_forward.ratio=2,norm=rmsnorm,position=rope", match="parameters", form=Ladder())
    fair = ready(expanded(asked), PROFILES["local"])
    assert isinstance(fair.form, Ladder) and fair.form.covers(len(fair.variants), 2)
    read = [(rung.kind, rung.change, rung.against, rung.variant) for rung in fair.form.rungs]
    assert read == [
        ("way", "position=rope", 0, 1),
        ("way", "norm=rmsnorm", 1, 2),
        ("way", "feed_forward.ratio=2", 2, None),
        ("alone", "position=rope", 0, 1),
        ("alone", "norm=rmsnorm", 0, 3),
        ("alone", "feed_forward.ratio=2", 0, None),
        ("whole", "position=rope,norm=rmsnorm,feed_forward.ratio=2", 0, 2),
    ]
    assert [rung.change for rung in fair.form.rungs if rung.why] == ["feed_forward.ratio=2"] * 2
    assert ready(fair, PROFILES["local"]) == fair


def test_the_vocabulary_is_that_of_the_data() -> None:
    """Untied, 17 symbols cost other parameters than the 64 that a twin is declared with."""
    texts = ["gpt-2", "gpt-2,embedding.tied=off"]
    asked = compose(map(link.variant, texts), Recipe(data="recall:4:8"), match="parameters")
    fair = ready(asked, PROFILES["local"])
    sizes = [hidden(variant.architecture) for variant in fair.variants]
    assert sizes[1] == 512 and hidden(solved(asked).variants[1].architecture) == 504
    assert fair.variants[1].architecture.shape.vocabulary == 64  # what BPE would train to stays as it was asked for
