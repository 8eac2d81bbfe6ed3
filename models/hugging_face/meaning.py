"""What an architecture computes at inference, as values to compare: two ways of saying the same are equal."""

import math
from typing import Any

from models.architecture import Architecture
from models.embedding import factor
from models.option import Axis
from models.position.base import Layered
from models.position.rope import Rope
from models.span.local import Local

TRAINING = ("dropout", "z_loss", "init")  # axes that do not touch inference
TURNING = "position.theta"  # stands for all that says how fast pairs turn


def meaning(architecture: Architecture) -> dict[str, Any]:
    """Every field that changes the logits, by its path, resolved where it may be said in several ways."""
    chosen = {name: choice for name, choice in architecture.choices() if name not in TRAINING}
    found = {name: choice.slug for name, choice in chosen.items() if choice.slug}
    for name, choice in chosen.items():
        found |= {f"{name}.{field}": value for field, value in _parameters(choice)}
    return found | _resolved(architecture) | _rotation(architecture)


def _parameters(choice: Axis) -> list[tuple[str, Any]]:
    skipped = {"option", "ratio", "match"} | (set(Rope.model_fields) - {"fraction", "pairing", "layers"})
    kept = {"temperature", "temperature_length"} if getattr(choice, "temperature", None) else set()
    names = [name for name in type(choice).model_fields if name in kept or name not in skipped]
    return [(name, getattr(choice, name)) for name in names]


def _resolved(architecture: Architecture) -> dict[str, Any]:
    heads, width, layers = architecture.heads, architecture.shape.width, range(architecture.shape.layers)
    found = {
        "heads.head_dim": heads.width(architecture),
        "heads.scale": heads.factor(architecture),
        "feed_forward.size": architecture.feed_forward.hidden(width),
        "embedding.scale": factor(architecture.embedding.scale, width),
        "embedding.logit_scale": factor(architecture.embedding.logit_scale, width),
    }
    if isinstance(architecture.span, Local):
        found["span.pattern"] = tuple(architecture.span.local(layer) for layer in layers)
    if isinstance(architecture.position, Layered):
        found["position.layers"] = tuple(architecture.position.acts(architecture, layer) for layer in layers)
    return found


def _rotation(architecture: Architecture) -> dict[str, Any]:
    position, span = architecture.position, architecture.span
    if not isinstance(position, Rope):
        return {}
    local = [span.local(layer) for layer in range(architecture.shape.layers) if position.acts(architecture, layer)]
    return {TURNING: tuple(position.turning(architecture, here) for here in local)}


def differing(one: Architecture, other: Architecture) -> list[str]:
    """The paths in which the meanings of two architectures differ; of an axis with another option, the axis alone."""
    mine, theirs = meaning(one), meaning(other)
    paths = [path for path in mine | theirs if not _equal(mine.get(path), theirs.get(path))]
    shown = [path for path in paths if path.partition(".")[0] not in paths or "." not in path]
    return [named for path in shown for named in (_turning(one, other) if path == TURNING else [path])]


def _turning(one: Architecture, other: Architecture) -> list[str]:
    """The fields by which two RoPEs come to turn differently."""
    names = [name for name in Rope.model_fields if name != "option"]
    pairs = [(name, getattr(one.position, name), getattr(other.position, name)) for name in names]
    return [f"position.{name}" for name, mine, theirs in pairs if mine != theirs] or [TURNING]


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)
    return one == other
