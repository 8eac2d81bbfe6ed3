"""A model's blocks are their equations: placements, layouts, multipliers, scales, sinks, dropout, told from outside."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from variants import VOCABULARY, randomized, some_ids, variants

from models.block import Block, Pass
from models.hooks import Place, QueryKey
from models.rotation import Rotation
from models.spelling import change
from models.transformer import Transformer

Sublayer = Callable[[Tensor], Tensor]
BASE = change(variants()["base"], {"shape.layers": "1", "position": "none"})


def model_of(**changes: str) -> Transformer:
    """A random model of the base with changes, dots written as __, in float64."""
    return randomized(change(BASE, {name.replace("__", "."): text for name, text in changes.items()})).double()


def parts(model: Transformer) -> tuple[Sublayer, Sublayer]:
    """Attention and feed-forward of the only block, as functions of the stream."""
    block = model.blocks[0]
    assert isinstance(block, Block)

    def attend(x_BTD: Tensor) -> Tensor:
        assert block.attention is not None
        at = Place(torch.arange(x_BTD.shape[1]), layer=0, site="attention")
        return block.attention(x_BTD, Pass(at), at)

    def feed(x_BTD: Tensor) -> Tensor:
        assert block.feed_forward is not None
        return block.feed_forward(x_BTD)

    return attend, feed


def block_of(model: Transformer, x_BTD: Tensor) -> Tensor:
    """The stream after the only block."""
    return model.blocks[0](x_BTD, Pass(Place(torch.arange(x_BTD.shape[1]))))


def norm(model: Transformer, place: str, site: str) -> nn.Module:
    return model.get_submodule(f"parts.placement.{place}.0.{site}")


def stream(model: Transformer) -> Tensor:
    return model.embedding(some_ids()).detach()


def test_pre() -> None:
    model = model_of(placement="pre")
    (attend, feed), x = parts(model), stream(model)
    x1 = x + attend(norm(model, "input", "attention")(x))
    assert torch.allclose(block_of(model, x), x1 + feed(norm(model, "input", "feed_forward")(x1)))


def test_post() -> None:
    model = model_of(placement="post")
    (attend, feed), x = parts(model), stream(model)
    x1 = norm(model, "residual", "attention")(x + attend(x))
    assert torch.allclose(block_of(model, x), norm(model, "residual", "feed_forward")(x1 + feed(x1)))


def test_double() -> None:
    model = model_of(placement="double")
    (attend, feed), x = parts(model), stream(model)
    x1 = x + norm(model, "output", "attention")(attend(norm(model, "input", "attention")(x)))
    inner = feed(norm(model, "input", "feed_forward")(x1))
    assert torch.allclose(block_of(model, x), x1 + norm(model, "output", "feed_forward")(inner))


def test_residual_post() -> None:
    model = model_of(placement="residual_post")
    (attend, feed), x = parts(model), stream(model)
    x1 = x + norm(model, "output", "attention")(attend(x))
    assert torch.allclose(block_of(model, x), x1 + norm(model, "output", "feed_forward")(feed(x1)))


def test_parallel_shares_one_norm() -> None:
    model = model_of(layout="parallel", layout__residual="0.3")
    (attend, feed), x = parts(model), stream(model)
    h = norm(model, "input", "shared")(x)
    assert torch.allclose(block_of(model, x), x + 0.3 * attend(h) + 0.3 * feed(h))
    assert not [name for name, _ in model.named_parameters() if "input.0.attention" in name]


def test_parallel_with_two_norms() -> None:
    model = model_of(layout="parallel_two_norms")
    (attend, feed), x = parts(model), stream(model)
    expected = x + attend(norm(model, "input", "attention")(x)) + feed(norm(model, "input", "feed_forward")(x))
    assert torch.allclose(block_of(model, x), expected)


def test_parallel_post_normalizes_the_one_sum() -> None:
    model = model_of(layout="parallel", placement="post")
    (attend, feed), x = parts(model), stream(model)
    assert torch.allclose(block_of(model, x), norm(model, "residual", "shared")(x + attend(x) + feed(x)))


def test_the_multiplier_is_on_what_a_sublayer_adds() -> None:
    model = model_of(layout__residual="0.22", placement="double")
    (attend, feed), x = parts(model), stream(model)
    x1 = x + 0.22 * norm(model, "output", "attention")(attend(norm(model, "input", "attention")(x)))
    inner = norm(model, "output", "feed_forward")(feed(norm(model, "input", "feed_forward")(x1)))
    assert torch.allclose(block_of(model, x), x1 + 0.22 * inner)


@pytest.mark.parametrize("absent", ["attention", "feed_forward"])
def test_a_sublayer_left_out_leaves_nothing_behind(absent: str) -> None:
    model = model_of(**{f"layout__{absent}": "off"})
    assert not [name for name, _ in model.named_parameters() if f".{absent}." in name]
    (attend, feed), x = parts(model), stream(model)
    there = attend if absent == "feed_forward" else feed
    site = "attention" if absent == "feed_forward" else "feed_forward"
    assert torch.allclose(block_of(model, x), x + there(norm(model, "input", site)(x)))


def test_post_norm_leaves_a_normalized_stream() -> None:
    x = block_of(model := model_of(placement="post", norm__gain="none", norm__bias="off"), stream(model))
    assert torch.allclose(x.mean(-1), torch.zeros(()).double(), atol=1e-12)
    assert torch.allclose(x.var(-1, correction=0), torch.ones(()).double(), atol=1e-3)


def test_final_and_embedding_norm_stand_where_they_are_said_to() -> None:
    model = model_of(placement__embedding="on")
    x = block_of(model, model.get_submodule("parts.placement.embedding")(stream(model)))
    assert torch.allclose(model(some_ids()), model.head(model.get_submodule("parts.placement.final")(x)))
    model = model_of(placement__final="off")
    assert torch.allclose(model(some_ids()), model.head(block_of(model, stream(model))))


def test_embedding_and_logit_scale() -> None:
    model = model_of(embedding__scale="sqrt_width", embedding__logit_scale="inverse_sqrt_width")
    x = block_of(model, stream(model) * 24**0.5)
    assert torch.allclose(model(some_ids()), model.head(model.get_submodule("parts.placement.final")(x)) / 24**0.5)
    assert model.head.weight is model.embedding.weight
    assert model_of(embedding__tied="off").head.weight is not model.embedding.weight


def test_scale_of_scores() -> None:
    """1/√K of the head's own width, or the number given: the same model with its queries scaled instead."""
    model, other = model_of(), model_of(heads__scale=str(3 * 8**-0.5))
    other.load_state_dict(model.state_dict())
    with torch.no_grad():
        for name in ("weight", "bias"):
            model.get_parameter(f"blocks.0.attention.query.{name}").mul_(3)
    assert torch.allclose(model(some_ids()), other(some_ids()))


