"""The mathematics of single options, against closed forms, published numbers and formulas written out by hand."""

import math

import pytest
import torch
from torch import Tensor, nn
from variants import some_ids, variants

from models.activation.base import ACTIVATIONS
from models.caps import OutputCap, ZLoss, soft_cap
from models.feed_forward.base import FeedForward
from models.feed_forward.gated import Gated
from models.feed_forward.plain import Plain
from models.hooks import Answers, Place
from models.norm.base import Norm
from models.span.window import Window
from models.spelling import change
from models.waves import waves

BASE = variants()["base"]
GENERATOR = torch.Generator().manual_seed(0)


def normal(*shape: int) -> Tensor:
    return torch.randn(shape, generator=GENERATOR, dtype=torch.float64)


def test_sinusoids_are_the_papers() -> None:
    """PE(t, 2i) = sin(t / 10000^(2i/d)), PE(t, 2i + 1) = cos of the same."""
    table = waves(torch.arange(50), 10)
    for t in (0, 1, 7, 49):
        for i in range(5):
            angle = t / 10_000 ** (2 * i / 10)
            assert table[t, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-5)
            assert table[t, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-5)
    assert waves(torch.arange(3), 7).shape == (3, 7)


@pytest.mark.parametrize("gain", ["w", "one_plus_w", "none"])
@pytest.mark.parametrize("option", ["layernorm", "rmsnorm"])
def test_norms_by_hand(option: str, gain: str) -> None:
    module = Norm.model_validate({"option": option, "gain": gain, "eps": 0.01}).module(6).double()
    for weight in module.parameters():
        nn.init.normal_(weight, generator=GENERATOR)
    x = normal(6)
    factor = {"w": 0, "one_plus_w": 1}[gain] + module.get_parameter("weight") if gain != "none" else torch.ones(6)
    if option == "layernorm":
        centred = x - sum(x) / 6
        expected = centred / (sum(centred**2) / 6 + 0.01) ** 0.5 * factor + module.get_parameter("bias")
    else:
        expected = x / (sum(x**2) / 6 + 0.01) ** 0.5 * factor
    assert torch.allclose(module(x), expected)


ACTIVATION_FORMULAS = {
    "relu": lambda z: max(z, 0.0),
    "relu2": lambda z: max(z, 0.0) ** 2,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "silu": lambda z: z / (1 + math.exp(-z)),
    "gelu": lambda z: z / 2 * (1 + math.erf(z / math.sqrt(2))),
    "quick_gelu": lambda z: z / (1 + math.exp(-1.702 * z)),
    "gelu_tanh": lambda z: z / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))),
}


@pytest.mark.parametrize("slug", ACTIVATIONS)
def test_activations_by_hand(slug: str) -> None:
    points = [-4.0, -1.3, -0.2, 0.0, 0.5, 1.0, 3.0]
    found = ACTIVATIONS[slug].function(torch.tensor(points, dtype=torch.float64))
    assert found.tolist() == pytest.approx([ACTIVATION_FORMULAS[slug](z) for z in points], abs=1e-12)


@pytest.mark.parametrize("slug", ACTIVATIONS)
@pytest.mark.parametrize("option", [Plain, Gated])
def test_feed_forward_by_hand(option: type[FeedForward], slug: str) -> None:
    module = option(activation=slug, size=5).module(BASE).double()
    act, x = ACTIVATIONS[slug].function, normal(3, 24)
    weights = {name: weight.detach() for name, weight in module.named_parameters()}

    def linear(name: str, x: Tensor) -> Tensor:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    hidden = act(linear("gate", x)) * linear("up", x) if option is Gated else act(linear("up", x))
    assert torch.allclose(module(x), linear("down", hidden))


def test_gated_at_eight_thirds_holds_as_much_as_plain_at_four() -> None:
    for width in (96, 128, 384):
        plain, gated = Plain(), Gated(match=True)
        assert 3 * gated.hidden(width) * width == pytest.approx(2 * plain.hidden(width) * width, rel=0.01)
    assert Gated(match=True).hidden(96) == 256 and Gated().hidden(128) == 344 and Plain(ratio=3.5).hidden(128) == 448


def test_soft_cap() -> None:
    x = torch.tensor([-1e4, -5.0, -0.01, 0.0, 0.01, 5.0, 1e4], dtype=torch.float64, requires_grad=True)
    y = soft_cap(x, 5.0)
    assert y.tolist() == pytest.approx([5 * math.tanh(number / 5) for number in x.tolist()])
    (grad,) = torch.autograd.grad(y.sum(), x)
    assert grad.tolist() == pytest.approx([1 - math.tanh(number / 5) ** 2 for number in x.tolist()], abs=1e-12)
    logits = normal(1, 2, 3) * 100
    assert torch.equal(OutputCap(cap=5).on_logits(logits, Place(torch.arange(2))), soft_cap(logits, 5))


def test_z_loss_pulls_by_2_alpha_log_z_p() -> None:
    logits_NV = normal(4, 7).requires_grad_()
    counted_N = torch.tensor([True, True, False, True])
    loss = ZLoss(weight=0.01).on_loss(torch.zeros((), dtype=torch.float64), Answers(logits_NV, counted_N))
    (grad_NV,) = torch.autograd.grad(loss, logits_NV)
    log_z = logits_NV.logsumexp(-1, keepdim=True)
    assert torch.allclose(grad_NV, 2 * 0.01 * log_z * logits_NV.softmax(-1) / 3 * counted_N[:, None])


def test_which_layers_are_local() -> None:
    patterns = {"all": [True] * 8, "alternate": [True, False] * 4, "3_to_1": [True, True, True, False] * 2}
    for pattern, expected in patterns.items():
        assert [Window(pattern=pattern).local(layer) for layer in range(8)] == expected


def test_pairs_are_what_is_visible() -> None:
    """The mean number of keys that a query sees, counted from the mask."""
    for architecture in variants().values():
        at_T = torch.arange(architecture.shape.context)
        for layer in range(2):
            seen = at_T <= at_T[:, None]
            if (mine := architecture.span.visible(at_T, at_T, layer)) is not None:
                seen = seen & mine
            assert architecture.span.pairs(architecture, layer) == pytest.approx(seen.sum(1).double().mean().item())


def test_readings_of_heads() -> None:
    readings = {"4,4": "MHA 4", "4,2": "GQA 4/2", "4,1": "MQA 4/1", "1,1": "MHA 1"}
    for numbers, reading in readings.items():
        query, kv = numbers.split(",")
        assert change(BASE, {"heads.query": query, "heads.kv": kv}).heads.reading() == reading


def test_some_ids_reach_the_whole_vocabulary() -> None:
    """What the other tests draw is not one token over and over."""
    assert len(some_ids(batch=8).unique()) == BASE.shape.vocabulary
