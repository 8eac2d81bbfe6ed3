"""RoPE against closed forms, the reference implementation's frequencies, and rotation entry by entry."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
from variants import some_ids, variants

from models.architecture import Architecture
from models.frequencies import SCALINGS, Stretch, Turning
from models.hooks import Place
from models.position.rope import Rope
from models.rotation import Pairing, Rotation, Temperature
from models.spelling import change
from models.transformer import Transformer

GENERATOR = torch.Generator().manual_seed(0)


def normal(*shape: int) -> Tensor:
    return torch.randn(shape, generator=GENERATOR, dtype=torch.float64)


def rotated(rotation: Rotation, x: Tensor, positions: list[int]) -> Tensor:
    return rotation.on_rotation((x, x), Place(torch.tensor(positions), layer=0))[0]


def rotations() -> Iterator[tuple[str, Rotation, Turning]]:
    """Rotations of heads 8 wide: both pairings, in full and in part, then every scaling."""
    pairings: tuple[Pairing, ...] = ("half", "interleaved")
    for pairing in pairings:
        for turned in (8, 4):
            turning = SCALINGS["none"](Stretch(turned, 10_000.0))
            yield f"{pairing} {turned}", Rotation([turning], pairing), turning
    for name, scaling in SCALINGS.items():
        turning = scaling(Stretch(8, 100.0, factor=4.0, original=64))
        yield name, Rotation([turning], "half"), turning


ROTATIONS = {name: (rotation, turning) for name, rotation, turning in rotations()}


@pytest.mark.parametrize("name", ROTATIONS)
def test_scores_depend_on_distance_alone(name: str) -> None:
    rotation, _ = ROTATIONS[name]
    q, k = (normal(8).expand(1, 1, 6, 8) for _ in range(2))

    def scores(start: int) -> Tensor:
        positions = list(range(start, start + 6))
        return rotated(rotation, q, positions)[0, 0] @ rotated(rotation, k, positions)[0, 0].T

    near = scores(0)
    for distance in range(-5, 6):
        diagonal = near.diagonal(distance)
        assert torch.allclose(diagonal, diagonal[:1].expand_as(diagonal), rtol=0, atol=1e-5)
    assert torch.allclose(near, scores(100), rtol=0, atol=1e-4)
    assert not torch.allclose(near[0, 0], near[3, 0], rtol=0, atol=1e-2)


@pytest.mark.parametrize("name", ROTATIONS)
def test_pairs_turn_and_the_rest_stays(name: str) -> None:
    """By hand: entry by entry, with the angle t · frequency."""
    rotation, (frequencies, gain) = ROTATIONS[name]
    x, t, turned = normal(1, 1, 1, 8), 5, 2 * len(frequencies)
    y = rotated(rotation, x, [t]).flatten()
    for i, frequency in enumerate(frequencies):
        first, second = (i, i + turned // 2) if rotation.pairing == "half" else (2 * i, 2 * i + 1)
        a, b, angle = x.flatten()[first].item(), x.flatten()[second].item(), t * frequency
        assert y[first].item() == pytest.approx(gain * (a * math.cos(angle) - b * math.sin(angle)), abs=1e-5)
        assert y[second].item() == pytest.approx(gain * (a * math.sin(angle) + b * math.cos(angle)), abs=1e-5)
    assert torch.equal(y[turned:], x.flatten()[turned:].to(y.dtype)) and len(y) == 8


def test_the_pairings_are_one_up_to_a_permutation() -> None:
    order = torch.tensor([0, 2, 4, 6, 1, 3, 5, 7])  # interleaved pairs, brought into halves
    x, positions = normal(1, 2, 5, 8), list(range(5))
    interleaved = rotated(ROTATIONS["interleaved 8"][0], x, positions)
    assert torch.allclose(interleaved[..., order], rotated(ROTATIONS["half 8"][0], x[..., order], positions))


def test_frequencies_are_powers_of_theta() -> None:
    assert SCALINGS["none"](Stretch(6, 1000.0)) == (pytest.approx((1.0, 0.1, 0.01)), 1.0)


def reference(rope_type: str, turning: Stretch, **parameters: Any) -> Turning:
    """What transformers makes of the same numbers, for a head twice as wide as what turns."""
    rope = {"rope_type": rope_type, "rope_theta": turning.theta, "factor": turning.factor, **parameters}
    rope |= {"partial_rotary_factor": 0.5, "original_max_position_embeddings": turning.original}
    config = LlamaConfig(
        head_dim=2 * turning.turned,
        max_position_embeddings=int(turning.factor * turning.original),
        rope_parameters=rope,
    )
    frequencies, gain = ROPE_INIT_FUNCTIONS[rope_type](config, torch.device("cpu"))
    return Turning(tuple(frequencies.tolist()), gain)


BASES = [(32, 10_000.0, 4096), (64, 500_000.0, 8192), (16, 150_000.0, 48), (2, 10_000.0, 64)]
OF_LLAMA3 = [(8.0, 1.0, 4.0), (32.0, 1.0, 4.0), (1.0, 1.0, 4.0), (4.0, 2.0, 2.5), (16.0, 1.0, 1.0)]
OF_YARN = [(1.0, 32.0, 1.0, None), (4.0, 32.0, 1.0, None), (40.0, 8.0, 2.0, None), (16.0, 32.0, 1.0, 0.7)]


def assert_equal(ours: Turning, theirs: Turning) -> None:
    """Theirs are made in float32, where 1 − what is nearly 1 loses digits."""
    assert ours.frequencies == pytest.approx(theirs.frequencies, rel=1e-6, abs=1e-9)
    assert ours.gain == pytest.approx(theirs.gain, rel=1e-12)


@pytest.mark.parametrize(("turned", "theta", "original"), BASES)
@pytest.mark.parametrize("factor", [1.0, 3.5])
def test_linear_equals_the_reference(turned: int, theta: float, original: int, factor: float) -> None:
    stretch = Stretch(turned, theta, factor, original)
    assert_equal(SCALINGS["linear"](stretch), reference("linear", stretch))


@pytest.mark.parametrize(("turned", "theta", "original"), BASES)
@pytest.mark.parametrize(("factor", "low", "high"), OF_LLAMA3)
def test_llama3_equals_the_reference(
    turned: int, theta: float, original: int, factor: float, low: float, high: float
) -> None:
    stretch = Stretch(turned, theta, factor, original, low=low, high=high)
    theirs = reference("llama3", stretch, low_freq_factor=low, high_freq_factor=high)
    assert_equal(SCALINGS["llama3"](stretch), theirs)


@pytest.mark.parametrize("truncate", [True, False])
@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(("factor", "fast", "slow", "gain"), OF_YARN)
def test_yarn_equals_the_reference(
    base: tuple[int, float, int], factor: float, fast: float, slow: float, gain: float | None, truncate: bool
) -> None:
    turned, theta, original = base
    stretch = Stretch(turned, theta, factor, original, fast=fast, slow=slow, truncate=truncate, attention_factor=gain)
    more = {"beta_fast": fast, "beta_slow": slow, "truncate": truncate, "attention_factor": gain}
    assert_equal(SCALINGS["yarn"](stretch), reference("yarn", stretch, **more))


def test_truncating_makes_a_difference() -> None:
    stretched = [SCALINGS["yarn"](Stretch(64, 150_000.0, 32.0, 4096, truncate=truncate)) for truncate in (True, False)]
    assert stretched[0].frequencies != pytest.approx(stretched[1].frequencies, rel=1e-3)


@pytest.mark.parametrize("turned", [4, 64])
def test_ntk_slows_the_slowest_pair_by_the_factor_and_the_fastest_not_at_all(turned: int) -> None:
    """Also what transformers' dynamic kind comes to at 4 times the context with a factor of 2: 2 · 4 − (2 − 1) = 7."""
    plain, slow = (SCALINGS[name](Stretch(turned, 10_000.0, 7.0)).frequencies for name in ("none", "ntk"))
    assert slow[0] == plain[0] == 1 and slow[-1] == pytest.approx(plain[-1] / 7)
    rope = {"rope_type": "dynamic", "rope_theta": 10_000.0, "factor": 2.0}
    config = LlamaConfig(head_dim=turned, max_position_embeddings=100, rope_parameters=rope)
    theirs, _ = ROPE_INIT_FUNCTIONS["dynamic"](config, torch.device("cpu"), seq_len=400)
    assert slow == pytest.approx(theirs.tolist(), rel=1e-6)
    assert SCALINGS["ntk"](Stretch(2, 10_000.0, 7.0)).frequencies == (1.0,)


