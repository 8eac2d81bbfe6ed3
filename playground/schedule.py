"""The learning rate over a run, and the steps at which the curve has its points. Plain arithmetic, no torch."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.recipe import Recipe

POINTS = 200  # about as many points on a curve; never more than twice that, and 20 where there are as many steps
VALIDATIONS = 16  # points that also measure the validation loss, beside the last


def warmup_steps(recipe: "Recipe", steps: int) -> int:
    """Steps over which the learning rate rises: as asked for, but at most the recipe's share of the run's `steps`."""
    return min(recipe.warmup, math.floor(recipe.warmup_share * steps))


def factor(recipe: "Recipe", progress: float) -> float:
    """The learning rate as a share of its peak, `progress` in [0, 1] of what follows warmup.

    Cosine: Loshchilov and Hutter 2017 (arXiv:1608.03983), eq. 5, one cycle.
    WSD: Hu et al. 2024 (arXiv:2404.06395), section 4.
    """
    floor = recipe.final_lr
    match recipe.schedule:
        case "cosine":
            return floor + (1 - floor) * (1 + math.cos(math.pi * progress)) / 2
        case "linear":
            return 1 + (floor - 1) * progress
        case "constant":
            return 1.0
        case "wsd":
            left = (1 - progress) / recipe.decay_share if recipe.decay_share else 1.0
            return floor + (1 - floor) * min(1.0, left)


def learning_rate(recipe: "Recipe", step: int, steps: int) -> float:
    """The learning rate of optimizer step `step` (counted from 0) in a run of `steps`.

    Warmup is linear and its first step already moves; what follows it spans the rest of the run.
    """
    warmup = warmup_steps(recipe, steps)
    if step < warmup:
        return recipe.lr * (step + 1) / (warmup + 1)
    return recipe.lr * factor(recipe, (step - warmup) / max(1, steps - warmup))


def timed_learning_rate(recipe: "Recipe", step: int, seconds: float) -> float:
    """The same where the budget is in seconds: progress is read off the clock, and warmup ends with its share of it.

    Where its steps are over before, the share of the time that they took is told from how many have been taken since.
    """
    assert recipe.seconds is not None
    progress = min(1.0, seconds / recipe.seconds)
    if step < recipe.warmup and progress < recipe.warmup_share:
        return recipe.lr * max((step + 1) / (recipe.warmup + 1), progress / recipe.warmup_share)
    warmup = min(recipe.warmup_share, progress * recipe.warmup / max(1, step))
    return recipe.lr * factor(recipe, (progress - warmup) / (1 - warmup) if warmup < 1 else 1.0)


def point_steps(steps: int | None) -> Iterator[int]:
    """The steps (from 1) after which the curve has a point, rising: every k-th, the last, and 1, 2, 4 … below k.

    Where the number of steps is not known (None), k doubles with the step, so that 20 to 500 points come about anyway.
    """
    every = 1 if steps is None else max(1, steps // POINTS)
    step = 1
    while steps is None or step < steps:
        yield step
        if steps is None:
            every = 1 << max(0, (step // 32).bit_length() - 1)
        step = min(2 * step, every) if step < every else step + every - step % every
    yield steps


def validation_steps(points: int) -> frozenset[int]:
    """Which of `points` points (from 0) also measure the validation loss: evenly spread, the last among them."""
    count = min(points, VALIDATIONS)
    return frozenset((index + 1) * points // count - 1 for index in range(count))
