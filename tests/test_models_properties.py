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
from models.position.alibi import penalty, slopes
from models.position.rope import Rope
from models.position.sinusoidal import waves
from models.span.window import Window
from models.spelling import change

BASE = variants()["base"]
GENERATOR = torch.Generator().manual_seed(0)


def normal(*shape: int) -> Tensor:
    return torch.randn(shape, generator=GENERATOR, dtype=torch.float64)


def rotated(rope: Rope, q: Tensor, k: Tensor, positions: list[int]) -> tuple[Tensor, Tensor]:
    return rope.on_rotation((q, k), Place(torch.tensor(positions)))


ROPES = [Rope(pairing=pairing, fraction=fraction) for pairing in ("half", "interleaved") for fraction in (1.0, 0.5)]


@pytest.mark.parametrize("rope", ROPES, ids=lambda rope: f"{rope.pairing} {rope.fraction}")
def test_rope_scores_depend_on_distance_alone(rope: Rope) -> None:
    one_q, one_k = normal(8), normal(8)
    q, k = one_q.expand(1, 1, 6, 8), one_k.expand(1, 1, 6, 8)

    def scores(start: int) -> Tensor:
        q_rotated, k_rotated = rotated(rope, q, k, list(range(start, start + 6)))
        return q_rotated[0, 0] @ k_rotated[0, 0].T

    near = scores(0)
    for distance in range(-5, 6):
        diagonal = near.diagonal(distance)
        assert torch.allclose(diagonal, diagonal[:1].expand_as(diagonal), rtol=0, atol=1e-5)
    assert torch.allclose(near, scores(100), rtol=0, atol=1e-4)
    assert not torch.allclose(near[0, 0], near[3, 0], rtol=0, atol=1e-2)


@pytest.mark.parametrize("rope", ROPES, ids=lambda rope: f"{rope.pairing} {rope.fraction}")
def test_rope_turns_pairs_and_leaves_the_rest(rope: Rope) -> None:
    """By hand: entry by entry, with the angle t · θ^(−2i/r)."""
    x, t = normal(1, 1, 1, 8), 5
    turned = int(8 * rope.fraction)
    y = rotated(rope, x, x, [t])[0].flatten()
    for i in range(turned // 2):
        first, second = (i, i + turned // 2) if rope.pairing == "half" else (2 * i, 2 * i + 1)
        angle = t * 10_000.0 ** (-2 * i / turned)
        a, b = x.flatten()[first], x.flatten()[second]
        assert y[first].item() == pytest.approx((a * math.cos(angle) - b * math.sin(angle)).item(), abs=1e-5)
        assert y[second].item() == pytest.approx((a * math.sin(angle) + b * math.cos(angle)).item(), abs=1e-5)
    assert torch.equal(y[turned:], x.flatten()[turned:])


def test_the_pairings_are_one_up_to_a_permutation() -> None:
    order = torch.tensor([0, 2, 4, 6, 1, 3, 5, 7])  # interleaved pairs, brought into halves
    q, k, positions = normal(1, 2, 5, 8), normal(1, 2, 5, 8), list(range(5))
    interleaved = rotated(Rope(pairing="interleaved"), q, k, positions)
    half = rotated(Rope(pairing="half"), q[..., order], k[..., order], positions)
    assert all(torch.allclose(one[..., order], other) for one, other in zip(interleaved, half, strict=True))


@pytest.mark.parametrize(
    ("heads", "expected"),
    {
        4: [2**-2, 2**-4, 2**-6, 2**-8],
        6: [0.25, 0.0625, 0.015625, 0.00390625, 0.5, 0.125],
        8: [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625],
        12: [*(2**-h for h in range(1, 9)), 2**-0.5, 2**-1.5, 2**-2.5, 2**-3.5],
        1: [2**-8],
    }.items(),
)
def test_alibi_slopes(heads: int, expected: list[float]) -> None:
    assert slopes(heads) == pytest.approx(expected, rel=1e-12)


def test_alibi_penalizes_distance() -> None:
    bias_HTS = penalty(4, torch.tensor([7, 500]), torch.arange(501))
    for head, slope in enumerate(slopes(4)):
        for row, i in enumerate((7, 500)):
            assert bias_HTS[head, row].tolist() == pytest.approx([-slope * (i - j) for j in range(501)])


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