USED = {
    "none": set(),
    "linear": {"factor"},
    "ntk": {"factor"},
    "llama3": {"factor", "original", "low", "high"},
    "yarn": {"factor", "original", "fast", "slow", "attention_factor", "truncate"},
}
OTHER = {
    "factor": 5.0, "original": 100, "low": 2.0, "high": 9.0, "fast": 20.0, "slow": 2.0, "attention_factor": 0.5,
    "truncate": False,
}  # fmt: skip


@pytest.mark.parametrize("scaling", SCALINGS)
def test_a_scaling_uses_what_the_help_says_and_nothing_else(scaling: str) -> None:
    architecture = change(Architecture(), {"heads.head_dim": "64", "shape.context": "4096"})
    plain = Rope(scaling=scaling)
    changed = {
        field
        for field, value in OTHER.items()
        if plain.model_copy(update={field: value}).turning(architecture, False) != plain.turning(architecture, False)
    }
    assert changed == USED[scaling]
    for field in set(OTHER) - {"factor"}:  # which all but none use, as its help says
        named = str(Rope.model_fields[field].json_schema_extra)
        assert all((name in named) == (field in used) for name, used in USED.items() if name in ("llama3", "yarn"))


def test_the_original_context_is_the_models_where_it_is_left_out() -> None:
    architecture = change(Architecture(), {"heads.head_dim": "64", "shape.context": "4096"})
    given, left_out = (Rope(scaling="llama3", original=original) for original in (4096, None))
    assert given.turning(architecture, False) == left_out.turning(architecture, False)


