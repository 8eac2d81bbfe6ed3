"""An architecture's tensors, counted without memory to hold them. Knows how to count, not what a count costs.

What every option builds is counted where it is built, on torch's meta device: there is no formula here to keep equal
to the modules. A deep model is not built whole, that would take longer than a key press may: one block stands for
all, and the parts that options add a layer are counted over one period of the layers' pattern.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from models.architecture import Architecture
from models.attention import needs_explicit
from models.transformer import Transformer

PARTS = ("embedding", "position", "attention", "feed_forward", "norms", "head", "other")
BELONGS = {  # what an axis adds to learn, or another name of the model's own
    "embedding": "embedding",
    "project_in": "embedding",
    "project_out": "embedding",
    "position": "position",
    "placement": "norms",
    "qk_norm": "norms",
    "sink": "attention",
}

Counts = Counter[str]


@dataclass(frozen=True, slots=True)
class Outline:
    """Numbers by part: all that are learned, and those in matrices that every token is multiplied by.

    A table shared with the head is learned in the embedding and multiplied by in the head. `looked_up` are the numbers
    of tables that are read by the row alone, `row` those that one token reads of all tables.
    """

    learned: Counts
    multiplied: Counts
    looked_up: int
    row: int
    explicit: bool  # does attention take the explicit way?


@lru_cache(maxsize=512)
def outline(architecture: Architecture) -> Outline:
    """The tensors of the model that `architecture` describes."""
    with torch.device("meta"), _Undrawn():
        model = Transformer(_with_layers(architecture, 1))
        tally = _Tally().add(model)
        if architecture.shape.layers > 1:
            tally.add(model.blocks, "blocks", architecture.shape.layers - 1)
            _add_parts(tally, architecture, model.parts)
    return Outline(tally.learned, tally.multiplied, tally.looked_up, tally.row, needs_explicit(model.chain))


def period(architecture: Architecture) -> int:
    """Layers after which everything about a layer repeats."""
    return math.lcm(*(choice.period for _, choice in architecture.choices()))


class _Tally:
    """Counts that modules are added to, by the names that they have in the model."""

    def __init__(self) -> None:
        self.learned: Counts = Counter(dict.fromkeys(PARTS, 0))
        self.multiplied: Counts = Counter(dict.fromkeys(PARTS, 0))
        self.looked_up = 0
        self.row = 0

    def add(self, module: nn.Module, prefix: str = "", times: int = 1) -> "_Tally":
        """Count `times` as many as `module` has."""
        for name, weight in module.named_parameters(prefix):
            self.learned[_part(name)] += times * weight.numel()
        tables: dict[int, int] = {}
        for name, part in module.named_modules(prefix=prefix):
            if isinstance(part, nn.Linear):
                self.multiplied[_part(name)] += times * part.weight.numel()
                tables.pop(id(part.weight), None)
            elif isinstance(part, nn.Embedding):
                self.row += times * part.embedding_dim
                tables[id(part.weight)] = times * part.weight.numel()
        self.looked_up += sum(tables.values())
        return self


def _part(name: str) -> str:
    """ "parts.sink.logit" -> "attention", "blocks.0.feed_forward.up" -> "feed_forward"."""
    first, _, rest = name.partition(".")
    if first == "parts":
        first = rest.partition(".")[0]
    elif first == "blocks" and "." in rest:
        first = rest.split(".")[1]
    part = BELONGS.get(first, first)
    return part if part in PARTS else "other"


def _add_parts(tally: _Tally, architecture: Architecture, one: nn.ModuleDict) -> None:
    """What the options hold for all layers, where what they hold for `one` has been counted.

    What a period of the layers' pattern holds more than no layer at all, as often as it repeats, and its beginning.
    """
    step = period(architecture)
    periods, rest = divmod(architecture.shape.layers, step)
    times = Counter({step: periods, 0: -periods})
    times[rest] += 1  # with no layer left over, what there is without any
    times[1] -= 1
    for layers, count in times.items():
        if count:
            tally.add(one if layers == 1 else _parts(architecture, layers), "parts", count)


def _parts(architecture: Architecture, layers: int) -> nn.ModuleDict:
    """What the options build for a model of so many layers."""
    architecture = _with_layers(architecture, layers)
    built = {name: choice.build(architecture) for name, choice in architecture.choices()}
    return nn.ModuleDict({name: part for name, part in built.items() if isinstance(part, nn.Module)})


class _Undrawn(TorchFunctionMode):
    """Leaves out the drawing of starting values, which takes half of the time even where there is no memory to fill."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__module__", "") == nn.init.__name__:
            return kwargs["tensor"] if kwargs and "tensor" in kwargs else args[0]
        return func(*args, **(kwargs or {}))


def _with_layers(architecture: Architecture, layers: int) -> Architecture:
    """The same with so many layers, unchecked: none is as good a number as any to count with."""
    shape = architecture.shape.model_copy(update={"layers": layers})
    return architecture.model_copy(update={"shape": shape})
