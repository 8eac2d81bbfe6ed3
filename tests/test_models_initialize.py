"""Starting values: a function of seed, name and shape alone, at the scale that the choice asks for."""

import pytest
import torch
from variants import VOCABULARY, some_ids, variants

from models.architecture import Architecture
from models.initialize import initialize, unit_normal
from models.spelling import change
from models.systems import systems
from models.transformer import Transformer

BASE = variants()["base"]
SAME_INIT = {spelt: architecture for spelt, architecture in variants().items() if architecture.init == BASE.init}


def started(architecture: Architecture, seed: int = 0) -> dict[str, torch.Tensor]:
    """The parameters by name; a tied table once."""
    return {name: weight.detach() for name, weight in initialize(Transformer(architecture), seed).named_parameters()}


@pytest.mark.parametrize("architecture", SAME_INIT.values(), ids=list(SAME_INIT))
def test_variants_start_equal_where_they_share(architecture: Architecture) -> None:
    base, other = started(BASE), started(architecture)
    shared = [name for name in base if name in other and base[name].shape == other[name].shape]
    assert ("embedding.weight" in shared or architecture.embedding.size) and len(shared) > 5
    unequal = {name for name in shared if not torch.equal(base[name], other[name])}
    if architecture.norm.model_dump().get("gain") == "one_plus_w":  # kept as 0 where the others keep 1
        unequal -= {name for name in shared if "placement" in name and (1 + other[name]).equal(base[name])}
    assert not unequal


def test_systems_start_equal_where_they_share() -> None:
    one, other = (change(systems()[name].twin, {"shape.vocabulary": "64"}) for name in ("gpt-2", "llama-3"))
    first, second = started(one), started(other)
    shared = {name for name in first if name in second and first[name].shape == second[name].shape}
    assert {"embedding.weight", "blocks.3.attention.query.weight"} <= shared
    assert all(torch.equal(first[name], second[name]) for name in shared)


def test_nothing_else_matters() -> None:
    """Neither torch's own generator, nor what was built before, nor how many layers there are."""
    torch.manual_seed(1)
    first = started(BASE)
    torch.manual_seed(2)
    Transformer(BASE)
    deeper = started(change(BASE, {"shape.layers": "3", "shape.context": "20"}))
    assert all(torch.equal(first[name], deeper[name]) for name in first if first[name].shape == deeper[name].shape)


def test_seeds_and_names_are_apart() -> None:
    first, second = started(BASE, 0), started(BASE, 1)
    drawn = [name for name, tensor in first.items() if tensor.dim() == 2]
    assert not any(torch.equal(first[name], second[name]) for name in drawn)
    assert not torch.equal(first["blocks.0.attention.query.weight"], first["blocks.1.attention.query.weight"])
    like = torch.empty(3, 4)
    assert not torch.equal(unit_normal(0, "a", like), unit_normal(0, "b", like))
    assert not torch.equal(unit_normal(0, "a", like).flatten()[:4], unit_normal(0, "a", like[0]))


KNOWN = [-0.7087405, 0.8170797, 1.418115, -0.4792553]


def test_the_numbers_never_change() -> None:
    """An experiment shared today starts from the same numbers tomorrow: known values of torch's CPU generator."""
    expected = torch.tensor(KNOWN)
    assert torch.allclose(unit_normal(0, "embedding", torch.empty(2, 2)).flatten(), expected, rtol=0, atol=1e-6)


LARGE = {"shape.width": "256", "shape.layers": "8", "shape.vocabulary": "512", "heads.kv": "1", "feed_forward": "gelu"}
SPREAD = {
    "init=fan_in": lambda fan_in, fan_out, writes: fan_in**-0.5,
    "init=xavier": lambda fan_in, fan_out, writes: (2 / (fan_in + fan_out)) ** 0.5,
    "init=normal": lambda fan_in, fan_out, writes: 0.02,
    "init=normal,init.std=0.5": lambda fan_in, fan_out, writes: 0.5,
    "init.residual=depth": lambda fan_in, fan_out, writes: fan_in**-0.5 / (4 if writes else 1),  # 1/√(2·8)
    "init.residual=zero": lambda fan_in, fan_out, writes: 0.0 if writes else fan_in**-0.5,
}


@pytest.mark.parametrize("spelt", SPREAD)
def test_matrices_start_at_their_scale(spelt: str) -> None:
    changes = dict(one.split("=") for one in spelt.split(","))
    state = started(change(BASE, {**LARGE, **changes}))
    matrices = {name: tensor for name, tensor in state.items() if tensor.dim() == 2}
    assert len(matrices) == 8 * 6 + 2  # q, k, v, out, up, down; embedding and positions
    for name, matrix in matrices.items():
        fan_out, fan_in = matrix.shape
        expected = SPREAD[spelt](fan_in, fan_out, name.endswith(("attention.out.weight", "feed_forward.down.weight")))
        assert matrix.std().item() == pytest.approx(expected, rel=0.05), name
        assert abs(matrix.mean().item()) <= 0.05 * expected


def test_vectors_start_at_their_identity() -> None:
    state = started(change(BASE, {"bias": "all", "qk_norm": "per_head", "sink": "learned"}))
    for name, vector in state.items():
        if vector.dim() == 1:
            ones = name.endswith("weight")  # gains; biases and sinks start at zero
            assert torch.equal(vector, torch.ones_like(vector) if ones else torch.zeros_like(vector)), name
    gemma = started(change(BASE, {"norm": "rmsnorm", "norm.gain": "one_plus_w"}))
    assert all((vector == 0).all() for name, vector in gemma.items() if vector.dim() == 1)


@torch.no_grad()
def test_the_loss_starts_near_that_of_a_guess() -> None:
    """ln V, and a little more for logits of unit variance: no system starts far from it.

    Farther where a tied head reads what entered as a row of its own table at unit scale: it first bets on repetition.
    """
    ids_BT = torch.randint(0, 64, (8, 64), generator=torch.Generator().manual_seed(0))
    for system in systems().values():
        architecture = change(system.twin, {"shape.vocabulary": "64", "dropout": "0"})
        loss = initialize(Transformer(architecture), 0).loss(ids_BT[:, :-1], ids_BT[:, 1:])[1]
        unit = architecture.placement.embedding or architecture.embedding.scale == "sqrt_width"
        repeats = architecture.embedding.tied and unit
        assert abs(loss.item() - torch.tensor(64.0).log().item()) < (2.5 if repeats else 1.0), system.id


@torch.no_grad()
def test_blocks_that_start_at_zero_do_nothing() -> None:
    model = initialize(Transformer(change(BASE, {"init.residual": "zero"})), 0).eval()
    ids_BT = some_ids()
    x_BTD = model.embedding(ids_BT) + model.get_parameter("parts.position.table.weight")[: ids_BT.shape[1]]
    final = torch.nn.functional.layer_norm(x_BTD, x_BTD.shape[-1:])
    assert torch.allclose(model(ids_BT), final @ model.embedding.weight.T, rtol=0, atol=1e-5)
    assert model(ids_BT).shape[-1] == VOCABULARY
