"""How often the verdict claims a difference where there is none: two identical variants under different seeds.

Simulated pairs end at losses drawn from one normal distribution. Trained pairs are tiny models of one architecture and
recipe; no run is used twice. The verdict claims at the 5 % level, so about one pair in twenty is claimed by chance.
All seeds are fixed: the figures are the same every time, trained ones on the same kind of processor.
"""

from collections.abc import Callable, Iterator

import numpy as np

from playground import link
from playground.bench.measure import Report, Spread
from playground.events import Finished
from playground.plan import run_of
from playground.threads import threads
from playground.train import train
from playground.verdict import compare

SEEDS = 5  # of each variant
SIMULATED, TRAINED = 200, 40  # pairs
TINY = "a=gpt-2,shape.layers=1,shape.width=16&recipe.data=recall:4:8&recipe.batch=8&recipe.tokens=2000"

Losses = dict[int, float]  # by seed
Pair = tuple[Losses, Losses]


def report() -> Report:
    """The share of pairs in which a difference was claimed, for simulated and for trained ones."""
    found = Report()
    for case, pairs in (("simulated", simulated(SIMULATED)), ("trained", trained(TRAINED))):
        claims = [claimed(pair) for pair in pairs]
        found.row(case, "verdict", "pairs", Spread.of([len(claims)]))
        found.row(case, "verdict", "claimed", Spread.of([sum(claims)]))
        found.row(case, "verdict", "share_claimed", Spread.of([sum(claims) / len(claims)]))
    return found


def claimed(pair: Pair) -> bool:
    """Does the verdict call one of two equals better?"""
    return compare("A", "B", "val_loss", *pair).verdict in ("better", "worse")


def simulated(pairs: int) -> Iterator[Pair]:
    """Losses of one normal distribution on both sides."""
    random = np.random.default_rng(0)
    return _paired(pairs, lambda _: float(random.normal(2.0, 0.05)))


def trained(pairs: int) -> Iterator[Pair]:
    """Losses that one tiny experiment ends at, every time with another seed."""
    experiment, notes = link.read(TINY)
    assert not notes, notes
    with threads(1):
        yield from _paired(pairs, lambda seed: _loss(*train(run_of(experiment, 0, seed))))


def _paired(pairs: int, loss: Callable[[int], float]) -> Iterator[Pair]:
    """Of every pair two lists of fresh losses, set side by side as if they had the same seeds."""
    for first in range(0, 2 * SEEDS * pairs, 2 * SEEDS):
        a, b = ([loss(seed) for seed in range(start, start + SEEDS)] for start in (first, first + SEEDS))
        yield dict(enumerate(a)), dict(enumerate(b))


def _loss(*events: object) -> float:
    finished = events[-1]
    assert isinstance(finished, Finished) and finished.val_loss is not None
    return finished.val_loss
