"""One block: attention and feed-forward on the residual stream, wired by the layout. Knows no option by name."""

import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from models.attention import Scoring, explicit, fast, needs_explicit, score
from models.band import applies, banded
from models.hooks import Chain, KeyValue, Place

if TYPE_CHECKING:
    from models.architecture import Architecture

UNLIMITED = sys.maxsize  # a length beyond every window


@dataclass(slots=True)
class Pass:
    """One forward pass: the place hooks are told, the cache read and written, the maps if somebody asked for them."""

    at: Place
    past: list[KeyValue] | None = None
    present: list[KeyValue] = field(default_factory=list)
    maps: list[Tensor] | None = None


class Attention(nn.Module):
    """Multi-head attention of one layer: H query heads, G key/value heads, K wide each."""

    def __init__(self, architecture: "Architecture", chain: Chain, layer: int) -> None:
        super().__init__()
        heads, width, bias = architecture.heads, architecture.shape.width, architecture.bias
        self.kept = architecture.span.kept(layer, UNLIMITED)
        self.chain = chain
        self.head_width = heads.width(architecture)
        self.scale = heads.factor(architecture)
        self.dropout = architecture.dropout.rate_at("attention")
        self.query = nn.Linear(width, heads.query * self.head_width, bias.qkv)
        self.key = nn.Linear(width, heads.kv * self.head_width, bias.qkv)
        self.value = nn.Linear(width, heads.kv * self.head_width, bias.qkv)
        self.out = nn.Linear(heads.query * self.head_width, width, bias.attention_out)

    def forward(self, h_BTD: Tensor, run: Pass, at: Place) -> Tensor:
        """What attention adds to the stream, having read `h_BTD`."""
        q, k, v = self.chain.run("on_projection", (self.query(h_BTD), self.key(h_BTD), self.value(h_BTD)), at)
        qk = self._split(q), self._split(k)
        for hook in ("on_heads", "on_rotation", "on_rotated"):
            qk = self.chain.run(hook, qk, at)
        q_BHTK, k_BGTK = qk
        k_BGSK, v_BGSK = self._remember(k_BGTK, self._split(v), run, at)
        keys_S = at.once(("keys", self.kept), lambda: _key_positions(at.positions_T, k_BGSK))
        at = replace(at, keys_S=keys_S, q_BHTK=q_BHTK)
        return self.out(self._attend(q_BHTK, k_BGSK, v_BGSK, run, at).transpose(1, 2).flatten(2))

    def _split(self, x_BTE: Tensor) -> Tensor:
        return x_BTE.unflatten(-1, (-1, self.head_width)).transpose(1, 2)

    def _remember(self, k_BGTK: Tensor, v_BGTK: Tensor, run: Pass, at: Place) -> KeyValue:
        if run.past is None:
            return k_BGTK, v_BGTK
        past_k, past_v = run.past[at.layer]
        kv = torch.cat((past_k, k_BGTK), 2), torch.cat((past_v, v_BGTK), 2)
        run.present.append(self.chain.run("on_cache", kv, at))
        return kv

    def _attend(self, q_BHTK: Tensor, k_BGSK: Tensor, v_BGSK: Tensor, run: Pass, at: Place) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        if run.past is None and run.maps is None and applies(q_BHTK, self.chain, at):
            plain = Scoring(self.chain.run("on_scale", self.scale, at), None, None, dropout=dropout)
            return banded(q_BHTK, k_BGSK, v_BGSK, plain, self.chain, at)
        scoring = score(self.chain, at, self.scale, dropout, causal_only=run.past is None)
        if run.maps is None and not needs_explicit(self.chain):
            return fast(q_BHTK, k_BGSK, v_BGSK, scoring)
        y_BHTK, map_BHTS = explicit(q_BHTK, k_BGSK, v_BGSK, scoring, self.chain, at)
        if run.maps is not None:
            run.maps.append(map_BHTS)
        return y_BHTK


class Block(nn.Module):
    """The sublayers of one layer; the layout's equation says how the stream passes them."""

    def __init__(self, architecture: "Architecture", chain: Chain, layer: int) -> None:
        super().__init__()
        self.chain, self.layer, self.layout = chain, layer, architecture.layout
        present = architecture.layout.sublayers()
        self.attention = Attention(architecture, chain, layer) if "attention" in present else None
        self.feed_forward = architecture.feed_forward.module(architecture) if "feed_forward" in present else None

    def forward(self, x_BTD: Tensor, run: Pass) -> Tensor:
        """The stream after this block."""
        return self.layout.flow(x_BTD, _Wiring(self, run))


@dataclass(slots=True)
class _Wiring:
    """What the layout may ask of the block during one pass."""

    block: Block
    run: Pass

    def _at(self, site: str) -> Place:
        return replace(self.run.at, layer=self.block.layer, site=site)

    def read(self, x_BTD: Tensor, site: str) -> Tensor:
        return self.block.chain.run("on_input", x_BTD, self._at(site))

    def write(self, site: str, h_BTD: Tensor) -> Tensor:
        at, block = self._at(site), self.block
        if site == "attention":
            assert block.attention is not None
            y_BTD = block.attention(h_BTD, self.run, at)
        else:
            assert block.feed_forward is not None
            y_BTD = block.feed_forward(h_BTD)
        return block.chain.run("on_output", y_BTD, at)

    def merge(self, x_BTD: Tensor, y_BTD: Tensor, site: str) -> Tensor:
        return self.block.chain.run("on_residual", x_BTD + y_BTD, self._at(site))


def _key_positions(positions_T: Tensor, k_BGSK: Tensor) -> Tensor:
    """Positions are consecutive, so the keys stand at the S positions up to the last query's."""
    count = k_BGSK.shape[2]
    if count == positions_T.shape[0]:
        return positions_T
    return positions_T[-1] - (count - 1) + torch.arange(count, device=positions_T.device)
