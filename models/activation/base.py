"""What an activation owes: its function, its slug, and the name of the gated unit it makes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from models.text import Text


@dataclass(frozen=True, slots=True)
class Activation:
    """A pointwise function; `gated` is the field's name for act(xW) ⊙ xV with it ("swiglu"), empty if there is none."""

    slug: str
    function: Callable[[Tensor], Tensor]
    title: Text
    gated: str
    gated_title: str
    formula: str
    citation: str
    source: str  # the call in source code, of {z}
    definition: str = ""  # what the call needs defined
    rank: int = 100
    alone: bool = True  # is it used without a gate?

    def written(self, z: str) -> str:
        """The function of `z` in source code."""
        return self.source.replace("{z}", z)


ACTIVATIONS: dict[str, Activation] = {}


def register(activation: Activation) -> Activation:
    """Make `activation` known by its slug; a taken slug is a TypeError at import."""
    if activation.slug in ACTIVATIONS:
        raise TypeError(f"there are two activations named {activation.slug!r}")
    ACTIVATIONS[activation.slug] = activation
    return activation


def by_rank() -> list[Activation]:
    """All activations in the order in which they are listed."""
    return sorted(ACTIVATIONS.values(), key=lambda activation: (activation.rank, activation.slug))


@cache
def curve(activation: Activation) -> tuple[float, ...]:
    """The function at 25 points from -3 to 3, for a small picture of it."""
    return tuple(activation.function(torch.linspace(-3, 3, 25)).tolist())
