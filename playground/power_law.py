"""A power law through a few points, L = L∞ + a · (N / N₀)^−b, with what is not known of it. Pure numbers.

Hoffmann et al. 2022, arXiv:2203.15556, §3.3, for one of the two terms; without L∞: Kaplan et al. 2020,
arXiv:2001.08361, §1.2. N₀ is the geometric mean of the sizes, so that a is the part of the loss that falls, there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from playground.interval import quantile

FEWEST = 3  # sizes: two give a law and no idea whether it holds
EXPONENTS = np.geomspace(0.02, 4.0, 60)  # where the search begins

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """The law; `floor` is L∞, None where its interval holds zero: then the law is fitted without it."""

    reference: float
    scale: float
    exponent: Estimate
    floor: Estimate | None
    sizes: int

    @property
    def told(self) -> bool:
        """Does the loss fall with size at all, as far as can be told?"""
        return self.exponent.low > 0

    def at(self, size: float) -> float:
        """The loss that the law gives."""
        return (self.floor.value if self.floor else 0.0) + self.scale * (size / self.reference) ** -self.exponent.value


def fit(sizes: Sequence[float], losses: Sequence[float]) -> PowerLaw | None:
    """The law through the points, by least squares of the loss; None below three different sizes."""
    if len(set(sizes)) < FEWEST:
        return None
    reference = float(np.exp(np.mean(np.log(sizes))))
    x, y = np.log(np.asarray(sizes) / reference), np.asarray(losses, dtype=np.float64)
    (scale, exponent), floor = _solved(x, y, 2), None
    if len(sizes) > FEWEST:
        larger = _solved(x, y, 3)
        if larger[2].low > 0 and larger[1].low > 0 and larger[0].value > 0:
            scale, exponent, floor = larger
    return PowerLaw(reference, scale.value, exponent, floor, len(sizes))


def _solved(x: Numbers, y: Numbers, count: int) -> list[Estimate]:
    """Scale, exponent and, with a `count` of 3, the floor."""

    def missing(parameters: Numbers) -> Numbers:
        scale, exponent, floor = [*parameters, 0.0][:3]
        return floor + scale * np.exp(-exponent * x) - y

    found = least_squares(missing, _start(x, y, count), x_scale="jac", xtol=1e-12, ftol=1e-12, gtol=1e-12)
    freedom = len(x) - count
    variance = 2 * found.cost / freedom * np.linalg.pinv(found.jac.T @ found.jac)
    halves = quantile(freedom) * np.sqrt(np.maximum(np.diag(variance), 0))
    return [
        Estimate(float(value), float(value - half), float(value + half))
        for value, half in zip(found.x, halves, strict=True)
    ]


def _start(x: Numbers, y: Numbers, count: int) -> list[float]:
    """For each of some exponents scale and floor follow by linear least squares: the best of them."""

    def linear(exponent: float) -> tuple[float, list[float]]:
        columns = np.stack([np.exp(-exponent * x), np.ones_like(x)][: count - 1], axis=1)
        solved = np.linalg.lstsq(columns, y, rcond=None)[0]
        scale, *floor = map(float, solved)
        return float(np.sum((columns @ solved - y) ** 2)), [scale, exponent, *floor]

    return min(map(linear, EXPONENTS))[1]
