"""Attention in blocks equals the explicit way, which knows no blocks, for every span, length and grouping of heads."""

import pytest
import torch
from variants import randomized, variants

from models import band, block
from models.architecture import Architecture
from models.block import Pass
from models.hooks import Place
from models.spelling import change

SPANS = {
    "one": {"span": "window", "span.window": "1"},
    "odd window": {"span": "window", "span.window": "7"},
    "wider than the smallest block": {"span": "window", "span.window": "21"},
    "alternate": {"span": "window", "span.window": "8", "span.pattern": "alternate"},
    "dilated": {"span": "dilated", "span.window": "4", "span.stride": "3"},
    "chunked": {"span": "chunked", "span.chunk": "13"},
    "union": {"span": "window~chunked", "span.window": "5", "span.chunk": "11"},
}
HEADS = {"mha": {}, "gqa": {"heads.query": "4", "heads.kv": "2"}, "mqa": {"heads.query": "4", "heads.kv": "1"}}
EXACT = {"rtol": 0, "atol": 1e-9}  # in float64


def built(changes: dict[str, str], context: int) -> Architecture:
    return change(variants()["base"], {"shape.layers": "2", "shape.context": str(context), **changes})


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Blocks from the shortest text on; how many queries each call of them had."""
    calls: list[int] = []
    real = block.banded
    monkeypatch.setattr(band, "SHORTEST", 1)
    monkeypatch.setattr(band, "BLOCKS", 1)
    monkeypatch.setattr(block, "banded", lambda q, *rest: (calls.append(q.shape[2]), real(q, *rest))[1])
    return calls


@pytest.mark.parametrize("heads", HEADS.values(), ids=list(HEADS))
@pytest.mark.parametrize("span", SPANS.values(), ids=list(SPANS))
def test_blocks_equal_the_explicit_way_in_value_and_gradient(
    span: dict[str, str], heads: dict[str, str], counted: list[int]
) -> None:
    for context in (40, 47, 64):  # no multiple of the block, and a multiple of it
        architecture = built({**span, **heads}, context)
        model = randomized(architecture).double()
        ids_BT = torch.randint(
            0, architecture.shape.vocabulary, (3, context), generator=torch.Generator().manual_seed(1)
        )
        run = Pass(Place(torch.arange(context)), maps=[])
        ways = model(ids_BT), model._run(ids_BT, run)
        assert torch.allclose(*ways, **EXACT)
        grads = [torch.autograd.grad(logits.square().mean(), list(model.parameters())) for logits in ways]
        assert all(torch.allclose(one, other, **EXACT) for one, other in zip(*grads, strict=True))
    local = sum(architecture.span.local(layer) for layer in range(2))
    assert counted == [40] * local + [47] * local + [64] * local


def test_what_acts_on_the_scores_keeps_its_way(counted: list[int]) -> None:
    window = {"span": "window", "span.window": "8"}
    for changes in ({"attention_cap": "5"}, {"sink": "learned"}, {"position": "alibi"}, {"position": "t5"}):
        randomized(built({**window, **changes}, 40))(torch.zeros(1, 40, dtype=torch.long))
    model = randomized(built(window, 40))
    model.maps(torch.zeros(1, 40, dtype=torch.long))
    model.step(torch.zeros(1, 40, dtype=torch.long), torch.arange(40), None)
    randomized(built({}, 40))(torch.zeros(1, 40, dtype=torch.long))
    assert counted == []
    model(torch.zeros(1, 40, dtype=torch.long))
    assert counted == [40, 40]


def test_blocks_begin_where_they_pay() -> None:
    assert not band.pays(511, 8) and band.pays(512, 8) and band.pays(512, 128)
    assert not band.pays(512, 129) and not band.pays(4096, None)


def test_a_long_text_through_a_small_window_takes_blocks_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    architecture = built({"span": "window", "span.window": "16", "shape.layers": "1"}, 600)
    model, ids_BT = randomized(architecture), torch.arange(600)[None] % architecture.shape.vocabulary
    monkeypatch.setattr(block, "score", lambda *_, **__: pytest.fail("a mask of 600 by 600"))
    assert model(ids_BT).shape == (1, 600, architecture.shape.vocabulary)
