"""Attention of layers that look back a little way only, at a cost that follows how far: in blocks.

The queries are cut into blocks of b; a query that looks back at most b tokens finds them in its own block and in the
one before. Handed to the fused kernel as a mask, the same span would cost more than no span at all. Equal to the
explicit way of `models.attention`, which knows no blocks. Knows no option by name: the mask of a block is what the
hooks say of its positions.

Shapes: N blocks of b queries; 2b keys stand against each.
"""

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F

from models.attention import Scoring, fused, needs_explicit
from models.hooks import Chain, Place

SHORTEST, BLOCKS, SMALLEST = 512, 4, 16  # measured on processors, see docs/benchmarks.md: below, the mask is no slower


def pays(tokens: int, reach: int | None) -> bool:
    """Is `tokens` long enough for blocks, where a query looks back over at most `reach` of them?"""
    return reach is not None and tokens >= SHORTEST and tokens >= BLOCKS * _block(reach)


def applies(q_BHTK: Tensor, chain: Chain, at: Place) -> bool:
    """Is the layer at `at` faster in blocks, and does nothing act on its scores beside the mask?"""
    reach = chain.run("on_reach", None, at)
    acted = needs_explicit(chain) or chain.acts_at("on_bias")
    return pays(q_BHTK.shape[2], reach) and not acted and q_BHTK.device.type == "cpu"


def banded(q_BHTK: Tensor, k_BGTK: Tensor, v_BGTK: Tensor, scoring: Scoring, chain: Chain, at: Place) -> Tensor:
    """Attention's output y_BHTK where it `applies`; queries and keys are the same tokens, at consecutive positions."""
    B, H, T, K = q_BHTK.shape
    reach = chain.run("on_reach", None, at)
    assert reach is not None
    block = _block(reach)
    blocks = -(-T // block)
    q = F.pad(q_BHTK, (0, 0, 0, blocks * block - T)).reshape(B, H, blocks, block, K)
    y = fused(  # blocks as a batch, and rows as its heads: they share the mask
        q.permute(2, 0, 1, 3, 4).flatten(1, 2),
        _pairs(k_BGTK, blocks, block),
        _pairs(v_BGTK, blocks, block),
        _mask(chain, at, blocks, block)[:, None],
        scoring,
    )
    return y.unflatten(1, (B, H)).permute(1, 2, 0, 3, 4).reshape(B, H, blocks * block, K)[:, :, :T]


def _block(reach: int) -> int:
    return max(reach, SMALLEST)


def _pairs(x_BGTK: Tensor, blocks: int, block: int) -> Tensor:
    """Every block of keys behind the one before it: [N, B·G, 2b, K]. Before the first stand zeros."""
    behind = blocks * block - x_BGTK.shape[2]
    x = F.pad(x_BGTK, (0, 0, block, behind)).unflatten(2, (blocks + 1, block)).permute(2, 0, 1, 3, 4)
    return torch.cat((x[:-1], x[1:]), 3).flatten(1, 2)


def _mask(chain: Chain, at: Place, blocks: int, block: int) -> Tensor:
    """True where a query of a block may look: [N, b, 2b]."""

    def places() -> Place:
        first = at.positions_T[0]
        queries_Nb = first + torch.arange(blocks * block, device=first.device).unflatten(0, (blocks, block))
        keys_N2b = torch.cat((queries_Nb - block, queries_Nb), 1)
        return replace(at, positions_T=queries_Nb, keys_S=keys_N2b)

    inside = replace(at.once(("band", block), places), layer=at.layer)
    queries_Nb, keys_N2b = inside.positions_T, inside.keys_S
    assert keys_N2b is not None
    mask_Nb2b = chain.run("on_mask", None, inside)
    past = (queries_Nb[..., None] >= keys_N2b[..., None, :]) & (keys_N2b[..., None, :] >= at.positions_T[0])
    return past if mask_Nb2b is None else mask_Nb2b & past
