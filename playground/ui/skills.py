"""A profile of skills as the page shows it: its trials found again from their ids, how far they are, what they show.

A profile is a list of experiments, one for each task and difficulty; what it holds is read off their recipes.
"""

import time
from collections.abc import Sequence

from models.text import Refusal
from playground import link, skills
from playground.experiment import Variant, from_json
from playground.follow import Follower
from playground.formed import localized
from playground.skills import Trial
from playground.store import GOING, Store
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.describe import titled
from playground.ui.trained import experiment_of

MOST = 64  # experiments of one profile
CHOICES = (skills.LEVELS, 3, 4)  # how many difficulties, from the easiest on


def offered() -> list[Json]:
    """Every task with the difficulties of a profile, before anything is trained."""
    found = [
        {
            "task": skill.name,
            "title": skill.title,
            "help": skill.help,
            "levels": [skill.spelt(numbers) for numbers in skill.levels],
            "spelling": skill.name + skill.spelling,
        }
        for skill in skills.skills()
    ]
    return localized(found, both)


class Watched:
    """A visitor's profile, looked at again and again; raises `Refusal` where one of its experiments is not here."""

    def __init__(self, store: Store, ids: object) -> None:
        if not isinstance(ids, list) or not 1 <= len(ids) <= MOST:
            ids = [None]
        rows = [experiment_of(store, id) for id in ids]
        self.trials = [trial for row in rows if (trial := _trial(row.json)) is not None]
        if len(self.trials) < len(rows):
            raise Refusal(sentence("skills_unknown"))
        self.store, self.ids = store, [row.id for row in rows]
        self.followers = [Follower(store, id) for id in self.ids]

    def look(self) -> Json:
        """How far it is, and the grid so far."""
        snapshots = [follower.snapshot() for follower in self.followers]
        runs = [run for snapshot in snapshots for run in snapshot["runs"]]
        going = any(run["state"] in GOING for run in runs)
        ended = sum(run["state"] not in GOING for run in runs)
        stopped = any(run["state"] in ("stopped", "interrupted") for run in runs)
        variants = [_asked(variant) for variant in self.trials[0].experiment.variants]
        return {
            "state": "running" if going else "stopped" if stopped else "finished",
            "ended": ended,
            "runs": len(runs),
            "left": self._left(runs) if going else None,
            "variants": [both(titled(variant, variants)) for variant in variants],
            "tasks": localized(skills.reading(self.trials, snapshots), both),
        }

    def _left(self, runs: Sequence[Json]) -> float | None:
        """Seconds, at the pace so far."""
        done = sum(run["progress"] if run["state"] in GOING else 1.0 for run in runs) / len(runs)
        rows = [row for id in self.ids for row in self.store.runs(id)]
        begun = min((row.started for row in rows if row.started is not None), default=None)
        return (time.time() - begun) * (1 - done) / done if begun is not None and done > 0.02 else None


def _asked(variant: Variant) -> Variant:
    """The variant as it was chosen, before it was brought to the size of a profile: its name spells it."""
    try:
        return link.variant(variant.name.partition("#")[0])
    except Refusal:
        return variant


def _trial(content: str) -> Trial | None:
    """The trial that an experiment is: its task and difficulty stand in its recipe."""
    experiment = from_json(content)
    for skill in skills.skills():
        spelt = [skill.spelt(numbers) for numbers in skill.levels]
        if experiment.recipe.data in spelt:
            return Trial(skill, spelt.index(experiment.recipe.data), experiment)
    return None
