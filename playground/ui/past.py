"""An experiment of the history in a line: named by what differs, with what it came to. Pure; knows no store."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from statistics import fmean
from typing import Any

from models.text import Text
from playground import recipe as recipes
from playground.experiment import Experiment
from playground.forms import Sweep
from playground.metric import one_metric
from playground.recipe import Recipe
from playground.rows import RunRow, letter
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.describe import titled
from playground.verdict import METRICS

Endings = Sequence[tuple[int, dict[str, Any]]]  # variant, and what its run said at its end
SHOWN_ENDS = 4


def line(text: str, ended: Endings) -> Json:
    """Title, setting, and where the variants ended, of the experiment that the store holds as `text`."""
    experiment, said = _read(text)
    metric = one_metric(experiment)
    return {**said, "unit": both(METRICS[metric].unit), "ends": _ends(experiment, ended, metric)}


def states(runs: Sequence[RunRow]) -> dict[str, int]:
    """How many runs are in each state."""
    return dict(Counter(run.state for run in runs))


def matches(text: str, words: Sequence[str]) -> bool:
    """Does the experiment's line, in either language, or the spelling of its variants hold every one of the words?"""
    searched = _searched(text)
    return all(word in searched for word in words)


@lru_cache(maxsize=4000)
def _searched(text: str) -> str:
    experiment, said = _read(text)
    told = [said["title"], *said["setting"]]
    spelt = [made.name for made in experiment.chosen]
    return "\n".join([*(each[language] for each in told for language in ("en", "zh")), *spelt]).lower()


@lru_cache(maxsize=4000)
def _read(text: str) -> tuple[Experiment, Json]:
    """What does not change while it is trained; asked for every line of every look at the history."""
    experiment = Experiment.model_validate_json(text)
    titles = [titled(made, experiment.chosen) for made in experiment.chosen]
    joined = Text(*(" – ".join(each[n] for each in titles) for n in range(2)))
    return experiment, {"title": both(joined), "setting": [both(each) for each in _setting(experiment)]}


def _setting(experiment: Experiment) -> list[Text]:
    """Data and seeds, then every field of the recipe that is not as usual."""
    paths = {path.field: path for path in recipes.paths()}
    found = [Text(experiment.recipe.data, experiment.recipe.data), sentence("seeds_of", seeds=experiment.seeds)]
    for field, word in recipes.differences(experiment.recipe, Recipe()).items():
        if field != "data":
            title = paths[field].title
            found.append(Text(f"{title.en} {_short(word)}", f"{title.zh} {_short(word)}"))
    if experiment.match != "none":
        found.append(sentence(f"matched_in_{experiment.match}"))
    if experiment.form:
        found.append(sentence("is_sweep" if isinstance(experiment.form, Sweep) else "is_ladder"))
    return found


def _short(word: str) -> str:
    """A whole number with its thousands told apart; any other word as it is."""
    return f"{int(word):,}" if word.isdigit() else word


def _ends(experiment: Experiment, ended: Endings, metric: str) -> list[Json]:
    """The mean over finished seeds of every variant that a person chose, best first; of a form only the best."""
    values: dict[int, list[float]] = {}
    for variant, said in ended:
        if said.get(metric) is not None:
            values.setdefault(variant, []).append(said[metric])
    means = sorted((fmean(numbers), variant) for variant, numbers in values.items())
    shown = means[:1] if experiment.form else means[:SHOWN_ENDS]
    return [{"letter": "" if experiment.form else letter(variant), "value": value} for value, variant in shown]
