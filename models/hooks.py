"""Every place where an option may act on the forward pass. Knows no option.

A hook takes a value and where it is (`Place`), and returns the value; all default to the identity. The model runs
each hook always, over all parts in the order of `Architecture`'s fields, so that nowhere on the way forward it is asked
which option that is. Shapes: see docs/architecture.md.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
from torch import Tensor

Value = TypeVar("Value")
QueryKey = tuple[Tensor, Tensor]
QueryKeyValue = tuple[Tensor, Tensor, Tensor]
KeyValue = tuple[Tensor, Tensor]


@dataclass(slots=True)
class Place:
    """Where in one forward pass a hook is called.

    `positions_T` are the absolute positions of the tokens at hand; `keys_S` those of the keys, once the cache is
    joined: one tensor for all layers that keep equally many. `site` names a sublayer ("attention", "feed_forward") or
    "shared" where a parallel block has one norm or one sum. `scale` is the factor between q·k and the score, once the
    score is made.
    """

    positions_T: Tensor
    layer: int = -1
    site: str = ""
    keys_S: Tensor | None = None
    q_BHTK: Tensor | None = None
    scale: float = 1.0
    memo: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What `make` returns, computed once per forward pass: rotations and masks are the same in many layers."""
        if key not in self.memo:
            self.memo[key] = make()
        return self.memo[key]

    def once_for_keys(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """`once` for what depends on the keys' positions; by identity, since export cannot hash a size."""
        return self.once((key, id(self.keys_S)), make)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the loss is taken of: the logits of N tokens, and which of these count."""

    logits_NV: Tensor
    counted_N: Tensor

    def mean(self, values_N: Tensor) -> Tensor:
        """The mean over the tokens that count: by a mask, since picking them out gives tensors of unknown size."""
        return torch.where(self.counted_N, values_N, 0.0).sum() / self.counted_N.sum()


class Hooks:
    """The hooks, in the order in which a forward pass meets them."""

    def on_embedding(self, x_BTD: Tensor, at: Place) -> Tensor:
        """The embedded tokens, before the first block."""
        return x_BTD

    def on_input(self, x_BTD: Tensor, at: Place) -> Tensor:
        """What a sublayer reads from the residual stream."""
        return x_BTD

    def on_projection(self, qkv: QueryKeyValue, at: Place) -> QueryKeyValue:
        """Queries, keys and values at full width, [B, T, heads · K], before they are split into heads."""
        return qkv

    def on_heads(self, qk: QueryKey, at: Place) -> QueryKey:
        """q_BHTK and k_BGTK, before rotation."""
        return qk

    def on_rotation(self, qk: QueryKey, at: Place) -> QueryKey:
        """q_BHTK and k_BGTK, rotated by their positions."""
        return qk

    def on_rotated(self, qk: QueryKey, at: Place) -> QueryKey:
        """q_BHTK and k_BGTK, after rotation; the keys are cached as they come out of here."""
        return qk

    def on_cache(self, kv: KeyValue, at: Place) -> KeyValue:
        """k_BGSK and v_BGSK, past and present: the entries a later token may still need."""
        return kv

    def on_scale(self, scale: float, at: Place) -> float:
        """The factor between q·k and the score."""
        return scale

    def on_cap(self, scores_BHTS: Tensor, at: Place) -> Tensor:
        """Scaled scores, before bias and mask. A part that acts here needs the explicit attention."""
        return scores_BHTS

    def on_bias(self, bias_HTS: Tensor | None, at: Place) -> Tensor | None:
        """What is added to the scaled scores; broadcasts to [B, H, T, S]. None: nothing."""
        return bias_HTS

    def on_mask(self, mask_TS: Tensor | None, at: Place) -> Tensor | None:
        """True where a query may look, beside causality. None: everywhere."""
        return mask_TS

    def on_reach(self, reach: int | None, at: Place) -> int | None:
        """How many tokens back a query looks at most, itself counted. None: to the first."""
        return reach

    def on_sink(self, sink_H: Tensor | None, at: Place) -> Tensor | None:
        """Logits of an extra softmax column that carries no value.

        A part that acts here needs the explicit attention.
        """
        return sink_H

    def on_output(self, y_BTD: Tensor, at: Place) -> Tensor:
        """What a sublayer is about to add to the residual stream."""
        return y_BTD

    def on_residual(self, x_BTD: Tensor, at: Place) -> Tensor:
        """The residual stream after an addition."""
        return x_BTD

    def on_final(self, x_BTD: Tensor, at: Place) -> Tensor:
        """The residual stream after the last block, before the head."""
        return x_BTD

    def on_logits(self, logits_BTV: Tensor, at: Place) -> Tensor:
        """The logits as they leave the head."""
        return logits_BTV

    def on_loss(self, loss: Tensor, answers: "Answers") -> Tensor:
        """The training loss: nats per token, mean over the tokens that count; evaluation leaves it out."""
        return loss

    def on_init(self, std: float, matrix: "Matrix") -> float:
        """The standard deviation that a matrix starts with."""
        return std


@dataclass(frozen=True, slots=True)
class Matrix:
    """What initialization may know of a matrix.

    Its name in the state dict, fans, and whether it writes to the residual stream.
    """

    name: str
    fan_in: int
    fan_out: int
    writes_residual: bool
    layers: int


HOOKS = tuple(name for name in vars(Hooks) if name.startswith("on_"))


class Chain:
    """For every hook, the parts that override it, in order."""

    def __init__(self, parts: Sequence[Hooks]) -> None:
        self.parts = list(parts)
        self.acts = _acting(self.parts)

    def exchange(self, other: Callable[[Hooks], Hooks]) -> None:
        """Let `other(part)` act wherever `part` did: the same computation, spelt otherwise."""
        self.parts = [other(part) for part in self.parts]
        self.acts = _acting(self.parts)

    def run(self, hook: str, value: Value, at: Any) -> Value:
        """`value` passed through every part that acts at `hook`."""
        for act in self.acts[hook]:
            value = act(value, at)
        return value

    def acts_at(self, hook: str) -> bool:
        """Does any part act at `hook`?"""
        return bool(self.acts[hook])


def _acting(parts: Sequence[Hooks]) -> dict[str, list[Any]]:
    return {hook: [getattr(part, hook) for part in parts if _overrides(part, hook)] for hook in HOOKS}


def _overrides(part: Hooks, hook: str) -> bool:
    return getattr(type(part), hook) is not getattr(Hooks, hook)
