"""Text as a task: tokens, batches drawn by (seed, t) alone, and the validation part window by window.

A window starts at a place in the text, not at a token's number: variants with other contexts or tokenizers read the
same stretches. Knows nothing of where the text came from.
"""

from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.text import Refusal, Text
from playground.data.base import Corpus, Task
from playground.data.draw import fractions
from playground.data.references import entropy_per_token, reference_lines
from playground.tokenizer import Bytes, Tokenizer, characters_of, train_bpe

if TYPE_CHECKING:
    from torch import Tensor

VALIDATION_TARGETS = 8192
"""Targets in one batch of the validation part; it bounds memory, nothing else."""
QUICK_TARGETS = 4096
"""Targets of the quick look at the validation part."""


@lru_cache(maxsize=4)
def tokenizer_for(corpus: Corpus, kind: str, vocabulary: int) -> Tokenizer:
    """The tokenizer of a corpus. BPE learns from the train part alone; the alphabet is that of both parts, as in
    nanoGPT, so that no character of the validation part is lost and its bits per byte mean what they say.

    Raises:
        Refusal: an unknown kind, or a vocabulary too small for BPE.
    """
    if kind == "bytes":
        return Bytes()
    if kind == "characters":
        return characters_of(corpus.text + corpus.validation)
    if kind != "bpe":
        raise Refusal(NO_SUCH_TOKENIZER.format(kind=kind), "recipe.tokenizer")
    if vocabulary < 257:
        raise Refusal(VOCABULARY_TOO_SMALL.format(vocabulary=vocabulary), "shape.vocabulary", "recipe.tokenizer")
    return train_bpe(corpus.text, vocabulary)


class Batches(Task):
    """A corpus as a task. `batch` rows of `context` tokens each."""

    def __init__(self, corpus: Corpus, tokenizer: Tokenizer, context: int, batch: int) -> None:
        self.corpus, self.tokenizer, self.context, self.batch_size = corpus, tokenizer, context, batch
        self.name, self.hash, self.vocabulary = corpus.name, corpus.hash, tokenizer.vocabulary
        self.train_ids = np.array(tokenizer.encode(corpus.text), dtype=np.int32)
        self.validation_ids = np.array(tokenizer.encode(corpus.validation), dtype=np.int32)
        if len(self.train_ids) <= context or len(self.validation_ids) < 2:
            raise Refusal(self._too_short(), "recipe.data", "shape.context")
        lengths = np.array([len(token) for token in tokenizer.token_bytes])
        ends = np.cumsum(lengths[self.train_ids])
        self.bytes_per_token = len(corpus.validation.encode()) / len(self.validation_ids)
        self.characters_per_token = len(corpus.validation) / len(self.validation_ids)
        self.entropy = entropy_per_token(corpus, self.validation_ids)
        self._bytes, self._starts = int(ends[-1]), ends - lengths[self.train_ids]

    @cached_property
    def references(self) -> dict[str, float]:
        """See `reference_lines`."""
        return reference_lines(self.corpus, self.tokenizer, self.train_ids, self.validation_ids)

    def batch(self, seed: int, t: int) -> "tuple[Tensor, Tensor]":
        """`ids_BT`, `targets_BT` of step t: each row begins at the token over a place drawn by (seed, t) alone.

        A place closer to the end than a context gives the last whole window.
        """
        places = (fractions(seed, t, shape=(self.batch_size,)) * self._bytes).astype(np.int64)
        first = np.searchsorted(self._starts, places, side="right") - 1
        first = np.minimum(first, len(self.train_ids) - self.context - 1)
        return _tensors(self.train_ids[first[:, None] + np.arange(self.context + 1)])

    def validation(self, quick: bool = False) -> "Iterator[tuple[Tensor, Tensor]]":
        """Consecutive windows that share no target, the last one shorter; `quick`: a few of them, evenly spread."""
        ids, context = self.validation_ids, self.context
        whole = (len(ids) - 1) // context
        rows = np.arange(whole)
        if quick and whole * context > QUICK_TARGETS:
            rows = np.linspace(0, whole - 1, max(1, QUICK_TARGETS // context)).astype(np.int64)
        for some in _chunks(rows, max(1, VALIDATION_TARGETS // context)):
            yield _tensors(ids[some[:, None] * context + np.arange(context + 1)])
        rest = ids[whole * context :]
        if len(rest) > 1 and len(rows) == whole:
            yield _tensors(rest[None])

    def _too_short(self) -> Text:
        return TOO_SHORT.format(train=len(self.train_ids), validation=len(self.validation_ids), context=self.context)


def _chunks(rows: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def _tensors(window_BS: NDArray[np.int32]) -> "tuple[Tensor, Tensor]":
    """Windows of S = T + 1 tokens as T inputs and the T that follow them."""
    import torch

    ids_BS = torch.from_numpy(window_BS.astype(np.int64))
    return ids_BS[:, :-1].contiguous(), ids_BS[:, 1:].contiguous()


NO_SUCH_TOKENIZER = Text(
    "There is no tokenizer {kind!r}: choose bytes, characters or bpe.",
    "没有名为“{kind}”的分词器：可选 bytes、characters 或 bpe。",
)
VOCABULARY_TOO_SMALL = Text(
    "BPE needs a vocabulary of at least 257 (256 bytes and one merge), not {vocabulary}: raise it, or choose bytes.",
    "BPE 的词表至少要有 257 个词元（256 个字节加一次合并），现在是 {vocabulary}：请调大词表，或改用 bytes。",
)
TOO_SHORT = Text(
    "The text is too short: it gives {train} tokens to train on and {validation} to validate on, and one window needs "
    "{context} + 1. Give more text, or shorten the context.",
    "文本太短：训练部分只有 {train} 个词元，验证部分 {validation} 个，而一个窗口需要 {context} + 1 个。"
    "请提供更多文本，或缩短上下文。",
)
