"""What an architecture costs, before it is built: parameters, FLOPs, cache, memory to train. Knows no machine."""

from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import lru_cache

from models.architecture import Architecture
from models.outline import Outline, outline, period

FLOAT_BYTES = 4
BACKWARD = 3  # forward once, backward twice as much: Kaplan et al. 2020, arXiv:2001.08361, §2.1


@dataclass(frozen=True, slots=True)
class Parameters:
    """How many numbers are learned in each part of a model; a table that the head shares counts as embedding."""

    embedding: int
    position: int
    attention: int
    feed_forward: int
    norms: int  # those on queries and keys too
    head: int
    other: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(astuple(self))


@dataclass(frozen=True, slots=True)
class Flops:
    """Forward FLOPs of one token: a multiplication and an addition are two, and only matrix products count."""

    projections: float  # of attention: to queries, keys, values, and back to the stream
    scores: float  # q·k and the weighted sum of values
    feed_forward: float
    head: float
    other: float

    @property
    def total(self) -> float:
        """All of them."""
        return sum(astuple(self))


@dataclass(frozen=True, slots=True)
class Cost:
    """Costs of a model whose numbers have `FLOAT_BYTES` bytes unless another size was asked for.

    FLOPs are those of a token on average over one sequence of the full context. In `flops`, scores count as seen: the
    pairs of query and key that the mask lets through. In `dense_flops` every query meets every key, which is what a
    kernel does that computes the whole square and masks it then.
    """

    by_part: Parameters
    flops: Flops
    dense_flops: Flops
    cache_bytes_per_token: int  # of a text as long as the context: a window saves what it does not keep, rounded
    state_bytes: int  # weights, gradients, two moments of AdamW
    activation_bytes: int  # what backward needs of one step

    @property
    def parameters(self) -> int:
        """How many numbers the model learns."""
        return self.by_part.total

    @property
    def forward_flops_per_token(self) -> float:
        """Scores counted as seen."""
        return self.flops.total

    @property
    def training_flops_per_token(self) -> float:
        """Forward and backward, scores counted as seen."""
        return BACKWARD * self.flops.total

    @property
    def training_bytes(self) -> int:
        """Memory that training takes: the state and the activations of one step."""
        return self.state_bytes + self.activation_bytes


@lru_cache(maxsize=512)
def cost(architecture: Architecture, batch: int = 12, bytes_a_number: int = FLOAT_BYTES) -> Cost:
    """The costs of `architecture`; activations are those of `batch` sequences of its context."""
    tensors, context = outline(architecture), architecture.shape.context
    by_part = Parameters(**tensors.learned)
    return Cost(
        by_part=by_part,
        flops=_flops(tensors, score_flops(architecture, lambda layer: architecture.span.pairs(architecture, layer))),
        dense_flops=_flops(tensors, score_flops(architecture, lambda layer: context)),
        cache_bytes_per_token=round(cache_bytes(architecture, context, bytes_a_number) / context),
        state_bytes=4 * bytes_a_number * by_part.total,
        activation_bytes=bytes_a_number * batch * context * _kept_per_token(architecture, tensors.explicit),
    )


def parameters(architecture: Architecture) -> int:
    """How many numbers the built model learns; a tied table counts once."""
    return sum(outline(architecture).learned.values())


def cache_bytes(architecture: Architecture, length: int, bytes_a_number: int = FLOAT_BYTES) -> int:
    """Bytes of keys and values that one sequence of `length` tokens keeps; a layer with a window keeps no more."""
    heads = architecture.heads
    entry = 2 * heads.kv * heads.width(architecture) * bytes_a_number
    return entry * int(_over_layers(architecture, lambda layer: architecture.span.kept(layer, length)))


def score_flops(architecture: Architecture, pairs: Callable[[int], float]) -> float:
    """FLOPs of scores and of the sums that they weight, in all heads; `pairs` of query and key by layer."""
    heads, choices = architecture.heads, list(architecture.choices())
    each = 4.0 * heads.query * heads.width(architecture)

    def of_layer(layer: int) -> float:
        return pairs(layer) * (each + sum(choice.pair_flops(architecture, layer) for _, choice in choices))

    return _over_layers(architecture, of_layer)


def _over_layers(architecture: Architecture, of_layer: Callable[[int], float]) -> float:
    """A sum over the layers that have attention; what repeats with the pattern of layers is asked for once."""
    layers, step = architecture.attention_layers, period(architecture)
    return sum(of_layer(layer) * len(range(layer, layers, step)) for layer in range(min(step, layers)))


def _flops(tensors: Outline, scores: float) -> Flops:
    products = {part: 2.0 * count for part, count in tensors.multiplied.items()}
    projections, feed_forward, head = (products.pop(part) for part in ("attention", "feed_forward", "head"))
    return Flops(projections, scores, feed_forward, head, other=sum(products.values()))


def _kept_per_token(architecture: Architecture, explicit: bool) -> int:
    """Numbers a token that autograd keeps for backward: a rough count, the logits included.

    A sublayer keeps what its norm reads and gives; attention q, k, v and its output twice; the explicit way its scores
    and weights too; feed-forward every matrix's input and what the activation reads.
    """
    shape, heads = architecture.shape, architecture.heads
    attention = 2 * shape.width + (3 * heads.query + 2 * heads.kv) * heads.width(architecture)
    maps = 2 * heads.query * shape.context if explicit else 0
    hidden = 2 * (architecture.feed_forward.matrices - 1) * architecture.feed_forward.hidden(shape.width)
    layers = shape.layers if architecture.layout.feed_forward else 0
    per_token = architecture.attention_layers * (attention + maps) + layers * (2 * shape.width + hidden)
    return per_token + 2 * shape.width + shape.vocabulary
