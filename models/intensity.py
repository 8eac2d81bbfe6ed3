"""Arithmetic intensity of running a model: FLOPs for every byte moved. Knows no machine; one has a ratio of its own.

Where a machine computes more FLOPs in the time in which it moves a byte than the model has here, memory bounds it.
Counted is what must be moved in one pass: every matrix and vector once for all sequences of the batch, the rows that
tokens take from tables, and keys and values of the cache. Everything else is taken to stay on the chip, as with fused
kernels, and logits to be computed for every token: so these are upper bounds. After Shazeer 2019, arXiv:1911.02150,
§2.3.1 and §2.4.1; Pope et al. 2022, arXiv:2211.05102, §2.
"""

from dataclasses import dataclass

from models.architecture import Architecture
from models.cost import FLOAT_BYTES, cache_bytes, cost, score_flops
from models.outline import outline

UPDATE = 10  # numbers moved for each that is learned, see `training_work`


@dataclass(frozen=True, slots=True)
class Work:
    """What one pass computes and moves."""

    flops: float
    numbers: float

    def intensity(self, bytes_a_number: int = FLOAT_BYTES) -> float:
        """FLOPs per byte."""
        return self.flops / self.numbers / bytes_a_number


def prefill_intensity(
    architecture: Architecture, length: int, batch: int = 1, bytes_a_number: int = FLOAT_BYTES
) -> float:
    """FLOPs per byte of reading `batch` prompts of `length` tokens at once; see `prefill_work`."""
    return prefill_work(architecture, length, batch).intensity(bytes_a_number)


def decode_intensity(
    architecture: Architecture, length: int, batch: int = 1, bytes_a_number: int = FLOAT_BYTES
) -> float:
    """FLOPs per byte of one further token for each of `batch` sequences; see `decode_work`."""
    return decode_work(architecture, length, batch).intensity(bytes_a_number)


def training_work(architecture: Architecture, batch: int) -> Work:
    """One step of training on `batch` sequences of the context.

    Three times the forward FLOPs. Every parameter is read forward and backward, its gradient written; then AdamW reads
    parameter, gradient and two moments, and writes all but the gradient: 10 numbers. What backward needs is written and
    read once.
    """
    assert batch >= 1
    costs = cost(architecture, batch)
    kept = costs.activation_bytes / FLOAT_BYTES
    flops = batch * architecture.shape.context * costs.training_flops_per_token
    return Work(flops, UPDATE * costs.parameters + 2 * kept)


def prefill_work(architecture: Architecture, length: int, batch: int = 1) -> Work:
    """Reading `batch` prompts of `length` tokens at once, scores counted as seen.

    With N numbers in matrices, R in all that is read once, r in the rows of a token, C(T) in the cache of T tokens, and
    P pairs of query and key over the layers: B (2 N T + 4 H K P) FLOPs, R + B (r T + C(T)) numbers.
    """
    assert length >= 1 and batch >= 1
    at_length = _in_context(architecture, length)
    scores = score_flops(architecture, lambda layer: length * architecture.span.pairs(at_length, layer))
    return _work(architecture, length, length, scores, batch)


def decode_work(architecture: Architecture, length: int, batch: int = 1) -> Work:
    """One further token for each of `batch` sequences, which with it are `length` tokens long.

    The cache is read, the new entry written, and every entry scored: B (2 N + 4 H K E) FLOPs, R + B (r + C) numbers,
    with E entries over the layers and C = 2 G K E. Without the cache 2 B FLOPs a number; of a long one, what H / G
    says.
    """
    assert length >= 1 and batch >= 1
    scores = score_flops(architecture, lambda layer: architecture.span.kept(layer, length))
    return _work(architecture, 1, length, scores, batch)


def _work(architecture: Architecture, tokens: int, length: int, scores: float, batch: int) -> Work:
    """What passes when `tokens` tokens of each of `batch` sequences do, that are `length` long then."""
    tensors, flops = outline(architecture), cost(architecture).flops
    products = tokens * (flops.total - flops.scores) + scores
    read_once = sum(tensors.learned.values()) - tensors.looked_up
    own = tensors.row * tokens + cache_bytes(architecture, length, bytes_a_number=1)
    return Work(batch * products, read_once + batch * own)


def _in_context(architecture: Architecture, length: int) -> Architecture:
    shape = architecture.shape.model_copy(update={"context": length})
    return architecture.model_copy(update={"shape": shape})
