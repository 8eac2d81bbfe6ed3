"""Lessons as the page shows them: what is claimed, what is compared, the result that ships, and the visitor's own run.

A visitor's run of a lesson is a list of experiment ids and, once all of them have ended, one job that measures.
"""

import json
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from models.text import Refusal
from playground import link
from playground.follow import Follower
from playground.lessons import Lesson, lessons
from playground.lessons.base import THEMES, Arm, Plot
from playground.outcome import ENDED, verdict_of
from playground.remarks import all_sentences, remarks
from playground.store import GOING, JobRow, RunRow, Store
from playground.teaching import KIND, payload
from playground.ui.controls import Json, both
from playground.ui.describe import chosen
from playground.ui.files import ASSETS
from playground.ui.trained import experiment_of

FOLDER = ASSETS / "lessons"
MOST = 24  # experiments of one lesson


@cache
def listed() -> tuple[Json, ...]:
    """Every lesson with what ships of it, in order."""
    return tuple(_lesson(lesson) for lesson in lessons().values())


def _lesson(lesson: Lesson) -> Json:
    texts = {name: both(getattr(lesson, name)) for name in ("title", "said", "by", "figure", "small", "look")}
    return {
        "id": lesson.id,
        "order": lesson.order,
        "theme": {"id": lesson.theme, "title": both(THEMES[lesson.theme])},
        **texts,
        "rule": both(lesson.rule_in_words()),
        "parts": [both(words) for words in lesson.parts_in_words()],
        "arms": {key: _arm(arm) for key, arm in lesson.arms.items()},
        "plots": [_plot(lesson, plot) for plot in lesson.plots],
        "seeds": lesson.seeds[0],
        "seconds": round(lesson.seconds("quick")),
        "experiments": [_experiment(lesson, number) for number in range(len(lesson.experiments("quick")))],
        "shipped": shipped(lesson),
    }


def shipped(lesson: Lesson) -> Json | None:
    """The result that comes with the project; None where the lesson has not been run."""
    path = FOLDER / f"{lesson.id}.json"
    return shown(lesson, json.loads(path.read_text("utf-8"))) if path.is_file() else None


def shown(lesson: Lesson, content: Mapping[str, Any]) -> Json:
    """A result as the page reads it: with its sentence, and what the verdict does not say of itself."""
    more = all_sentences(lesson, content)
    noted = [remark and both(remark.words) for remark in remarks(lesson, content)]
    return {**content, "sentence": both(verdict_of(lesson, content)), "noted": noted, "more": more.en and both(more)}


def started(store: Store, ids: object) -> list[str]:
    """The experiments that the page asks about; raises `Refusal` where there is one that is not here."""
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST:
        ids = [None]
    return [experiment_of(store, id).id for id in ids]


class Watched:
    """A visitor's run of a lesson, looked at again and again."""

    def __init__(self, store: Store, lesson: Lesson, ids: Sequence[str]) -> None:
        self.store, self.lesson, self.ids = store, lesson, list(ids)
        self.followers = [Follower(store, id) for id in ids]

    def look(self) -> Json:
        """How far it is; when all runs have ended the measuring is asked for, and then its result is here."""
        snapshots = [follower.snapshot() for follower in self.followers]
        runs = [run for snapshot in snapshots for run in snapshot["runs"]]
        going = any(run["state"] in GOING for run in runs)
        said: Json = {"state": "running" if going else self._ended(runs), **self._progress(runs, going)}
        if going:
            return said | {"losses": self._losses(snapshots)}
        return said if said["state"] != "finished" else said | self._measured()

    def _ended(self, runs: list[Json]) -> str:
        return "finished" if all(run["state"] in ENDED for run in runs) else "stopped"

    def _progress(self, runs: list[Json], going: bool) -> Json:
        done = sum(run["progress"] if run["state"] in GOING else 1.0 for run in runs) / len(runs)
        rows: list[RunRow] = [row for id in self.ids for row in self.store.runs(id)]
        begun = min((row.started for row in rows if row.started is not None), default=None)
        left = (time.time() - begun) * (1 - done) / done if going and done and begun is not None else None
        ended = sum(run["state"] not in GOING for run in runs)
        return {"progress": done, "left": left, "ended": ended, "runs": len(runs)}

    def _losses(self, snapshots: list[Json]) -> dict[str, list[float]]:
        """The final losses so far, by arm."""
        found: dict[str, list[float]] = {}
        for (_, keys), snapshot in zip(self.lesson.experiments("quick"), snapshots, strict=True):
            for run in snapshot["runs"]:
                if run["finished"] and run["finished"]["val_loss"] is not None:
                    found.setdefault(keys[run["variant"]], []).append(run["finished"]["val_loss"])
        return found

    def _measured(self) -> Json:
        job = self._job()
        if job.state in GOING:
            return {"state": "measuring"}
        if job.result is None:
            return {"state": "failed", "reason": job.reason and both(job.reason)}
        return {"result": shown(self.lesson, job.result)}

    def _job(self) -> JobRow:
        job = self.store.last_job(KIND, self.ids[0])
        if job is None:
            asked = self.store.add_job(KIND, payload(self.lesson, "quick", self.store.path, self.ids))
            job = self.store.job(asked)
        assert job is not None
        return job


def remembered(store: Store, lesson: Lesson, ids: object) -> Json | None:
    """How a run stands that the browser remembers; None where it is not here any more."""
    try:
        mine = started(store, ids)
        if len(mine) != len(lesson.experiments("quick")):
            return None
        return Watched(store, lesson, mine).look() | {"ids": mine}
    except Refusal:
        return None


def _arm(arm: Arm) -> Json:
    return {"title": both(arm.title), "spelling": arm.spelling, "x": arm.x, "line": arm.line and both(arm.line)}


def _plot(lesson: Lesson, plot: Plot) -> Json:
    return {
        "metric": plot.metric,
        "title": both(lesson.metric(plot.metric)),
        "x": plot.x and both(plot.x),
        "log": plot.log,
        "profile": plot.profile,
    }


def _experiment(lesson: Lesson, number: int) -> Json:
    experiment, keys = lesson.experiments("quick")[number]
    return {"query": link.write(experiment), "experiment": chosen(experiment), "arms": list(keys)}
