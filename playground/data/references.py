"""What simple models reach on the validation part: the lines a loss curve is read against. Counts tokens, no more."""

from math import log

import numpy as np
from numpy.typing import NDArray

from models.text import Text
from playground.data.base import Corpus
from playground.tokenizer import Tokenizer

Ids = NDArray[np.int32]

LABELS = {
    "uniform": Text("uniform: ln V", "均匀分布：ln V"),
    "unigram": Text("unigram", "一元模型"),
    "bigram": Text("bigram", "二元模型"),
    "chance": Text("guessing among the answers", "在可能的答案中随机猜测"),
    "entropy": Text("entropy (exact, whole stories)", "熵（精确值，以整篇故事计）"),
}


def reference_lines(corpus: Corpus, tokenizer: Tokenizer, train: Ids, validation: Ids) -> dict[str, float]:
    """Nats per token on the validation part: `uniform` (ln V), `unigram`, `bigram` and, where known, `entropy`.

    Both models are fitted on the train part. Unigram: add-one counts. Bigram: Witten-Bell, which backs off to that
    unigram in proportion to the number of different successors seen (Chen & Goodman 1996, section 2.5).
    """
    lines = {
        "uniform": log(tokenizer.vocabulary),
        "unigram": unigram(train, validation, tokenizer.vocabulary),
        "bigram": bigram(train, validation, tokenizer.vocabulary),
    }
    floor = entropy_per_token(corpus, validation)
    return lines if floor is None else {**lines, "entropy": floor}


def entropy_per_token(corpus: Corpus, validation: Ids) -> float | None:
    """The corpus' entropy of whole stories, from nats per character to nats per token of the validation part."""
    return None if corpus.entropy is None else corpus.entropy * len(corpus.validation) / len(validation)


def unigram(train: Ids, validation: Ids, vocabulary: int) -> float:
    """Cross-entropy of add-one unigram counts, in nats per token; the first token is left out, nothing predicts it."""
    return float(-np.log(_unigram(train, vocabulary)[validation[1:]]).mean())


def bigram(train: Ids, validation: Ids, vocabulary: int) -> float:
    """Cross-entropy of a Witten-Bell bigram model, in nats per token.

    p(b | a) = (c(ab) + n(a) p(b)) / (c(a) + n(a)), where n(a) is the number of different tokens seen after a, and p(b)
    the unigram's; p(b) alone where a was never seen.
    """
    pairs, counts = np.unique(_pairs(train, vocabulary), return_counts=True)
    before = pairs // vocabulary
    seen = np.bincount(before, weights=counts, minlength=vocabulary)
    different = np.bincount(before, minlength=vocabulary)
    wanted = _pairs(validation, vocabulary)
    at = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
    count = np.where(pairs[at] == wanted, counts[at], 0)
    a, p = validation[:-1], _unigram(train, vocabulary)[validation[1:]]
    total = seen[a] + different[a]
    return float(-np.log(np.where(total > 0, (count + different[a] * p) / np.maximum(total, 1), p)).mean())


def _unigram(ids: Ids, vocabulary: int) -> NDArray[np.float64]:
    return (np.bincount(ids, minlength=vocabulary) + 1) / (len(ids) + vocabulary)


def _pairs(ids: Ids, vocabulary: int) -> NDArray[np.int64]:
    return ids[:-1].astype(np.int64) * vocabulary + ids[1:]
