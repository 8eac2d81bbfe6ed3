"""Which token comes next, from the logits: greedy or drawn, seeded. numpy alone; knows no text.

Each function below takes logits [V] and returns logits [V]; `probabilities` applies them in the usual order: penalty,
temperature, top-k, top-p. What is left out has a logit of minus infinity.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.problem import Problem, Sentence

MOST = 100.0  # as a temperature or a penalty: beyond it nothing changes that could be seen
MOST_SEED = 2**64 - 1

Logits = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to draw. Temperature 0 takes the likeliest token and has no use for `top_k`, `top_p` and `seed`.

    Raises:
        Problem: a temperature outside [0, 100], a `top_k` under 1, a `top_p` outside (0, 1], a repetition penalty
            outside (0, 100], a seed outside [0, 2^64); no number is in any of them.
    """

    temperature: float = 0.8
    top_k: int | None = None
    top_p: float | None = None
    repetition_penalty: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature <= MOST:
            raise Problem(TEMPERATURE.format(given=self.temperature))
        if self.top_k is not None and self.top_k < 1:
            raise Problem(TOP_K.format(given=self.top_k))
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise Problem(TOP_P.format(given=self.top_p))
        if not 0 < self.repetition_penalty <= MOST:
            raise Problem(PENALTY.format(given=self.repetition_penalty))
        if not 0 <= self.seed <= MOST_SEED:
            raise Problem(SEED.format(given=self.seed))

    def sampler(self, read: Iterable[int] = ()) -> "Sampler":
        """Dice of its own for one text, which begins with the ids `read`."""
        return Sampler(self, np.random.default_rng(self.seed), set(read))


@dataclass(frozen=True, slots=True)
class Sampler:
    """One text's dice, and the ids that occur in it."""

    sampling: Sampling
    chance: np.random.Generator
    seen: set[int] = field(default_factory=set)

    def choose(self, logits_V: NDArray[np.float32]) -> int:
        """The next token's id.

        Raises:
            Problem: logits that are not finite, of a model that has diverged.
        """
        token = self._likeliest(logits_V) if self.sampling.temperature == 0 else self._draw(logits_V)
        self.seen.add(token)
        return token

    def _likeliest(self, logits_V: NDArray[np.float32]) -> int:
        if self.sampling.repetition_penalty != 1:
            logits_V = penalized(logits_V, self.seen, self.sampling.repetition_penalty)
        token = int(logits_V.argmax())
        _check(logits_V[token])  # where there is a NaN, the first one is the largest
        return token

    def _draw(self, logits_V: NDArray[np.float32]) -> int:
        """By inverting the distribution: what has no probability is never hit, not even by a draw of 0."""
        _check(logits_V.max())
        cumulative = np.cumsum(probabilities(logits_V, self.sampling, self.seen))
        return int(np.searchsorted(cumulative, self.chance.random() * cumulative[-1], side="right"))


def probabilities(logits_V: Logits, sampling: Sampling, seen: Collection[int] = ()) -> NDArray[np.float64]:
    """What `sampling` draws from at a temperature above 0, float64: sums to 1. `seen`: the ids of the text so far."""
    scores = penalized(logits_V.astype(np.float64), seen, sampling.repetition_penalty)
    scores = tempered(scores, sampling.temperature)
    if sampling.top_k is not None:
        scores = likeliest(scores, sampling.top_k)
    if sampling.top_p is not None:
        scores = nucleus(scores, sampling.top_p)
    weights = np.exp(scores - scores.max())
    return weights / weights.sum()


def penalized(logits_V: Logits, seen: Collection[int], penalty: float) -> Logits:
    """The logits of all ids in `seen` lowered by a penalty above 1, raised by one below.

    CTRL (Keskar et al. 2019, arXiv:1909.05858, section 4.1) divides them by the penalty. That would raise a negative
    one, which is multiplied therefore, as everybody who builds on it does. Prompt and text count alike.
    """
    if penalty == 1 or not seen:
        return logits_V
    ids = np.fromiter(seen, np.int64, len(seen))
    lowered = logits_V.copy()
    lowered[ids] = np.where(logits_V[ids] < 0, logits_V[ids] * penalty, logits_V[ids] / penalty)
    return lowered


def tempered(logits_V: Logits, temperature: float) -> Logits:
    """Divided by the temperature, which is above 0 (Ackley, Hinton, Sejnowski 1985), up to a constant.

    The constant makes the largest 0: a tiny temperature overflows to minus infinity alone, which is right.
    """
    with np.errstate(over="ignore"):
        return (logits_V - logits_V.max()) / temperature


def likeliest(logits_V: Logits, k: int) -> Logits:
    """Top-k (Fan et al. 2018, arXiv:1805.04833): the `k` largest stay, and what equals the last of them."""
    if k >= len(logits_V):
        return logits_V
    return np.where(logits_V < np.partition(logits_V, -k)[-k], -np.inf, logits_V)


def nucleus(logits_V: Logits, p: float) -> Logits:
    """Top-p (Holtzman et al. 2019, arXiv:1904.09751, section 3.1): the fewest stay that hold the share `p`."""
    if p == 1:
        return logits_V
    order = np.argsort(-logits_V, kind="stable")
    weights = np.exp(logits_V[order] - logits_V[order[0]])
    before = np.cumsum(weights) - weights  # the mass of all likelier ones
    kept = logits_V.copy()
    kept[order[before >= p * weights.sum()]] = -np.inf
    return kept


def _check(largest: float) -> None:
    if not math.isfinite(largest):
        raise Problem(NOT_FINITE)


TEMPERATURE = Sentence(
    "A temperature of {given} makes no sense: give a number from 0 (always the likeliest token) to 100.",
    "温度 {given} 没有意义：请给出 0（总取最可能的词元）到 100 之间的数。",
)
TOP_K = Sentence(
    "top-k is {given}; it must be a whole number from 1 (the likeliest token alone).",
    "top-k 是 {given}，应为不小于 1 的整数（1 表示只取最可能的词元）。",
)
TOP_P = Sentence(
    "top-p is {given}; it must be above 0 and at most 1 (which leaves nothing out).",
    "top-p 是 {given}，应大于 0 且不超过 1（1 表示不排除任何词元）。",
)
PENALTY = Sentence(
    "The repetition penalty is {given}; it must be above 0 and at most 100. 1 changes nothing, 1.2 is usual.",
    "重复惩罚是 {given}，应大于 0 且不超过 100。1 表示不惩罚，常用值是 1.2。",
)
SEED = Sentence(
    "The seed is {given}; it must be a whole number from 0 to 2^64 − 1.",
    "随机种子是 {given}，应为 0 到 2^64 − 1 之间的整数。",
)
NOT_FINITE = Sentence(
    "The model's logits are not finite: it has diverged, and there is no next token to choose.",
    "模型输出的 logits 含有无穷大或 NaN：训练已发散，无法选出下一个词元。",
)
