"""Mistakes that people make, to be planted in our code: each a function that patches it and says what else is wrong.

What it returns are changes of the architecture, as they are spelt. Knows no model type and no tolerance.
"""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import models.block
import models.position.alibi
from models.attention import Scoring
from models.feed_forward.gated import Gated, GatedModule
from models.frequencies import Turning
from models.heads import Heads
from models.hooks import Chain, Hooks, Place, QueryKeyValue
from models.layout.base import Flow
from models.layout.parallel_two_norms import ParallelTwoNorms
from models.norm.layernorm import LayerNormModule
from models.norm.rmsnorm import RMSNormModule
from models.placement.base import Norms
from models.position.learned import Table
from models.qk_norm.full_width import FullWidthNorms
from models.rotation import Rotation, Temperature
from models.sink.learned import Sinks

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], dict[str, str]]


def changed(*spelt: str) -> Plant:
    """A wrong choice, whose tensors are among the right one's."""
    return lambda patch: dict(one.split("=") for one in spelt)


def patched(owner: object, name: str, wrong: Callable[..., object]) -> Plant:
    """A wrong function in place of the right one."""

    def plant(patch: Patch) -> dict[str, str]:
        patch.setattr(owner, name, wrong)
        return {}

    return plant


# Norms


def _sum_of_squares(self: RMSNormModule, x: Tensor) -> Tensor:
    assert self.weight is not None
    return x / x.square().sum(-1, keepdim=True).sqrt() * self.weight


def _eps_outside(self: RMSNormModule, x: Tensor) -> Tensor:
    assert self.weight is not None
    return x / (x.square().mean(-1, keepdim=True).sqrt() + self.option.eps) * self.weight


def _unbiased(self: LayerNormModule, x: Tensor) -> Tensor:
    assert self.weight is not None and self.bias is not None
    centred = x - x.mean(-1, keepdim=True)
    return centred / (x.var(-1, keepdim=True, unbiased=True) + self.option.eps).sqrt() * self.weight + self.bias


def _not_centred(self: LayerNormModule, x: Tensor) -> Tensor:
    return F.rms_norm(x, self.size, self.weight, self.option.eps) + (0 if self.bias is None else self.bias)


sum_of_squares = patched(RMSNormModule, "forward", _sum_of_squares)
eps_outside_the_root = patched(RMSNormModule, "forward", _eps_outside)
unbiased_variance = patched(LayerNormModule, "forward", _unbiased)
rms_for_layernorm = patched(LayerNormModule, "forward", _not_centred)


def _heads_apart(self: FullWidthNorms, qkv: QueryKeyValue, at: Place) -> QueryKeyValue:
    """Statistics over each head instead of all."""

    def apart(norm: nn.Module, x_BTE: Tensor, width: int = 10) -> Tensor:
        assert isinstance(norm, RMSNormModule) and norm.weight is not None
        heads = x_BTE.unflatten(-1, (-1, width))
        return F.rms_norm(heads, (width,), None, norm.option.eps).flatten(-2) * norm.weight

    q, k, v = qkv
    return apart(self.query[at.layer], q), apart(self.key[at.layer], k), v


per_head_for_full_width = patched(FullWidthNorms, "on_projection", _heads_apart)


# Wiring


def pre_for_post(patch: Patch) -> dict[str, str]:
    """N(x + f(x)) becomes x + f(N(x)), with the same norms."""
    patch.setattr(Norms, "on_input", Norms.on_residual)
    patch.setattr(Norms, "on_residual", Hooks.on_residual)
    return {}


def _one_norm(self: ParallelTwoNorms, x_BTD: Tensor, block: Flow) -> Tensor:
    h_BTD = block.read(x_BTD, "attention")
    return block.merge(x_BTD, block.write("attention", h_BTD) + block.write("feed_forward", h_BTD), "shared")


one_norm_for_two = patched(ParallelTwoNorms, "flow", _one_norm)
swapped_gate = patched(GatedModule, "forward", lambda self, x: self.down(self.option.met(self.up(x), self.gate(x))))


