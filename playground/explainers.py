"""What the explainers show of an architecture: the numbers a picture that one can drag begins with. Knows no picture.

The browser redraws by formulas of its own while somebody drags; a test holds those against the functions used here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from models.activation.base import Activation, by_rank
from models.architecture import Architecture
from models.feed_forward.base import FeedForward
from models.option import Axis
from models.position.alibi import Alibi
from models.position.rope import Rope
from models.position.sinusoidal import Sinusoidal
from models.position.t5 import T5
from models.span.local import Local
from playground import link

Json = dict[str, Any]
SPAN_LENGTHS = ("window", "stride", "globals", "chunk")
EDGE, POINTS = 6.0, 241  # activations are drawn from -EDGE to EDGE


@dataclass(frozen=True, slots=True)
class Explainer:
    """One picture: the axes it belongs to, an architecture that has it, and what it begins with (None: not this)."""

    id: str
    axes: tuple[str, ...]
    usual: str  # changes of the GPT-2 twin, as links spell them
    begins: Callable[[Architecture], Json | None]
    sublayer: str = ""  # without which there is nothing to see
    formula: str = ""  # where it is not that of the choice


def of(architecture: Architecture) -> Json:
    """`{explainer: {"axes", "title", "formula", "citation", "values"}}` for whatever this architecture has."""
    there = ("", *architecture.layout.sublayers())
    found = {each: each.begins(architecture) for each in EXPLAINERS if each.sublayer in there}
    return {each.id: _about(each, architecture) | {"values": given} for each, given in found.items() if given}


def by_axis(architecture: Architecture) -> dict[str, str]:
    """The explainer of every axis on which this architecture has something to explain."""
    return {axis: id for id, about in of(architecture).items() for axis in about["axes"]}


@cache
def usual() -> Json:
    """The same for all explainers, each of an architecture that has it."""
    return {each.id: of(link.variant(f"gpt-2,{each.usual}").architecture)[each.id] for each in EXPLAINERS}


@cache
def activations() -> list[Json]:
    """Every activation and its slope at `POINTS` places from -EDGE to EDGE, by the model's own function."""
    found = []
    for each in by_rank():
        z = torch.linspace(-EDGE, EDGE, POINTS, requires_grad=True)
        y = each.function(z)
        (slope,) = torch.autograd.grad(y.sum(), z)
        curve = {"y": _short(y), "slope": _short(slope)}
        found.append({"slug": each.slug, "title": each.title, "formula": each.formula, "edge": EDGE, **curve})
    return found


def _about(each: Explainer, architecture: Architecture) -> Json:
    """What is explained, and where it comes from; of a feed-forward sublayer, its activation."""
    choice: Axis | Activation = getattr(architecture, each.axes[0])
    if isinstance(choice, FeedForward):
        choice = choice.function()
    about = {"title": choice.title, "formula": each.formula or choice.formula, "citation": choice.citation}
    return {"axes": each.axes, **about}


def _short(values: torch.Tensor) -> list[float]:
    return [round(value, 5) for value in values.tolist()]


def _rope(architecture: Architecture) -> Json | None:
    position = architecture.position
    if not isinstance(position, Rope):
        return None
    names = ("theta", "fraction", "scaling", "factor", "low", "high", "fast", "slow", "truncate", "attention_factor")
    return {
        **{name: getattr(position, name) for name in names},
        "original": position.original or architecture.shape.context,
        "head": architecture.heads.width(architecture),
        "context": architecture.shape.context,
    }


def _alibi(architecture: Architecture) -> Json | None:
    position = architecture.position
    if not isinstance(position, Alibi):
        return None
    return {"heads": architecture.heads.query, "slopes": position.slopes, "context": architecture.shape.context}


def _t5(architecture: Architecture) -> Json | None:
    position = architecture.position
    return {"buckets": position.buckets, "distance": position.distance} if isinstance(position, T5) else None


def _sinusoidal(architecture: Architecture) -> Json | None:
    there = isinstance(architecture.position, Sinusoidal)
    return {"width": architecture.shape.width, "context": architecture.shape.context} if there else None


def _activation(architecture: Architecture) -> Json:
    feed_forward = architecture.feed_forward
    return {"slug": feed_forward.activation, "gated": feed_forward.matrices == 3}


def _span(architecture: Architecture) -> Json:
    span = architecture.span
    local = [span.local(layer) for layer in range(architecture.shape.layers)]
    lengths = {name: getattr(span, name) for name in SPAN_LENGTHS if hasattr(span, name)}
    kinds = span.slug.split("~") if isinstance(span, Local) else []
    return {"kinds": kinds, "local": local, "context": architecture.shape.context, **lengths}


def _cache(architecture: Architecture) -> Json:
    heads = architecture.heads
    sizes = {"query": heads.query, "kv": heads.kv, "head": heads.width(architecture)}
    return _span(architecture) | sizes


def _cap(architecture: Architecture) -> Json | None:
    caps = {"attention": architecture.attention_cap.cap, "output": architecture.output_cap.cap}
    cap = caps["attention"] or caps["output"]
    return None if cap is None else {"cap": cap, **caps}


def _norm(architecture: Architecture) -> Json | None:
    norm = architecture.norm
    return {"norm": norm.slug, "eps": getattr(norm, "eps", 0.0)} if norm.normalizes else None


KEPT = "2 · layers · kv heads · K · bytes a number, for every token kept"
EXPLAINERS = (
    Explainer("rope", ("position",), "position=rope", _rope, "attention"),
    Explainer("alibi", ("position",), "position=alibi", _alibi, "attention"),
    Explainer("t5", ("position",), "position=t5", _t5, "attention"),
    Explainer("sinusoidal", ("position",), "position=sinusoidal", _sinusoidal),
    Explainer("norm", ("norm",), "norm=rmsnorm", _norm),
    Explainer("activation", ("feed_forward",), "feed_forward=swiglu", _activation, "feed_forward"),
    Explainer("span", ("span",), "span=window,span.window=16", _span, "attention"),
    Explainer(
        "cache", ("heads",), "span=window,span.window=16,span.pattern=alternate", _cache, "attention", formula=KEPT
    ),
    Explainer("cap", ("attention_cap", "output_cap"), "attention_cap=50", _cap),
)
