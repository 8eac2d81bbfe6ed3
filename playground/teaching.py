"""One lesson from start to verdict in one folder, in a place of its own: what `lesson` does. Prints nothing.

The folder then holds `lesson.json`, the experiments as files, the store, and the runs' folders. A lesson that broke off
goes on where it is taught again in the same folder: what has ended of the very same experiments is not run anew.
"""

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.text import Refusal
from playground.experiment import Experiment
from playground.follow import Snapshot, follow
from playground.home import Home
from playground.lessons.base import Lesson, SettingName
from playground.outcome import ENDED
from playground.place import HERE, Where
from playground.profile import runs_at_a_time
from playground.rows import BROKEN_OFF
from playground.runs import saved_step
from playground.store import GOING, Settings, Store

KIND = "lesson"


@dataclass
class Teaching:
    """One lesson under way. `watch` it to its end, then `measure`."""

    lesson: Lesson
    setting: SettingName
    folder: Path
    settings: Settings = Settings()
    where: Where = HERE

    def __enter__(self) -> "Teaching":
        home = Home(self.folder)
        self.store = Store(home.database, check=True)
        self.place = self.where.open(home, runs_at_a_time()).start()
        experiments = [experiment for experiment, _ in self.lesson.experiments(self.setting)]
        self.ids = self._broken_off(experiments)
        self.kept = sum(run.state in ENDED for id in self.ids for run in self.store.runs(id))
        if not self.ids:
            self._clear()  # not before it is sure that there can be others
            self.ids = [self._begun(number, experiment) for number, experiment in enumerate(experiments, start=1)]
        return self

    def __exit__(self, *_: object) -> None:
        self.place.close()
        self.store.close()

    def watch(self) -> Iterator[Snapshot]:
        """Snapshots of one experiment after the other, until all runs have ended."""
        for id in self.ids:
            yield from follow(self.store, id)

    def measure(self) -> dict[str, Any]:
        """What `lesson.json` holds; also written there. Raises `Refusal` where a run did not come to its end."""
        job = self.store.add_job(KIND, payload(self.lesson, self.setting, self.store.path, self.ids))
        while (row := self.store.job(job)) and row.state in GOING:
            time.sleep(0.05)
        assert row is not None
        if row.result is None:
            assert row.reason is not None
            raise Refusal(row.reason)
        text = json.dumps(row.result, ensure_ascii=False, indent=1, allow_nan=False)
        (self.folder / "lesson.json").write_text(text + "\n", encoding="utf-8")
        return row.result

    def _begun(self, number: int, experiment: Experiment) -> str:
        (self.folder / f"experiment-{number}.json").write_text(experiment.to_json(), encoding="utf-8")
        runs = self.folder / "runs" / str(number)
        return self.store.submit(experiment.to_json(), experiment.runs(), runs, settings=self.settings)

    def _broken_off(self, experiments: Sequence[Experiment]) -> list[str]:
        """The experiments of this lesson that broke off in this folder, queued to go on; none unless all are there.

        With the same settings: who asks for another device does not get what was begun on the first.
        """
        if (self.folder / "lesson.json").exists():
            return []
        rows = [row for row in self.store.history(None) if row.settings == self.settings]
        there = {row.json: row.id for row in reversed(rows)}  # of equal ones the latest
        ids = [there[json] for experiment in experiments if (json := experiment.to_json()) in there]
        if len(ids) < len(experiments):
            return []
        for id in ids:
            broken = [run for run in self.store.runs(id) if run.state in BROKEN_OFF]
            self.store.resume(id, {run.id: saved_step(run.folder) for run in broken})
        return ids

    def _clear(self) -> None:
        """What an earlier lesson in the same folder left."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in (self.folder / "lesson.json", *self.folder.glob("experiment-*.json")):
            left.unlink(missing_ok=True)
        shutil.rmtree(self.folder / "runs", ignore_errors=True)


def payload(lesson: Lesson, setting: SettingName, database: Path, experiments: list[str]) -> dict[str, Any]:
    """What the job `lesson` is given; `run` is how the latest one is found again."""
    return {
        "run": experiments[0],
        "lesson": lesson.id,
        "setting": setting,
        "database": str(database),
        "experiments": experiments,
    }
