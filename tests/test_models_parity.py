"""Our logits equal the reference implementation's: by the fast way, by the explicit one, and in steps."""

import pytest
import torch
from parity import CASES, LENGTH, ours, reference, relative
from torch import Tensor, nn
from transformers.models.gpt_oss.modeling_gpt_oss import eager_attention_forward

import models.attention
import models.block
from models.attention import Scoring
from models.hooks import Chain, Place

TOLERANCE = 1e-5


@pytest.mark.parametrize("name", CASES)
@torch.no_grad()
def test_logits_equal_the_reference(name: str) -> None:
    model, expected = ours(name), reference(name)
    assert relative(model(expected.ids_BT), expected.logits_BTV) < TOLERANCE


@pytest.mark.parametrize("name", CASES)
@torch.no_grad()
def test_explicit_attention_equals_the_reference(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models.block, "needs_explicit", lambda chain: True)
    model, expected = ours(name), reference(name)
    assert relative(model(expected.ids_BT), expected.logits_BTV) < TOLERANCE


@pytest.mark.parametrize("name", CASES)
@torch.no_grad()
def test_steps_through_the_cache_equal_the_reference(name: str) -> None:
    """Prefill, single tokens up to and over the window's edge, then several at once."""
    model, expected = ours(name), reference(name)
    cache, parts, at = None, [], 0
    for count in (5, 1, 1, 1, 1, 12, 1, LENGTH - 22):
        positions_T = torch.arange(at, at + count)
        logits_BTV, cache = model.step(expected.ids_BT[:, positions_T], positions_T, cache)
        parts.append(logits_BTV)
        at += count
    assert at == LENGTH
    assert relative(torch.cat(parts, 1), expected.logits_BTV) < TOLERANCE


class OfGptOss(nn.Module):
    """What gpt-oss's attention asks of its layer."""

    def __init__(self, sinks: Tensor, groups: int) -> None:
        super().__init__()
        self.sinks, self.num_key_value_groups = nn.Parameter(sinks), groups


@torch.no_grad()
def test_a_sink_is_that_of_gpt_oss() -> None:
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(2, heads, 9, 8, generator=generator) for heads in (6, 2, 2))
    sinks, mask = torch.randn(6, generator=generator), torch.ones(9, 9, dtype=torch.bool).tril()
    added = torch.zeros(9, 9).masked_fill(~mask, torch.finfo(torch.float32).min)
    theirs, map_BHTT = eager_attention_forward(OfGptOss(sinks, 3).eval(), q, k, v, added[None, None], scaling=0.5)
    scoring = Scoring(0.5, None, mask, sinks)
    ours_BHTK, our_map_BHTT = models.attention.explicit(q, k, v, scoring, Chain([]), Place(torch.arange(9)))
    assert relative(ours_BHTK.transpose(1, 2), theirs) < TOLERANCE
    assert relative(our_map_BHTT, map_BHTT) < TOLERANCE
