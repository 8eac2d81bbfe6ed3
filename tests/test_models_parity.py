"""Our logits equal the reference implementation's; a mistake of the kind people make is seen."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from parity import CASES, LENGTH, ours, reference, relative
from torch import Tensor, nn
from torch.nn import functional as F
from transformers.models.gpt_oss.modeling_gpt_oss import eager_attention_forward

import models.attention
import models.block
import models.frequencies
from models.attention import Scoring
from models.hooks import Chain, Place
from models.norm.layernorm import LayerNormModule
from models.norm.rmsnorm import RMSNormModule
from models.position.learned import Table
from models.span.window import Window

TOLERANCE = 1e-5
SEEN = 1e-4  # a planted mistake is at least this large


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


Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], dict[str, str]]


def wider_window(patch: Patch) -> dict[str, str]:
    visible = Window.visible
    patch.setattr(Window, "visible", lambda self, queries, keys, layer: visible(self, queries - 1, keys, layer))
    return {}


def rms_for_layernorm(patch: Patch) -> dict[str, str]:
    def forward(self: LayerNormModule, x: Tensor) -> Tensor:
        assert self.bias is not None
        return F.rms_norm(x, self.size, self.weight, self.option.eps) + self.bias

    patch.setattr(LayerNormModule, "forward", forward)
    return {}


def sum_of_squares(patch: Patch) -> dict[str, str]:
    def forward(self: RMSNormModule, x: Tensor) -> Tensor:
        assert self.weight is not None
        return x / x.square().sum(-1, keepdim=True).sqrt() * self.weight

    patch.setattr(RMSNormModule, "forward", forward)
    return {}


def tiled_heads(patch: Patch) -> dict[str, str]:
    """Key/value heads laid out 0 1 0 1 instead of 0 0 1 1."""
    fast = models.block.fast

    def tiled(q: Tensor, k: Tensor, v: Tensor, scoring: Scoring) -> Tensor:
        groups = q.shape[1] // k.shape[1]
        return fast(q, k.repeat(1, groups, 1, 1), v.repeat(1, groups, 1, 1), scoring)

    patch.setattr(models.block, "fast", tiled)
    return {}


def cap_after_mask(patch: Patch) -> dict[str, str]:
    """Masked scores become −cap instead of −∞."""

    def explicit(q: Tensor, k: Tensor, v: Tensor, scoring: Scoring, chain: Chain, at: Place) -> tuple[Tensor, Tensor]:
        k, v = (x.repeat_interleave(q.shape[1] // k.shape[1], 1) for x in (k, v))
        scores = q @ k.transpose(-1, -2) * scoring.scale
        mask = (
            scoring.mask_TS if scoring.mask_TS is not None else torch.ones_like(scores[0, 0], dtype=torch.bool).tril()
        )
        weights = chain.run("on_cap", scores.masked_fill(~mask, -1e30), at).softmax(-1)
        return weights @ v, weights

    patch.setattr(models.block, "explicit", explicit)
    return {}


def shifted_positions(patch: Patch) -> dict[str, str]:
    """OPT's row t + 2 where GPT-2 has row t."""
    patch.setattr(Table, "on_embedding", lambda self, x, at: x + self.table(at.positions_T + 2))
    return {}


def rope_exponent(patch: Patch) -> dict[str, str]:
    """θ^(−i/r) for θ^(−2i/r)."""
    plain = models.frequencies.plain
    patch.setattr(models.frequencies, "plain", lambda how: plain(replace(how, theta=how.theta**0.5)))
    return {}


def changed(*spelt: str) -> Plant:
    """A wrong choice that has the same tensors."""
    return lambda patch: dict(one.split("=") for one in spelt)


MISTAKES: dict[tuple[str, str], Plant] = {
    ("mistral", "window of W + 1"): wider_window,
    ("gemma-2", "window of W + 1"): wider_window,
    ("mistral", "window in no layer"): changed("span=full"),
    ("gemma-2", "window in every layer"): changed("span.pattern=all"),
    ("llama-3", "pairing"): changed("position.pairing=interleaved"),
    ("llama-3", "theta"): changed("position.theta=10000"),
    ("llama-3", "half of a head rotated"): changed("position.fraction=0.8"),
    ("llama-3", "exponent of the angles"): rope_exponent,
    ("llama-3", "no √d"): changed("heads.scale=1"),
    ("llama-3", "sum of squares"): sum_of_squares,
    ("llama-3", "1 + w for w"): changed("norm.gain=one_plus_w"),
    ("llama-3", "tiled heads"): tiled_heads,
    ("llama-3", "gelu for silu"): changed("feed_forward=geglu", "feed_forward.size=40"),
    ("gemma-2", "w for 1 + w"): changed("norm.gain=w"),
    ("gemma-2", "scale by head width"): changed("heads.scale=none"),
    ("gemma-2", "cap after mask"): cap_after_mask,
    ("gemma-2", "no attention cap"): changed("attention_cap=none"),
    ("gemma-2", "no output cap"): changed("output_cap=none"),
    ("gemma-2", "embeddings not scaled"): changed("embedding.scale=none"),
    ("gemma-2", "exact for tanh GELU"): changed("feed_forward=geglu", "feed_forward.size=40"),
    ("gpt-2", "exact for tanh GELU"): changed("feed_forward=gelu"),
    ("gpt-2", "RMSNorm for LayerNorm"): rms_for_layernorm,
    ("llama-3", "ε ten times smaller"): changed("norm.eps=1e-6"),
    ("gemma-2", "ε ten times larger"): changed("norm.eps=1e-5"),
    ("gpt-2", "ε ten times smaller"): changed("norm.eps=1e-6"),
    ("gpt-2", "positions shifted by two"): shifted_positions,
    ("gpt-2", "parallel for serial"): changed("layout=parallel_two_norms"),
}


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=str)
@torch.no_grad()
def test_a_planted_mistake_is_seen(name: str, mistake: str, monkeypatch: Patch) -> None:
    expected = reference(name)
    model = ours(name, MISTAKES[name, mistake](monkeypatch))
    assert relative(model(expected.ids_BT), expected.logits_BTV) > SEEN
