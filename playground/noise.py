"""Seed noise: how much what a recipe ends at differs from seed to seed, measured over twenty and more and shipped.

`assets/noise.json` is made by `python -m scripts.noise`. What is said of it is the standard deviation of the *paired*
difference of two variants: both with the same seed, hence the same batches in the same order. It is how far a
difference seen with one seed lies from the mean difference, typically. Where another pair is compared, or by another
recipe, the nearest that was measured is given, and says what it is of: pairs differ in it several times over.
"""

import json
import statistics
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from models.architecture import Architecture
from playground import link
from playground.experiment import Experiment
from playground.interval import paired
from playground.metric import one_metric
from playground.recipe import Recipe
from playground.verdict import Noise, NoiseOf

NOISE = Path(__file__).parent.parent / "assets" / "noise.json"
METRICS = ("val_loss", "bits_per_byte", "accuracy")
ENOUGH = 20  # seeds: of fewer nothing is said
START = "recipe.tokens=200000"  # the budget that the page starts with


@dataclass(frozen=True, slots=True)
class Measured:
    """The noise of one recipe, by metric."""

    recipe: Recipe
    architectures: tuple[Architecture, ...]
    seeds: int
    sd: dict[str, float]


def default_of(data: str) -> str:
    """The link of the experiment by which a data source's noise is measured: the page's two variants, its budget."""
    named = "" if data == "tales" else f"&recipe.data={data}"
    return f"v=1&a=gpt-2&b=llama-3{named}&{START}"


def noise_of(experiment: Experiment, metric: str) -> Noise | None:
    """Of this very pair and recipe, else of another pair by the recipe, else by the page's on these data; else None."""
    known = [one for one in measured() if metric in one.sd and one.recipe.data == experiment.recipe.data]
    asked = tuple(variant.original for variant in experiment.variants)
    same = [one for one in known if one.recipe == experiment.recipe and not any(v.recipe for v in experiment.variants)]
    own = [one for one in same if one.architectures == asked]
    default = [one for one in known if one.recipe == link.read(default_of(experiment.recipe.data))[0].recipe]
    sources: list[tuple[NoiseOf, list[Measured]]] = [("pair", own), ("recipe", same), ("data", default)]
    return next((Noise(found[0].sd[metric], found[0].seeds, of) for of, found in sources if found), None)


def noise_in(experiment: Experiment) -> Noise | None:
    """The same in what the experiment is judged by."""
    return noise_of(experiment, one_metric(experiment))


@cache
def measured() -> tuple[Measured, ...]:
    """Everything that was measured with enough seeds."""
    content = json.loads(NOISE.read_text("utf-8")) if NOISE.is_file() else {}
    return tuple(_read(entry) for entry in content.values() if len(entry["seeds"]) >= ENOUGH)


def _read(entry: dict[str, Any]) -> Measured:
    experiment, _ = link.read(entry["link"])
    sd = {
        metric: statistics.stdev(paired(dict(enumerate(first)), dict(enumerate(second))))
        for metric, (first, second) in entry["ends"].items()
    }
    architectures = tuple(variant.architecture for variant in experiment.variants)
    return Measured(experiment.recipe, architectures, len(entry["seeds"]), sd)
