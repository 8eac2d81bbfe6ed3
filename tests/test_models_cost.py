"""Costs told before building equal what the built model has: parameters, FLOPs, cache, memory of a step."""

from collections.abc import Iterator

import pytest
import torch
from exported import exported
from pairwise import design
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from variants import CONTEXT, some_ids, variants

from models.architecture import Architecture
from models.cost import BACKWARD, Flops, Parameters, cache_bytes, cost, parameters
from models.spelling import change
from models.systems import systems
from models.text import Refusal
from models.transformer import Transformer
from playground.session import Session

VARIANTS = pytest.mark.parametrize("architecture", variants().values(), ids=list(variants()))
SYSTEMS = pytest.mark.parametrize("system", systems())
ROWS = pytest.mark.parametrize("architecture", design().rows, ids=[f"row {n}" for n in range(len(design().rows))])


def whole(architecture: Architecture) -> Transformer:
    """All layers of it, without memory for them."""
    with torch.device("meta"):
        return Transformer(architecture)


def built(architecture: Architecture) -> int:
    return sum(weight.numel() for weight in whole(architecture).parameters())


def deepened(architecture: Architecture, *depths: int) -> Iterator[Architecture]:
    """The same at other depths, where it can be."""
    for layers in depths:
        try:
            yield change(architecture, {"shape.layers": str(layers)})
        except Refusal as refusal:
            assert "shape.layers" in refusal.fields


@VARIANTS
def test_parameters_equal_the_built_model(architecture: Architecture) -> None:
    """At depths that begin, fill and repeat every pattern of layers there is."""
    for deep in deepened(architecture, 1, 5, 8):
        assert parameters(deep) == built(deep)


@ROWS
def test_parameters_of_a_row_equal_the_built_model(architecture: Architecture) -> None:
    for deep in deepened(architecture, 7):
        assert parameters(deep) == built(deep)


@SYSTEMS
def test_parameters_of_a_system_equal_the_built_model(system: str) -> None:
    for architecture in (systems()[system].twin, systems()[system].full):
        assert parameters(architecture) == built(architecture)


LLAMA = {"norm.eps": "1e-6", "position.theta": "10000", "shape.context": "4096"}
PUBLISHED = {  # what the makers' released weights hold: the system of ours and what it takes to make another of it
    "gpt-2": ("gpt-2", {}, 124_439_808),
    "gpt-2 xl": (
        "gpt-2",
        {
            "shape.layers": "48",
            "shape.width": "1600",
            "heads.query": "25",
            "heads.kv": "25",
            "feed_forward.size": "6400",
        },
        1_557_611_200,
    ),
    "llama 7b": (
        "llama-3",
        LLAMA | {"shape.vocabulary": "32000", "heads.kv": "32", "feed_forward.size": "11008"},
        6_738_415_616,
    ),
    "llama 3 8b": ("llama-3", {}, 8_030_261_248),
    "mistral 7b": ("mistral", {}, 7_241_732_096),
    "gemma 2 9b": ("gemma-2", {}, 9_241_705_984),
    "qwen 2.5 7b": (
        "llama-3",
        LLAMA
        | {"shape.layers": "28", "shape.width": "3584", "shape.vocabulary": "152064", "bias": "qkv"}
        | {"heads.query": "28", "heads.kv": "4", "heads.head_dim": "128", "feed_forward.size": "18944"},
        7_615_616_512,
    ),
    "olmo 2 7b": (
        "llama-3",
        LLAMA
        | {"shape.vocabulary": "100352", "heads.kv": "32", "feed_forward.size": "11008"}
        | {"placement": "residual_post", "qk_norm": "full_width"},
        7_298_617_344,
    ),
}


@pytest.mark.parametrize(("system", "changes", "count"), PUBLISHED.values(), ids=PUBLISHED)
def test_parameters_equal_what_was_published(system: str, changes: dict[str, str], count: int) -> None:
    assert parameters(change(systems()[system].full, changes)) == count


def test_parameters_by_part_in_closed_form() -> None:
    """GPT-2 with a table that the head shares, biases and learned positions; Gemma 2 with four norms a layer."""
    gpt_2, gemma_2 = (cost(systems()[name].full).by_part for name in ("gpt-2", "gemma-2"))
    assert gpt_2 == Parameters(
        embedding=50_257 * 768,
        position=1024 * 768,
        attention=12 * (4 * 768 * 768 + 4 * 768),
        feed_forward=12 * (2 * 768 * 3072 + 3072 + 768),
        norms=(2 * 12 + 1) * 2 * 768,
        head=0,
        other=0,
    )
    assert gemma_2 == Parameters(
        embedding=256_000 * 3584,
        position=0,
        attention=42 * 2 * 3584 * (16 + 8) * 256,
        feed_forward=42 * 3 * 3584 * 14_336,
        norms=(4 * 42 + 1) * 3584,
        head=0,
        other=0,
    )


@VARIANTS
def test_every_parameter_has_its_part(architecture: Architecture) -> None:
    """Attention's, the feed-forward's and the head's by the modules that hold them; nothing is left over as other."""
    model, found = whole(architecture), cost(architecture).by_part
    blocks = {name: [getattr(block, name) for block in model.blocks] for name in ("attention", "feed_forward")}
    counts = {name: sum(map(_learned, filter(None, modules))) for name, modules in blocks.items()}
    sinks = _learned(model.parts["sink"]) if "sink" in model.parts else 0
    tied = model.head.weight is model.embedding.weight
    assert (found.attention, found.feed_forward) == (counts["attention"] + sinks, counts["feed_forward"])
    assert found.head == _learned(model.head) - (model.head.weight.numel() if tied else 0)
    assert found.norms == sum(_learned(model.parts[axis]) for axis in ("placement", "qk_norm") if axis in model.parts)
    assert found.other == 0
    assert found.total == cost(architecture).parameters == built(architecture)


