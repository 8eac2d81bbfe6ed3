"""Which token comes next, from the logits: greedy or drawn, seeded. numpy alone; knows no text."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playground.problem import Problem, Sentence


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to draw: temperature 0 takes the likeliest token; `top_k` and `top_p` leave out the unlikely ones.

    `top_p`: nucleus sampling (Holtzman et al. 2019, arXiv:1904.09751, section 3.1), after `top_k`.

    Raises:
        Problem: a temperature that is negative or no number, a `top_k` under 1, a `top_p` outside (0, 1].
    """

    temperature: float = 0.8
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature <= 100:
            raise Problem(TEMPERATURE.format(given=self.temperature))
        if self.top_k is not None and self.top_k < 1:
            raise Problem(TOP_K.format(given=self.top_k))
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise Problem(TOP_P.format(given=self.top_p))
        if self.seed < 0:
            raise Problem(SEED.format(given=self.seed))

    def sampler(self) -> "Sampler":
        """Dice of its own for one text."""
        return Sampler(self, np.random.default_rng(self.seed))


@dataclass(frozen=True, slots=True)
class Sampler:
    """One text's dice."""

    sampling: Sampling
    chance: np.random.Generator

    def choose(self, logits_V: NDArray[np.float32]) -> int:
        """The next token's id."""
        if self.sampling.temperature == 0:
            return int(logits_V.argmax())
        return int(self.chance.choice(len(logits_V), p=probabilities(logits_V, self.sampling)))


def probabilities(logits_V: NDArray[np.float32], sampling: Sampling) -> NDArray[np.float64]:
    """What `sampling` draws from at a temperature above 0, float64: sums to 1."""
    scaled = logits_V.astype(np.float64) / sampling.temperature
    weights = np.exp(scaled - scaled.max())
    order = np.argsort(-weights, kind="stable")
    if sampling.top_k is not None:
        weights[order[sampling.top_k :]] = 0
    if sampling.top_p is not None:
        before = np.cumsum(weights[order]) - weights[order]  # the mass of all likelier ones
        weights[order[before >= sampling.top_p * weights.sum()]] = 0
    return weights / weights.sum()


TEMPERATURE = Sentence(
    "A temperature of {given} makes no sense: give a number from 0 (always the likeliest token) to 100.",
    "温度 {given} 没有意义：请给出 0（总取最可能的词元）到 100 之间的数。",
)
TOP_K = Sentence("top_k is {given}; it must be at least 1.", "top_k 是 {given}，至少应为 1。")
TOP_P = Sentence("top_p is {given}; it must be above 0 and at most 1.", "top_p 是 {given}，应大于 0 且不超过 1。")
SEED = Sentence("The seed is {given}; it must not be negative.", "随机种子是 {given}，不能为负数。")
