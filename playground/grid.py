"""Values to begin a sweep with: a few around the one a variant has, that it can be built with. Knows no page.

Whole numbers and those of an architecture are doubled and halved; those of the recipe, and all far below 1, go by half
decades (1, 3, 10); a share goes in steps that people try. A number that the variant has none of begins where the first
published system has it.
"""

import contextlib
import itertools
import math
from collections.abc import Iterable, Iterator

from models.spelling import Path, written
from models.systems import systems
from models.text import Refusal
from playground.experiment import Experiment, Variant
from playground.forms import swept
from playground.sweep import with_value

COUNT = 5
REACH = 8  # steps to either side
SHARES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0)
COSTLY = ("shape.layers", "shape.width", "shape.context", "recipe.tokens", "recipe.batch")  # doubled once only
SMALL = 0.05  # what is less is no share but a number of some magnitude


def suggested(experiment: Experiment, name: str) -> tuple[str, ...]:
    """Values of a number, in order, that the first of the variants can be built with that has it at all.

    Raises:
        Refusal: `name` is no number that can be swept.
    """
    paths = swept(name)
    return next(filter(None, (_of(experiment, variant, paths) for variant in experiment.chosen)), ())


def _of(experiment: Experiment, variant: Variant, paths: list[Path]) -> tuple[str, ...]:
    path = _path_of(variant, paths)
    words = _nearest_first(path, _begin(experiment, variant, path))
    some = itertools.islice((word for word in words if _can(experiment, variant, path, word)), COUNT)
    return tuple(sorted(some, key=float))


def _begin(experiment: Experiment, variant: Variant, path: Path) -> float | None:
    """The value that the variant has, else what the first system has that has one; None if nobody has."""
    if path.axis == "recipe":
        return getattr(variant.recipe_in(experiment), path.field)
    architectures = [variant.original, *(system.twin for system in systems().values())]
    values = (getattr(getattr(each, path.axis), path.field, None) for each in architectures)
    return next((float(value) for value in values if value is not None), None)


def _path_of(variant: Variant, paths: list[Path]) -> Path:
    """The path of the option that the variant has, where several options have such a number."""
    chosen = {axis: choice.slug for axis, choice in variant.original.choices()}
    return next((path for path in paths if path.option in ("", chosen.get(path.axis))), paths[0])


def _nearest_first(path: Path, now: float | None) -> Iterator[str]:
    """The value to begin with, then others further and further away, inside the bounds."""
    low = -math.inf if path.minimum is None else path.minimum
    high = math.inf if path.maximum is None else path.maximum
    if now is None:
        return
    share = path.kind == "number" and (low, high) == (0, 1) and (now == 0 or now >= SMALL)
    rest: Iterable[float] = SHARES if share else _around(now, path)
    for number in dict.fromkeys([now, *rest]):
        if low <= number <= high:
            yield written(number)


def _around(now: float, path: Path) -> Iterator[float]:
    decades = path.kind == "number" and (path.axis == "recipe" or abs(now) < SMALL)
    for step in range(1, REACH):
        for power in (-step, step) if step == 1 or path.name not in COSTLY else (-step,):
            number = _tidy(now * 10 ** (power / 2)) if decades else now * 2.0**power
            yield max(1.0, round(number)) if path.kind == "whole" else float(f"{number:.4g}")


def _tidy(number: float) -> float:
    """To a digit, where 9 is as good as 10: 0.00095 of the half decades of 0.003 is 0.001."""
    word = f"{number:.0e}"
    return float(f"1{word[1:]}") * 10 if word.startswith("9") else float(word)


def _can(experiment: Experiment, variant: Variant, path: Path, word: str) -> bool:
    with contextlib.suppress(Refusal):
        with_value(variant, path.name, word, experiment)
        return True
    return False
