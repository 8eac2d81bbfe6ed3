"""What an architecture costs, before it is built: parameters, FLOPs, cache, memory to train. Knows no machine."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import nn

from models.architecture import Architecture
from models.transformer import Transformer

FLOAT_BYTES = 4
BACKWARD = 3  # forward once, backward twice as much: Kaplan et al. 2020, arXiv:2001.08361, §2.1


@dataclass(frozen=True, slots=True)
class Cost:
    """Costs at float32.

    FLOPs count a multiplication and an addition as two; per token at full context, causal scores counted as seen.
    """

    parameters: int
    forward_flops_per_token: float
    training_flops_per_token: float
    cache_bytes_per_token: int
    training_bytes: int


@lru_cache(maxsize=512)
def cost(architecture: Architecture, batch: int = 12) -> Cost:
    """The costs of `architecture`; `training_bytes` at `batch` sequences of its context."""
    skeleton = _skeleton(architecture)
    parameters = sum(p.numel() for p in skeleton.parameters())
    forward = (
        _matrix_flops(skeleton)
        + _score_flops(architecture)
        + sum(choice.flops(architecture) for _, choice in architecture.choices())
    )
    state = 4 * FLOAT_BYTES * parameters  # weights, gradients, two moments of AdamW
    return Cost(
        parameters,
        forward,
        BACKWARD * forward,
        cache_bytes(architecture, 1),
        state + _activation_bytes(architecture, batch),
    )


def parameters(architecture: Architecture) -> int:
    """How many numbers the built model learns; a tied table counts once."""
    return cost(architecture).parameters


def cache_bytes(architecture: Architecture, length: int) -> int:
    """Bytes of keys and values, float32, that one sequence of `length` tokens keeps."""
    heads = architecture.heads
    layers = architecture.shape.layers if architecture.layout.attention else 0
    entry = 2 * heads.kv * heads.width(architecture) * FLOAT_BYTES
    return entry * sum(architecture.span.kept(layer, length) for layer in range(layers))


def _skeleton(architecture: Architecture) -> Transformer:
    with torch.device("meta"):
        return Transformer(architecture)


def _matrix_flops(skeleton: Transformer) -> float:
    return 2.0 * sum(module.weight.numel() for module in skeleton.modules() if isinstance(module, nn.Linear))


def _score_flops(architecture: Architecture) -> float:
    heads = architecture.heads
    layers = architecture.shape.layers if architecture.layout.attention else 0
    pairs = sum(architecture.span.pairs(architecture, layer) for layer in range(layers))
    return 4.0 * heads.query * heads.width(architecture) * pairs


def _activation_bytes(architecture: Architecture, batch: int) -> int:
    """What backward needs of one step: a rough count of the tensors that autograd keeps, the logits included."""
    shape, heads = architecture.shape, architecture.heads
    head_numbers = heads.query * heads.width(architecture)
    attention = (
        (6 * shape.width + 4 * head_numbers + 2 * heads.query * shape.context) if architecture.layout.attention else 0
    )
    hidden = architecture.feed_forward.hidden(shape.width) * architecture.feed_forward.matrices
    feed_forward = (4 * shape.width + 2 * hidden) if architecture.layout.feed_forward else 0
    per_token = shape.layers * (attention + feed_forward) + 3 * shape.vocabulary
    return FLOAT_BYTES * batch * shape.context * per_token
