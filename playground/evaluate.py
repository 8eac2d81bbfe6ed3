"""The loss of a model over validation data. A pass of its own: never a hook in a training step."""

import math
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from models.transformer import IGNORED, Transformer

LOGITS = 2**22  # logits at once: bounds memory, and how long a stop waits


@dataclass(frozen=True, slots=True)
class Score:
    """Means over the targets that count."""

    loss: float  # nats per token
    accuracy: float  # share of targets that have the largest logit

    @property
    def perplexity(self) -> float:
        """exp(loss); infinite where that overflows."""
        return math.exp(self.loss) if self.loss < 700 else math.inf


def evaluate(
    model: Transformer,
    batches: Iterable[tuple[Tensor, Tensor]],
    device: str = "cpu",
    precision: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Generator[None, None, Score]:
    """Score `model` over (ids_BT, targets_BT); returns the score. Yields now and then, so that it may be stopped."""
    total, hits, count = 0.0, 0, 0
    for ids_BT, targets_BT in pieces(batches, model.architecture.shape.vocabulary):
        ids_BT, targets_BT = ids_BT.to(device), targets_BT.to(device)
        model.eval()
        with torch.no_grad(), precision():
            logits_NV, targets_N = model(ids_BT).flatten(0, 1).float(), targets_BT.flatten()
        model.train()
        total += F.cross_entropy(logits_NV, targets_N, ignore_index=IGNORED, reduction="sum").item()
        hits += int((logits_NV.argmax(-1) == targets_N).sum())
        count += int((targets_N != IGNORED).sum())
        yield
    return Score(total / count, hits / count)


def pieces(batches: Iterable[tuple[Tensor, Tensor]], vocabulary: int) -> Iterable[tuple[Tensor, Tensor]]:
    """The same rows in pieces of at most `LOGITS` logits, or of one row."""
    for ids_BT, targets_BT in batches:
        rows = max(1, LOGITS // (vocabulary * ids_BT.shape[1]))
        yield from zip(ids_BT.split(rows), targets_BT.split(rows), strict=True)
