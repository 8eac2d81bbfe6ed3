"""Arithmetic intensity of running a model: FLOPs for every byte moved. Knows no machine; one has a ratio of its own.

Where a machine computes more FLOPs in the time in which it moves a byte than the model has here, memory bounds it.
Counted is what must be moved in one pass: every matrix and vector once for all sequences of the batch, the rows that
tokens take from tables, and keys and values of the cache. Everything else is taken to stay on the chip, as with fused
kernels, and logits to be computed for every token: so these are upper bounds. After Shazeer 2019, arXiv:1911.02150,
§2.3.1 and §2.4.1; Pope et al. 2022, arXiv:2211.05102, §2.
"""

from models.architecture import Architecture
from models.cost import FLOAT_BYTES, cache_bytes, cost, score_flops
from models.outline import outline


def prefill_intensity(
    architecture: Architecture, length: int, batch: int = 1, bytes_a_number: int = FLOAT_BYTES
) -> float:
    """FLOPs per byte of reading `batch` prompts of `length` tokens at once, scores counted as seen.

    With N numbers in matrices, R in all that is read once, r in the rows of a token, C(T) in the cache of T tokens, and
    P pairs of query and key over the layers: B (2 N T + 4 H K P) / (b (R + B (r T + C(T)))).
    """
    assert length >= 1 and batch >= 1
    at_length = _in_context(architecture, length)
    scores = score_flops(architecture, lambda layer: length * architecture.span.pairs(at_length, layer))
    return _intensity(architecture, length, length, scores, batch) / bytes_a_number


def decode_intensity(
    architecture: Architecture, length: int, batch: int = 1, bytes_a_number: int = FLOAT_BYTES
) -> float:
    """FLOPs per byte of one further token for each of `batch` sequences, which with it are `length` tokens long.

    The cache is read, the new entry written, and every entry scored: B (2 N + 4 H K E) / (b (R + B (r + C))), with E
    entries over the layers and C = 2 G K E. Without the cache it is 2 B / b; of a long one, what H / G says.
    """
    assert length >= 1 and batch >= 1
    scores = score_flops(architecture, lambda layer: architecture.span.kept(layer, length))
    return _intensity(architecture, 1, length, scores, batch) / bytes_a_number


def _intensity(architecture: Architecture, tokens: int, length: int, scores: float, batch: int) -> float:
    """FLOPs per number moved when `tokens` tokens of each of `batch` sequences pass, that are `length` long then."""
    tensors, flops = outline(architecture), cost(architecture).flops
    products = tokens * (flops.total - flops.scores) + scores
    read_once = sum(tensors.learned.values()) - tensors.looked_up
    own = tensors.row * tokens + cache_bytes(architecture, length, bytes_a_number=1)
    return batch * products / (read_once + batch * own)


def _in_context(architecture: Architecture, length: int) -> Architecture:
    shape = architecture.shape.model_copy(update={"context": length})
    return architecture.model_copy(update={"shape": shape})
