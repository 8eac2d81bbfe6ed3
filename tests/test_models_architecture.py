"""What every choice owes, held over the registries: causality, learning, a configuration that can be written out."""

import json
from collections.abc import Iterator

import pytest
import torch
from variants import CONTEXT, LAYERS, VOCABULARY, randomized, some_ids, variants

from models.architecture import Architecture
from models.spelling import change
from models.text import Refusal
from models.transformer import Transformer

VARIANTS = pytest.mark.parametrize("architecture", variants().values(), ids=list(variants()))


def test_every_option_and_every_word_is_in_the_list() -> None:
    for axis, cls in Architecture.axes().items():
        seen = {type(getattr(architecture, axis)) for architecture in variants().values()}
        assert seen >= set(cls.options().values())
        for word in cls.words():
            spelt = change(variants()["base"], {axis: word})
            assert any(getattr(spelt, axis) == getattr(other, axis) for other in variants().values()), word


@VARIANTS
@torch.no_grad()
def test_a_later_token_changes_nothing_before_it(architecture: Architecture) -> None:
    model, ids_BT = randomized(architecture), some_ids()
    others = ids_BT.clone()
    others[:, 20] = (ids_BT[:, 20] + 1) % VOCABULARY
    before, after = model(ids_BT), model(others)
    assert torch.allclose(before[:, :20], after[:, :20], rtol=0, atol=1e-6)
    assert not torch.allclose(before[:, 20], after[:, 20], rtol=0, atol=1e-3)


@VARIANTS
@torch.no_grad()
def test_rows_of_a_batch_are_apart(architecture: Architecture) -> None:
    model, ids_BT = randomized(architecture), some_ids(batch=3)
    alone = torch.cat([model(ids_BT[row : row + 1]) for row in range(3)])
    assert torch.allclose(model(ids_BT), alone, rtol=0, atol=1e-5)


def unmoved(architecture: Architecture) -> Iterator[str]:
    """Tensors that the loss cannot feel, for a reason: the ends of their names.

    A bias on keys, of the projection or of a norm, adds the same to all scores of a query, which a softmax does not
    see; where a query sees one key alone, no score matters.
    """
    yield "attention.key.bias"
    yield from (f"qk_norm.key.{layer}.bias" for layer in range(LAYERS))
    if all(architecture.span.pairs(architecture, layer) == 1 for layer in range(LAYERS)):
        yield from ("attention.query.weight", "attention.query.bias", "attention.key.weight")


@VARIANTS
def test_every_parameter_learns(architecture: Architecture) -> None:
    model = randomized(architecture).double().train()
    ids_BT = some_ids(batch=4)
    model.loss(ids_BT[:, :-1], ids_BT[:, 1:])[0].backward()
    largest = {
        name: float("nan") if p.grad is None else p.grad.abs().max().item() for name, p in model.named_parameters()
    }
    assert not [name for name, size in largest.items() if size != size], "no gradient at all"
    assert not [
        name for name, size in largest.items() if size < 1e-9 and not name.endswith(tuple(unmoved(architecture)))
    ]


def test_a_key_bias_learns_where_scores_feel_it() -> None:
    for felt in ({"position": "rope"}, {"attention_cap": "5"}, {"sink": "learned"}):
        model = randomized(change(variants()["base"], felt)).double()
        model.loss(some_ids(), some_ids(seed=2))[0].backward()
        grads = [p.grad for name, p in model.named_parameters() if name.endswith("key.bias")]
        assert len(grads) == LAYERS
        assert all(grad is not None and grad.abs().max() > 1e-6 for grad in grads), felt


@VARIANTS
def test_written_out_and_read_again(architecture: Architecture) -> None:
    written = json.dumps(architecture.model_dump())
    again = Architecture.model_validate(json.loads(written))
    assert again == architecture and hash(again) == hash(architecture)
    assert Architecture.model_validate_json(architecture.model_dump_json()) == architecture


@VARIANTS
def test_written_out_means_complete(architecture: Architecture) -> None:
    """Every parameter stands in it, so a default that changes tomorrow changes no experiment of today."""
    dump = architecture.model_dump()
    for axis, choice in architecture.choices():
        assert set(dump[axis]) == set(type(choice).model_fields)


