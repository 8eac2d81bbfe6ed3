"""Attention.

One function, a fast way and an explicit way that returns the maps, equal to each other. Knows no option by name.

score = cap(q·k · scale) + bias, masked, softmax (with an extra column if there is a sink). A cap bounds what the
content says, not what a position bias adds. Grouped heads: key/value head j serves query heads j·g … j·g + g − 1.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from models.hooks import Chain, Place


@dataclass(frozen=True, slots=True)
class Scoring:
    """What happens to q·k in one layer: a factor, what is added, who may look where."""

    scale: float
    bias_HTS: Tensor | None
    mask_TS: Tensor | None  # None: causal, with as many keys as queries
    sink_H: Tensor | None = None
    dropout: float = 0.0


def score(chain: Chain, at: Place, scale: float, dropout: float, causal_only: bool) -> Scoring:
    """Ask the hooks how the layer at `at` scores.

    `causal_only`: queries and keys are the same tokens, so causality needs no mask.
    """
    mask_TS = chain.run("on_mask", None, at)
    if mask_TS is not None or not causal_only:
        keys_S = at.keys_S
        assert keys_S is not None
        past_TS = at.once_for_keys("causal", lambda: at.positions_T[:, None] >= keys_S)
        mask_TS = past_TS if mask_TS is None else mask_TS & past_TS
    at = replace(at, scale=chain.run("on_scale", scale, at))
    bias_HTS = chain.run("on_bias", None, at)
    sink_H = chain.run("on_sink", None, at)
    return Scoring(at.scale, bias_HTS, mask_TS, sink_H, dropout)


def needs_explicit(chain: Chain) -> bool:
    """Does some part act on the scores in a way that the fused kernel cannot?"""
    return chain.acts_at("on_cap") or chain.acts_at("on_sink")


MULTIPLIED, MAP = 512, 2**22
"""Queries, and entries of a layer's attention map, up to which bfloat16 on a CPU is left to matrix products. A compiled
step is faster so than with torch's fused kernel, or with everything widened to float32 (docs/benchmarks.md); from 1,024
queries on the kernel is the fastest, and larger maps would fill the memory."""


def fast(q_BHTK: Tensor, k_BGSK: Tensor, v_BGSK: Tensor, scoring: Scoring) -> Tensor:
    """Attention's output y_BHTK by torch's fused kernels."""
    groups = q_BHTK.shape[1] // k_BGSK.shape[1]
    if groups > 1 and q_BHTK.is_cuda:  # the memory-efficient kernels know no groups; the CPU's gains by them
        k_BGSK, v_BGSK = (x.repeat_interleave(groups, dim=1) for x in (k_BGSK, v_BGSK))
    mask = scoring.mask_TS
    if scoring.bias_HTS is not None:
        visible = mask if mask is not None else _triangle(q_BHTK)
        mask = scoring.bias_HTS.masked_fill(~visible, float("-inf"))
    return fused(q_BHTK, k_BGSK, v_BGSK, mask, scoring)


def fused(q_BHTK: Tensor, k_BGSK: Tensor, v_BGSK: Tensor, mask: Tensor | None, scoring: Scoring) -> Tensor:
    """What is fastest where nothing but a mask acts. A mask of numbers is added; without one it is causal."""
    ways = _products if _multiplies(q_BHTK, k_BGSK.shape[2]) else _kernel
    return ways(q_BHTK, k_BGSK, v_BGSK, mask, scoring)


def _products(q_BHTK: Tensor, k_BGSK: Tensor, v_BGSK: Tensor, mask: Tensor | None, scoring: Scoring) -> Tensor:
    """Two products and a softmax; scale and mask are part of the first."""
    B, H, T, K = q_BHTK.shape
    G, S = k_BGSK.shape[1:3]
    rows = H // G * T  # as in `explicit`
    added = _triangle(q_BHTK) if mask is None else mask
    if added.dtype == torch.bool:
        added = torch.zeros(added.shape, dtype=q_BHTK.dtype).masked_fill(~added, float("-inf"))
    shared = added.dim() == 2  # by all heads of all texts: then it is not copied for each
    added = added.repeat(H // G, 1) if shared else added.expand(B, H, T, S).reshape(B * G, rows, S)
    q, k, v = (x.reshape(B * G, -1, K) for x in (q_BHTK, k_BGSK, v_BGSK))
    scores = torch.baddbmm(added.to(q.dtype), q, k.transpose(-1, -2), alpha=scoring.scale)
    map_ = F.dropout(scores.softmax(-1), scoring.dropout, training=scoring.dropout > 0)
    return (map_.to(v.dtype) @ v).reshape(B, H, T, K)


def _kernel(q_BHTK: Tensor, k_BGSK: Tensor, v_BGSK: Tensor, mask: Tensor | None, scoring: Scoring) -> Tensor:
    if mask is not None and mask.dtype != torch.bool:
        mask = mask.to(q_BHTK.dtype)
    return F.scaled_dot_product_attention(
        q_BHTK,
        k_BGSK,
        v_BGSK,
        attn_mask=mask,
        dropout_p=scoring.dropout,
        is_causal=mask is None,
        scale=scoring.scale,
        enable_gqa=q_BHTK.shape[1] != k_BGSK.shape[1],
    )


def _multiplies(q_BHTK: Tensor, keys: int) -> bool:
    if q_BHTK.device.type != "cpu":
        return False
    autocast = torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") == torch.bfloat16
    if not autocast and q_BHTK.dtype != torch.bfloat16:
        return False  # before sizes are asked for: they may be unknown
    B, H, T, _ = q_BHTK.shape
    return T <= MULTIPLIED and B * H * T * keys <= MAP


def explicit(
    q_BHTK: Tensor, k_BGSK: Tensor, v_BGSK: Tensor, scoring: Scoring, chain: Chain, at: Place
) -> tuple[Tensor, Tensor]:
    """Attention's output y_BHTK and its map_BHTS, step by step."""
    B, H, T, K = q_BHTK.shape
    G, S = k_BGSK.shape[1:3]
    rows = H // G * T  # query heads that share their keys stand below each other, so that no key is copied
    q = q_BHTK.reshape(B, G, rows, K)
    scores = (q @ k_BGSK.transpose(-1, -2)).reshape(B, H, T, S) * scoring.scale
    scores = chain.run("on_cap", scores, at)
    if scoring.bias_HTS is not None:
        scores = scores + scoring.bias_HTS.to(scores.dtype)
    mask_TS = scoring.mask_TS if scoring.mask_TS is not None else _triangle(q_BHTK)
    scores = scores.masked_fill(~mask_TS, float("-inf"))
    map_BHTS = F.dropout(_softmax(scores, scoring.sink_H), scoring.dropout, training=scoring.dropout > 0)
    y = map_BHTS.reshape(B, G, rows, S) @ v_BGSK
    return y.reshape(B, H, T, K), map_BHTS


def _softmax(scores_BHTS: Tensor, sink_H: Tensor | None) -> Tensor:
    if sink_H is None:
        return scores_BHTS.softmax(-1)
    column = sink_H.to(scores_BHTS.dtype)[:, None, None].expand(*scores_BHTS.shape[:3], 1)
    return torch.cat((scores_BHTS, column), -1).softmax(-1)[..., :-1]


def _triangle(q_BHTK: Tensor) -> Tensor:
    T = q_BHTK.shape[2]
    return torch.ones(T, T, dtype=torch.bool, device=q_BHTK.device).tril()
