"""What an architecture costs, before it is built: parameters, FLOPs, cache, memory to train. Knows no machine."""

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
    count = _counted(architecture)
    forward = (
        2.0 * count.in_matrices
        + _score_flops(architecture)
        + sum(choice.flops(architecture) for _, choice in architecture.choices())
    )
    state = 4 * FLOAT_BYTES * count.parameters  # weights, gradients, two moments of AdamW
    return Cost(
        count.parameters,
        forward,
        BACKWARD * forward,
        cache_bytes(architecture, 1),
        state + _activation_bytes(architecture, batch, count.explicit),
    )


def parameters(architecture: Architecture) -> int:
    """How many numbers the built model learns; a tied table counts once."""
    return cost(architecture).parameters


def cache_bytes(architecture: Architecture, length: int) -> int:
    """Bytes of keys and values, float32, that one sequence of `length` tokens keeps."""
    heads = architecture.heads
    entry = 2 * heads.kv * heads.width(architecture) * FLOAT_BYTES
    return entry * sum(architecture.span.kept(layer, length) for layer in range(architecture.attention_layers))


@dataclass(frozen=True, slots=True)
class _Count:
    """Numbers learned, those of them in matrices that a token is multiplied by, and which attention it takes."""

    parameters: int
    in_matrices: int
    explicit: bool


def _counted(architecture: Architecture) -> _Count:
    """Counted on models of one layer and of two: every further layer holds as many as the second.

    Building all of a deep model would take longer than a key press may.
    """
    layers = architecture.shape.layers
    if layers <= 2:
        return _counted_whole(architecture)
    one, two = (_counted_whole(_with_layers(architecture, few)) for few in (1, 2))
    return _Count(
        one.parameters + (layers - 1) * (two.parameters - one.parameters),
        one.in_matrices + (layers - 1) * (two.in_matrices - one.in_matrices),
        two.explicit,
    )


def _counted_whole(architecture: Architecture) -> _Count:
    with torch.device("meta"), _Undrawn():
        skeleton = Transformer(architecture)
    matrices = (module.weight.numel() for module in skeleton.modules() if isinstance(module, nn.Linear))
    learned = (weight.numel() for weight in skeleton.parameters())
    return _Count(sum(learned), sum(matrices), needs_explicit(skeleton.chain))


class _Undrawn(TorchFunctionMode):
    """Leaves out the drawing of starting values, which takes half of the time even where there is no memory to fill."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__module__", "") == nn.init.__name__:
            return kwargs["tensor"] if kwargs and "tensor" in kwargs else args[0]
        return func(*args, **(kwargs or {}))


def _with_layers(architecture: Architecture, layers: int) -> Architecture:
    shape = architecture.shape.model_copy(update={"layers": layers})
    return architecture.model_copy(update={"shape": shape})


def _score_flops(architecture: Architecture) -> float:
    heads = architecture.heads
    pairs = sum(architecture.span.pairs(architecture, layer) for layer in range(architecture.attention_layers))
    return 4.0 * heads.query * heads.width(architecture) * pairs


def _activation_bytes(architecture: Architecture, batch: int, explicit: bool) -> int:
    """What backward needs of one step: a rough count of the tensors that autograd keeps, the logits included.

    A sublayer keeps what its norm reads and gives; attention q, k, v and its output twice; the explicit way its scores
    and weights too; feed-forward every matrix's input and what the activation reads.
    """
    shape, heads = architecture.shape, architecture.heads
    attention = 2 * shape.width + (3 * heads.query + 2 * heads.kv) * heads.width(architecture)
    maps = 2 * heads.query * shape.context if explicit else 0
    hidden = 2 * (architecture.feed_forward.matrices - 1) * architecture.feed_forward.hidden(shape.width)
    layers = shape.layers if architecture.layout.feed_forward else 0
    per_token = architecture.attention_layers * (attention + maps) + layers * (2 * shape.width + hidden)
    return FLOAT_BYTES * batch * shape.context * (per_token + 2 * shape.width + shape.vocabulary)
