"""How weights go by two names: rules between a reference's state dict and ours, read in either direction.

Knows no model type. A rule names tensors without their last part: `.weight` and `.bias` follow by themselves.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

Change = Callable[[Sequence[Tensor]], Sequence[Tensor]]
State = Mapping[str, Tensor]
ENDINGS = ("", ".weight", ".bias")


def same(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
    """The tensors as they are."""
    return tensors


def transposed(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
    """Matrices kept as [in, out] instead of [out, in]; vectors as they are. Its own inverse."""
    return [tensor.T if tensor.dim() == 2 else tensor for tensor in tensors]


@dataclass(frozen=True, slots=True)
class Rule:
    """`ours` are made of `theirs` by `into_ours`, and `theirs` of `ours` by `into_theirs`; `{}` is the layer."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    into_ours: Change = same
    into_theirs: Change = same


class Names(NamedTuple):
    """A rule for one layer and one ending."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    rule: Rule


def renamed(table: Mapping[str, str], change: Change = same) -> tuple[Rule, ...]:
    """Rules for tensors that differ in name only, or by a change that undoes itself: {ours: theirs}."""
    return tuple(Rule((ours,), (theirs,), change, change) for ours, theirs in table.items())


def split(ours: tuple[str, ...], theirs: str, sizes: Sequence[int], turn: Change = same) -> Rule:
    """One tensor of theirs holds several of ours below each other, `sizes` rows each; `turn` it first."""
    return Rule(
        ours,
        (theirs,),
        lambda tensors: turn(tensors)[0].split(tuple(sizes)),
        lambda tensors: turn([torch.cat(tuple(tensors))]),
    )


def into_ours(state: State, rules: Iterable[Rule], layers: int) -> tuple[dict[str, Tensor], list[str]]:
    """Our tensors, made of those in `state`, and the names in `state` that no rule reads."""
    made: dict[str, Tensor] = {}
    left = dict.fromkeys(state)
    for ours, theirs, rule in _applied(rules, layers):
        present = [name in state for name in theirs]
        if any(present):
            assert all(present), f"only some of {theirs} are there"
            made |= zip(ours, rule.into_ours([state[name] for name in theirs]), strict=True)
            for name in theirs:
                left.pop(name, None)
    return made, list(left)


def into_theirs(state: State, rules: Iterable[Rule], layers: int) -> dict[str, Tensor]:
    """Their tensors, made of all those in `state`, which are ours."""
    made: dict[str, Tensor] = {}
    left = set(state)
    for ours, theirs, rule in _applied(rules, layers):
        if ours[0] in state:
            made |= zip(theirs, rule.into_theirs([state[name] for name in ours]), strict=True)
            left.difference_update(ours)
    assert not left, f"no rule writes {sorted(left)}"
    return made


def _applied(rules: Iterable[Rule], layers: int) -> Iterator[Names]:
    for rule in rules:
        for layer in range(layers) if "{}" in rule.ours[0] else (0,):
            for ending in ENDINGS:
                yield Names(_full(rule.ours, layer, ending), _full(rule.theirs, layer, ending), rule)


def _full(names: tuple[str, ...], layer: int, ending: str) -> tuple[str, ...]:
    return tuple(name.format(layer) + ending for name in names)