LOCAL = {"span": "window", "span.window": "8", "span.pattern": "alternate", "shape.layers": "4", "position": "rope"}


def turnings(**changes: str) -> list[Turning | None]:
    """Layer by layer, where layers 0 and 2 are local."""
    spelt = {f"position.{name}": text for name, text in changes.items()}
    return list(part(change(Architecture(), LOCAL | spelt)).turnings)


def part(architecture: Architecture) -> Rotation:
    rotation = architecture.position.build(architecture)
    assert isinstance(rotation, Rotation)
    return rotation


def test_local_layers_have_a_base_and_a_scaling_of_their_own() -> None:
    def alone(**changes: str) -> Turning | None:
        return turnings(**changes)[1]

    gemma = {"theta": "1000000", "local_theta": "10000", "scaling": "linear", "local_scaling": "none"}
    plain, stretched = alone(theta="10000"), alone(theta="1000000", scaling="linear")
    assert turnings(**gemma) == [plain, stretched, plain, stretched]
    assert turnings(scaling="yarn", local_factor="2")[:2] == [alone(scaling="yarn", factor="2"), alone(scaling="yarn")]
    assert turnings(local_scaling="ntk", local_factor="3")[:2] == [alone(scaling="ntk", factor="3"), alone()]
    assert len(set(turnings(scaling="llama3"))) == 1


@torch.no_grad()
def test_a_pass_computes_each_table_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Turning] = []
    table = Rotation.table
    monkeypatch.setattr(Rotation, "table", lambda self, turning, at: made.append(turning) or table(self, turning, at))
    model = Transformer(change(variants()["base"], LOCAL | {"position.local_theta": "100"}))
    model(some_ids())
    assert len(made) == len(set(made)) == 2
    Transformer(change(variants()["base"], LOCAL))(some_ids())
    assert len(made) == 3


@torch.no_grad()
def test_the_temperature_grows_with_every_length() -> None:
    """Llama 4: q × (1 + 0.1 · ln(1 + ⌊(t + 1) / 4⌋)), k not, and only where nothing rotates."""
    base = change(variants()["base"], {"position": "rope", "position.layers": "ox"})
    warm = {"position.temperature": "0.1", "position.temperature_length": "4"}
    plain, tempered = part(base), part(change(base, warm))
    q, k = normal(1, 2, 13, 8), normal(1, 2, 13, 8)
    for layer in (0, 1):
        at = Place(torch.arange(13), layer=layer)
        (q_plain, k_plain), (q_warm, k_warm) = (one.on_rotation((q, k), at) for one in (plain, tempered))
        factors = [1 if layer else 1 + 0.1 * math.log(1 + (t + 1) // 4) for t in range(13)]
        assert torch.allclose(q_warm, q_plain * torch.tensor(factors)[:, None]) and torch.equal(k_warm, k_plain)
    far = Temperature(0.1, 8192).factor(torch.tensor([8190, 8191, 1_000_000]))
    assert far.tolist() == pytest.approx([1.0, 1 + 0.1 * math.log(2), 1 + 0.1 * math.log(123)])
