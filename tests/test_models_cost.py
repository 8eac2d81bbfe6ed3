"""Costs told before building equal what the built model has: parameters, FLOPs, cache, memory of a step."""

import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode
from variants import CONTEXT, some_ids, variants

from models.architecture import Architecture
from models.cost import BACKWARD, cache_bytes, cost, parameters
from models.spelling import change
from models.systems import systems
from models.transformer import Transformer

VARIANTS = pytest.mark.parametrize("architecture", variants().values(), ids=list(variants()))
SYSTEMS = pytest.mark.parametrize("system", systems())


def built(architecture: Architecture) -> int:
    return sum(weight.numel() for weight in Transformer(architecture).parameters())


@VARIANTS
@pytest.mark.parametrize("layers", [1, 2, 5])
def test_parameters_equal_the_built_model(architecture: Architecture, layers: int) -> None:
    deep = change(architecture, {"shape.layers": str(layers)})
    assert parameters(deep) == built(deep)


@SYSTEMS
def test_parameters_of_a_twin_equal_the_built_model(system: str) -> None:
    assert parameters(systems()[system].twin) == built(systems()[system].twin)


@pytest.mark.parametrize(
    ("system", "published"),
    {"gpt-2": 124_439_808, "llama-3": 8_030_261_248, "mistral": 7_241_732_096, "gemma-2": 9_241_705_984}.items(),
)
def test_parameters_equal_what_was_published(system: str, published: int) -> None:
    assert parameters(systems()[system].published) == published


def seen_share(maps: list[Tensor]) -> float:
    """The share of all T × T scores that some query uses, over the layers."""
    return torch.stack([(map_BHTT[0] > 0).double().mean() for map_BHTT in maps]).mean().item() if maps else 0.0


@VARIANTS
@torch.no_grad()
def test_flops_equal_the_counter(architecture: Architecture) -> None:
    """On the explicit path torch counts every score, masked ones too; ours are counted as seen.

    Scores are its batched products, everything else its plain ones.
    """
    model, ids_BT = Transformer(architecture).eval(), some_ids(batch=2)
    with FlopCounterMode(display=False) as counter:
        maps = model.maps(ids_BT)
    counts = {str(operator): flops for operator, flops in counter.get_flop_counts()["Global"].items()}
    scores = sum(flops for operator, flops in counts.items() if "bmm" in operator)
    plain = sum(counts.values()) - scores
    of_scores, expected = ((part + scores * seen_share(maps)) / ids_BT.numel() for part in (0, plain))
    found = cost(architecture).forward_flops_per_token
    assert bool(scores) == bool(architecture.attention_layers)
    assert found == pytest.approx(expected, rel=0.01)
    assert found - plain / ids_BT.numel() == pytest.approx(of_scores, rel=0.01)  # a small part, so by itself too
    assert cost(architecture).training_flops_per_token == pytest.approx(3 * expected, rel=0.01)


def test_flops_of_training_equal_the_counter() -> None:
    """Backward takes twice as much as forward."""
    architecture, ids_BT = variants()["position=alibi"], some_ids()
    model = Transformer(architecture)
    flops = []
    for backward in (False, True):
        with FlopCounterMode(display=False) as counter:
            loss, _ = model.loss(ids_BT, ids_BT)
            if backward:
                loss.backward()
        flops.append(counter.get_total_flops())
    assert flops[1] / flops[0] == pytest.approx(BACKWARD, rel=0.05)


@VARIANTS
@torch.no_grad()
def test_cache_bytes_equal_the_cache(architecture: Architecture) -> None:
    """At lengths around both windows'."""
    model, ids_BT, batch, cache, before = Transformer(architecture).eval(), some_ids(), 2, None, 0
    for length in (1, 3, 4, 5, 31, 32, 33, CONTEXT):
        positions_T = torch.arange(before, length)
        _, cache = model.step(ids_BT[:, positions_T], positions_T, cache)
        before = length
        held = sum(tensor.numel() * tensor.element_size() for pair in cache for tensor in pair)
        assert held == batch * cache_bytes(architecture, length)
    assert cost(architecture).cache_bytes_per_token == cache_bytes(architecture, 1)


def kept_by_autograd(architecture: Architecture, batch: int) -> int:
    """Bytes of all tensors that one training step's graph holds, the parameters left out."""
    model = Transformer(architecture)
    ids_BT = some_ids(batch, architecture.shape.context)
    own = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    held: dict[int, Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        held[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss, _ = model.loss(ids_BT, ids_BT)
    assert loss.requires_grad
    return sum(tensor.untyped_storage().nbytes() for key, tensor in held.items() if key not in own)


@SYSTEMS
def test_training_memory_is_about_right(system: str) -> None:
    architecture = change(systems()[system].twin, {"dropout": "0"})
    states = 16 * parameters(architecture)  # four numbers of four bytes: weight, gradient, AdamW's two
    activations = cost(architecture).training_bytes - states
    assert activations == pytest.approx(kept_by_autograd(architecture, batch=12), rel=0.5)
    assert cost(architecture, batch=24).training_bytes - states == 2 * activations