def _learned(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())


class Explicit(nn.Module):
    """A model that computes its maps when it is called, as the counter needs to tell modules apart."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.model = Transformer(architecture).eval()

    def forward(self, ids_BT: Tensor) -> list[Tensor]:
        return self.model.maps(ids_BT)


@torch.no_grad()
def counted(architecture: Architecture) -> tuple[Flops, list[float]]:
    """FLOPs a token as torch counts them on the explicit way, and layer by layer those of scores.

    Scores are its batched products, every score of the square included; everything else its plain ones.
    """
    explicit, ids_BT = Explicit(architecture), some_ids(1, architecture.shape.context) % architecture.shape.vocabulary
    with FlopCounterMode(display=False) as counter:
        explicit(ids_BT)
    by_module = {
        name: {str(operator): flops / ids_BT.numel() for operator, flops in counts.items()}
        for name, counts in counter.get_flop_counts().items()
    }

    def flops(ending: str, batched: bool = False) -> float:
        found = [counts for name, counts in by_module.items() if name.endswith(ending)]
        return sum(flops for counts in found for operator, flops in counts.items() if ("bmm" in operator) == batched)

    projections = sum(flops(f".attention.{matrix}") for matrix in ("query", "key", "value", "out"))
    feed_forward, head = flops(".feed_forward"), flops("model.head")
    other = flops("Global") - projections - feed_forward - head
    scores = [flops(f".blocks.{layer}.attention", True) for layer in range(architecture.attention_layers)]
    assert sum(scores) == flops("Global", batched=True)
    return Flops(projections, sum(scores), feed_forward, head, other), scores


def seen_shares(architecture: Architecture) -> list[float]:
    """Layer by layer, the share of the square of scores that the mask lets through, counted one by one."""
    at_T = torch.arange(architecture.shape.context)
    masks = (architecture.span.visible(at_T, at_T, layer) for layer in range(architecture.attention_layers))
    past_TT = at_T <= at_T[:, None]
    return [(past_TT if mask is None else past_TT & mask).double().mean().item() for mask in masks]


def check_flops(architecture: Architecture) -> None:
    found, (expected, scores) = cost(architecture), counted(architecture)
    for part in ("projections", "scores", "feed_forward", "head", "other"):
        assert getattr(found.dense_flops, part) == pytest.approx(getattr(expected, part), rel=0.01), part
    assert found.dense_flops.total == pytest.approx(expected.total, rel=0.01)
    assert bool(expected.scores) == bool(architecture.attention_layers)
    seen = sum(flops * share for flops, share in zip(scores, seen_shares(architecture), strict=True))
    assert found.flops.scores == pytest.approx(seen, rel=1e-9)
    assert found.flops.total - seen == pytest.approx(found.dense_flops.total - expected.scores, rel=1e-9)
    assert found.forward_flops_per_token == found.flops.total
    assert found.training_flops_per_token == BACKWARD * found.flops.total


@VARIANTS
def test_flops_equal_the_counter(architecture: Architecture) -> None:
    check_flops(architecture)


@ROWS
def test_flops_of_a_row_equal_the_counter(architecture: Architecture) -> None:
    check_flops(architecture)


@SYSTEMS
def test_flops_of_a_twin_equal_the_counter(system: str) -> None:
    check_flops(systems()[system].twin)


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
    """At lengths around every window's."""
    model, ids_BT, batch, cache, before = Transformer(architecture).eval(), some_ids(), 2, None, 0
    for length in (1, 3, 4, 5, 31, 32, 33, CONTEXT):
        positions_T = torch.arange(before, length)
        _, cache = model.step(ids_BT[:, positions_T], positions_T, cache)
        before = length
        held = sum(tensor.numel() * tensor.element_size() for pair in cache for tensor in pair)
        assert held == batch * cache_bytes(architecture, length)
    assert cost(architecture).cache_bytes_per_token == round(cache_bytes(architecture, CONTEXT) / CONTEXT)
    assert cache_bytes(architecture, CONTEXT, bytes_a_number=2) * 2 == cache_bytes(architecture, CONTEXT)


@pytest.mark.parametrize("spec", ["heads.kv=2", "heads.kv=1,span=window,span.window=4,span.pattern=alternate"])
def test_cache_bytes_equal_the_exported_models(spec: str) -> None:
    model, batch, cache, before = exported(spec), 2, None, 0
    session = Session(model.path)
    ids_BT = (some_ids(batch, 12) % session.tokenizer.vocabulary).numpy()
    for length in (1, 3, 4, 5, 12):
        _, cache = session.step(ids_BT[:, before:length], cache)
        before = length
        held = sum(array.nbytes for array in cache.past.values())
        assert held == batch * cache_bytes(model.model.architecture, length)


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
    found = cost(architecture)
    assert found.state_bytes == 16 * parameters(architecture)  # four numbers: weight, gradient, AdamW's two
    assert found.activation_bytes == pytest.approx(kept_by_autograd(architecture, batch=12), rel=0.5)
    assert cost(architecture, batch=24).activation_bytes == 2 * found.activation_bytes
    assert found.training_bytes == found.state_bytes + found.activation_bytes