@VARIANTS
def test_forward_keeps_nothing(architecture: Architecture) -> None:
    """Pure in parameters and ids: what was asked before does not matter, and no tensor of the model moves."""
    model = randomized(architecture)
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with torch.no_grad():
        first = model(some_ids())
        model(some_ids(batch=1, length=7, seed=3))
        assert torch.equal(model(some_ids()), first)
    assert all(torch.equal(tensor, state[name]) for name, tensor in model.state_dict().items())


@VARIANTS
def test_mixed_precision_stays_near(architecture: Architecture) -> None:
    """In bfloat16 where torch takes it, with a loss in float32 and gradients for all."""
    model, ids_BT = randomized(architecture), some_ids()
    with torch.autocast("cpu", torch.bfloat16):
        loss, plain = model.loss(ids_BT, ids_BT)
    loss.backward()
    assert plain.dtype == torch.float32
    assert abs(plain.item() - model.loss(ids_BT, ids_BT)[1].item()) < 0.05
    assert all(weight.grad is not None and torch.isfinite(weight.grad).all() for weight in model.parameters())


def test_targets_that_do_not_count() -> None:
    model = randomized(variants()["z_loss.weight=0.5"])
    ids_BT, targets_BT = some_ids(), some_ids(seed=2)
    targets_BT[:, ::2] = -100
    training, plain = model.loss(ids_BT, targets_BT)
    log_BTV = model(ids_BT).log_softmax(-1)[:, 1::2]
    expected = -log_BTV.gather(-1, targets_BT[:, 1::2, None]).mean()
    log_z = model(ids_BT)[:, 1::2].logsumexp(-1)
    assert torch.allclose(plain, expected)
    assert torch.allclose(training, expected + 0.5 * log_z.square().mean())


def test_beyond_the_context_where_positions_reach() -> None:
    model = randomized(variants()["position=alibi"])
    assert model(some_ids(length=CONTEXT + 9)).shape == (2, CONTEXT + 9, VOCABULARY)


REFUSED = {
    "position=rope,heads.head_dim=5": {"position.fraction", "heads.head_dim"},
    "heads.query=4,heads.kv=3": {"heads.query", "heads.kv"},
    "shape.width=50,heads.query=4,heads.kv=4": {"shape.width", "heads.query", "heads.head_dim"},
    "span=window,span.window=65": {"span.window", "shape.context"},
    "layout.attention=off,layout.feed_forward=off": {"layout.attention", "layout.feed_forward"},
    "feed_forward.match=on,feed_forward.size=100": {"feed_forward.match", "feed_forward.size"},
    "bias=qkv~qkv": {"bias"},
    "bias=everything": {"bias"},
    "dropout.place=head": {"dropout.place"},
    "dropout=1": {"dropout.rate"},
    "span=window,span.pattern=2_to_2": {"span.pattern"},
    "embedding.scale=0": {"embedding.scale"},
    "embedding.logit_scale=nan": {"embedding.logit_scale"},
    "embedding.scale=sqrt": {"embedding.scale"},
    "shape.layers=0": {"shape.layers"},
    "shape.width=1e3x": {"shape.width"},
    "norm.eps=inf": {"norm.eps"},
    "norm.gain=two": {"norm.gain"},
    "attention_cap=-5": {"attention_cap.cap"},
}


@pytest.mark.parametrize("spelt", REFUSED)
def test_what_cannot_be_built_is_refused_in_both_languages(spelt: str) -> None:
    with pytest.raises(Refusal) as caught:
        change(Architecture(), dict(one.split("=") for one in spelt.split(",")))
    refusal = caught.value
    assert set(refusal.fields) == REFUSED[spelt]
    assert str(refusal) == refusal.text.en and any("\u4e00" <= letter <= "\u9fff" for letter in refusal.text.zh)
    assert all(field in sentence for field in refusal.fields for sentence in refusal.text)


def test_a_model_of_no_seed_is_a_model() -> None:
    """Building needs no seed: torch's own starting values stand until `initialize`."""
    assert torch.isfinite(Transformer(variants()["base"])(some_ids())).all()