def test_qk_norm_acts_on_every_head_before_rotation(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[QueryKey] = []
    monkeypatch.setattr(Rotation, "on_rotation", lambda self, qk, at: seen.append(qk) or qk)
    model = model_of(qk_norm="per_head", position="rope", qk_norm__eps="1e-6")
    attention = model.blocks[0].get_submodule("attention")
    model(some_ids())
    q_BHTK, k_BGTK = seen[0]
    for heads, name, found in ((4, "query", q_BHTK), (2, "key", k_BGTK)):
        x = attention.get_submodule(name)(norm(model, "input", "attention")(stream(model))).unflatten(-1, (heads, 8))
        expected = x / (x.square().mean(-1, keepdim=True) + 1e-6).sqrt()
        gain = model.get_parameter(f"parts.qk_norm.{name}.0.weight")
        assert torch.allclose(found, (expected * gain).transpose(1, 2))


def test_a_sink_takes_its_share() -> None:
    """exp(s) / (exp(sink) + Σ exp(s)): the map of a model without, shrunk by what the sink takes."""
    model, plain = model_of(sink="learned"), model_of()
    plain.load_state_dict({name: tensor for name, tensor in model.state_dict().items() if "sink" not in name})
    attention = model.blocks[0].get_submodule("attention")
    h = norm(model, "input", "attention")(stream(model))
    q, k = (attention.get_submodule(name)(h).unflatten(-1, (-1, 8)).transpose(1, 2) for name in ("query", "key"))
    scores = (q @ k.repeat_interleave(2, 1).transpose(-1, -2) * 8**-0.5).tril()
    total = (scores.exp() * torch.ones_like(scores).tril()).sum(-1, keepdim=True)
    sink = model.get_parameter("parts.sink.logit.0")[:, None, None].exp()
    expected = plain.maps(some_ids())[0] * total / (total + sink)
    assert torch.allclose(model.maps(some_ids())[0], expected)


def test_a_sink_far_below_is_none() -> None:
    model, plain = model_of(sink="learned"), model_of()
    with torch.no_grad():
        model.get_parameter("parts.sink.logit.0").fill_(-1e3)
    plain.load_state_dict({name: tensor for name, tensor in model.state_dict().items() if "sink" not in name})
    assert torch.allclose(model(some_ids()), plain(some_ids()))


def test_without_positions_one_layer_cannot_tell_the_order_and_two_can() -> None:
    ids_BT = some_ids(batch=1, length=12)
    turned = torch.cat((ids_BT[:, :-1].flip(1), ids_BT[:, -1:]), 1)
    for layers, tells in (("1", False), ("2", True)):
        model = model_of(shape__layers=layers)
        difference = (model(ids_BT)[0, -1] - model(turned)[0, -1]).abs().max().item()
        assert difference > 1e-3 if tells else difference < 1e-12
    for position in ("learned", "sinusoidal", "rope", "alibi"):
        model = model_of(position=position)
        assert (model(ids_BT)[0, -1] - model(turned)[0, -1]).abs().max() > 1e-3, position


def test_without_attention_a_token_sees_itself_alone() -> None:
    model = model_of(layout__attention="off")
    ids_BT = some_ids(batch=1)
    alone = torch.cat([model(ids_BT[:, t : t + 1]) for t in range(ids_BT.shape[1])], 1)
    assert torch.allclose(model(ids_BT), alone)


@pytest.mark.parametrize("place", ["embedding", "attention", "residual"])
def test_dropout_acts_in_training_alone(place: str) -> None:
    model, plain = model_of(dropout="0.5", dropout__place=place), model_of()
    plain.load_state_dict(model.state_dict())
    assert torch.equal(model(some_ids()), plain(some_ids()))
    model.train()
    assert not torch.allclose(model(some_ids()), plain(some_ids()))


def test_dropout_on_attention_drops_weights_and_scales_the_rest() -> None:
    model = model_of(dropout="0.25", dropout__place="attention")
    kept = model.maps(some_ids())[0]
    torch.manual_seed(0)
    dropped = model.train().maps(some_ids())[0]
    zero = (dropped == 0) & (kept > 0)
    assert zero.double().sum() / (kept > 0).sum() == pytest.approx(0.25, abs=0.02)
    assert torch.allclose(dropped[dropped > 0], (kept / 0.75)[dropped > 0])


def test_the_loss_is_cross_entropy_of_the_logits() -> None:
    model, ids_BT, targets_BT = model_of(output_cap="5"), some_ids(), some_ids(seed=2)
    expected = F.cross_entropy(model(ids_BT).reshape(-1, VOCABULARY), targets_BT.reshape(-1))
    assert all(torch.equal(loss, expected) for loss in model.loss(ids_BT, targets_BT))
