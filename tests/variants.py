"""Small architectures, one change each, over everything there is to choose: what a test of every option iterates over.

Read from the registries, so an option, a parameter or an activation added tomorrow is in the list. Knows no option by
name but the base's.
"""

import contextlib
from functools import cache

import torch
from pairwise import factors
from torch import Tensor

from models.architecture import Architecture
from models.initialize import initialize, unit_normal
from models.spelling import change
from models.text import Refusal
from models.transformer import Transformer

LAYERS, CONTEXT, VOCABULARY = 2, 40, 37
BASE = {
    "shape.layers": "2",
    "shape.width": "24",
    "shape.context": "40",
    "shape.vocabulary": "37",
    "heads.kv": "2",
    "heads.head_dim": "8",
    "bias": "all",
}


@cache
def variants() -> dict[str, Architecture]:
    """By spelling: every word of every axis, and every level of every parameter under each option that has it."""
    wanted: dict[str, dict[str, str]] = {"base": {}}
    for axis, cls in Architecture.axes().items():
        wanted |= {f"{axis}={word}": {axis: word} for word in (*cls.words(), *cls.options())}
    for factor in factors():
        for level in factor.levels if "." in factor.name else ():
            for option in factor.owners or ("",):
                chosen = {factor.axis: option} if option else {}
                wanted[",".join(f"{name}={value}" for name, value in (chosen | {factor.name: level}).items())] = {
                    **chosen,
                    factor.name: level,
                }
    built = {_with_what_it_needs(changes): spelt for spelt, changes in reversed(wanted.items())}
    return {spelt: architecture for architecture, spelt in reversed(built.items())}


def _with_what_it_needs(changes: dict[str, str]) -> Architecture:
    """The base with `changes`; where that is refused, with the first other value of a field that the refusal names."""
    try:
        return change(Architecture(), BASE | changes)
    except Refusal as refusal:
        others = [factor for factor in factors() if factor.name in refusal.fields and factor.name not in changes]
        for factor in others:
            for level in factor.levels:
                with contextlib.suppress(Refusal):
                    return change(Architecture(), BASE | changes | {factor.name: level})
        raise


@torch.no_grad()
def randomized(architecture: Architecture, seed: int = 0) -> Transformer:
    """A model whose every parameter is random, norms and biases included; in evaluation mode."""
    model = initialize(Transformer(architecture), seed)
    for name, weight in model.named_parameters():
        vector = weight.dim() < 2
        weight += (0.3 if vector else 0.1) * unit_normal(seed, f"{name} more", weight)
    return model.eval()


def some_ids(batch: int = 2, length: int = CONTEXT, seed: int = 1) -> Tensor:
    """Random ids [batch, length]."""
    return torch.randint(0, VOCABULARY, (batch, length), generator=torch.Generator().manual_seed(seed))
