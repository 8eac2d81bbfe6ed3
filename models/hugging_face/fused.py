"""Queries, keys and values that a reference keeps in one matrix. Knows no model type.

Below each other they are a `split`; here they alternate: every group of heads has its own queries, key and value.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from models.architecture import Architecture
from models.hugging_face.weights import Change, Rule, same, split

QKV = ("blocks.{}.attention.query", "blocks.{}.attention.key", "blocks.{}.attention.value")


def stacked(architecture: Architecture, theirs: str, turn: Change = same) -> Rule:
    """All queries, then all keys, then all values."""
    heads = architecture.heads
    rows = [count * heads.width(architecture) for count in (heads.query, heads.kv, heads.kv)]
    return split(QKV, theirs, rows, turn)


def by_group(architecture: Architecture, theirs: str) -> Rule:
    """For every key/value head its queries, then its key, then its value; with as many as queries: q, k, v a head."""
    heads = architecture.heads
    width, groups = heads.width(architecture), heads.kv
    rows = [heads.query // groups * width, width, width]

    def into_ours(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
        parts = tensors[0].unflatten(0, (groups, -1)).split(rows, dim=1)
        return [part.flatten(0, 1) for part in parts]

    def into_theirs(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
        parts = [tensor.unflatten(0, (groups, -1)) for tensor in tensors]
        return [torch.cat(parts, dim=1).flatten(0, 1)]

    return Rule(QKV, (theirs,), into_ours, into_theirs)