def _offset_after(self: Gated, gate: Tensor, up: Tensor) -> Tensor:
    """gpt-oss's 1 added to the product instead of to `up`."""
    assert self.clamp is not None
    gate, up = gate.clamp(max=self.clamp), up.clamp(-self.clamp, self.clamp)
    return self.function().function(gate) * up + self.offset


offset_on_the_product = patched(Gated, "met", _offset_after)


# Attention


def tiled_heads(patch: Patch) -> dict[str, str]:
    """Key/value heads laid out 0 1 0 1 instead of 0 0 1 1."""
    fast = models.block.fast

    def tiled(q: Tensor, k: Tensor, v: Tensor, scoring: Scoring) -> Tensor:
        groups = q.shape[1] // k.shape[1]
        return fast(q, k.repeat(1, groups, 1, 1), v.repeat(1, groups, 1, 1), scoring)

    patch.setattr(models.block, "fast", tiled)
    return {}


def _capped(after_mask: bool) -> Plant:
    def explicit(q: Tensor, k: Tensor, v: Tensor, scoring: Scoring, chain: Chain, at: Place) -> tuple[Tensor, Tensor]:
        k, v = (x.repeat_interleave(q.shape[1] // k.shape[1], 1) for x in (k, v))
        scores, mask = q @ k.transpose(-1, -2), scoring.mask_TS
        if mask is None:
            mask = torch.ones_like(scores[0, 0], dtype=torch.bool).tril()
        if after_mask:
            scores = chain.run("on_cap", (scores * scoring.scale).masked_fill(~mask, -1e30), at)
        else:
            scores = (chain.run("on_cap", scores, at) * scoring.scale).masked_fill(~mask, float("-inf"))
        return scores.softmax(-1) @ v, scores.softmax(-1)

    return patched(models.block, "explicit", explicit)


cap_after_mask = _capped(after_mask=True)  # masked scores become −cap instead of −∞
cap_before_scale = _capped(after_mask=False)
scaled_sink = patched(Sinks, "on_sink", lambda self, sink_H, at: self.logit[at.layer] * at.scale)
layers_from_zero = patched(Heads, "on_scale", lambda self, scale, at: scale / max(at.layer, 1))


# Positions


def shifted(rows: int) -> Plant:
    """Row t + 2 where row t belongs."""
    return patched(Table, "on_embedding", lambda self, x, at: x + self.table(at.positions_T + rows))


def _turning_the_end(self: Rotation, x_BHTK: Tensor, table: tuple[Tensor, Tensor]) -> Tensor:
    """The last entries of a head turn instead of the first."""
    turned = table[0].shape[-1]
    return _turn(self, x_BHTK.roll(turned, -1), table).roll(-turned, -1)


_turn = Rotation.turn
rotated_at_the_end = patched(Rotation, "turn", _turning_the_end)


def halved_exponent(patch: Patch) -> dict[str, str]:
    """θ^(−i/r) for θ^(−2i/r); where half of a head turns, also what comes of dividing by the whole head's width."""
    table = Rotation.table

    def slower(self: Rotation, turning: Turning, positions_T: Tensor) -> tuple[Tensor, Tensor]:
        frequencies = tuple(frequency**0.5 for frequency in turning.frequencies)
        return table(self, turning._replace(frequencies=frequencies), positions_T)

    patch.setattr(Rotation, "table", slower)
    return {}


def _floor_of(self: Temperature, positions_T: Tensor) -> Tensor:
    return 1 + self.growth * torch.log1p((positions_T // self.length).float())


temperature_counted_from_zero = patched(Temperature, "factor", _floor_of)


def toward_the_distant(patch: Patch) -> dict[str, str]:
    """ALiBi's sign."""
    penalty = models.position.alibi.penalty
    patch.setattr(models.position.alibi, "penalty", lambda *given: -penalty(*given))
    return {}


geometric_slopes = patched(
    models.position.alibi, "slopes", lambda heads, reach=8.0: [2 ** (-reach * h / heads) for h in range(1, heads + 1)]
)
