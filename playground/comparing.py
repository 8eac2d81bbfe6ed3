"""An experiment from start to result in one folder, in a place of its own: what `compare` does. Prints nothing.

The folder then holds `experiment.json`, `result.json`, the store, and a folder for every run below `runs/`.
"""

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.text import Refusal, Text
from playground.events import finite
from playground.experiment import Experiment, from_json
from playground.follow import Follower, Snapshot, follow
from playground.formed import localized, reading
from playground.home import Home
from playground.noise import noise_in
from playground.place import HERE, Where
from playground.profile import runs_at_a_time
from playground.results import result
from playground.rows import run_name
from playground.store import GOING, Settings, Store

EXPORTS = ("all", "first", "none")
# Of an exported run, in the result: what `onnx.json` says of the file, and of its verification.
FILE = ("bytes", "tokens_per_second", "form", "provider", "fast")
VERIFIED = (
    *("passed", "max_abs_diff", "max_rel_diff", "tolerance", "top1_agreement"),
    *("positions", "lengths", "batches", "text"),
)
WRONG = "the exported file does not compute what the model does"
STOP_WITHIN = 10.0  # seconds that runs are given to stop
MOVED = Text(
    "{folder} was moved: its runs were kept in {kept}. Move it back to add seeds.",
    "{folder} 已被移动：其中的训练原先存放在 {kept}。请移回原处再增加种子。",
)
NOTHING_THERE = Text("{folder} holds no experiment to add seeds to.", "{folder} 中没有可以增加种子的实验。")


def exported(found: Mapping[str, Any]) -> dict[str, Any]:
    """What the result says of an exported run: what was verified, how, and how far apart; how fast it decodes in which
    form; of the fast form beside the file how often each rule applied, and what its own verification found."""
    verification = found["verification"]
    said = {key: verification.get(key) for key in VERIFIED}
    return said | {key: found.get(key) for key in FILE}


@dataclass
class Comparing:
    """One experiment under way. `watch` it to its end, then ask for its `result`."""

    experiment: Experiment
    folder: Path
    settings: Settings = Settings()
    where: Where = HERE
    more: int = 0  # seeds to add to the experiment that the folder holds
    onnx: dict[str, dict[str, Any]] = field(default_factory=dict)
    not_exported: list[str] = field(default_factory=list)  # runs whose export failed, or is not the model

    def __enter__(self) -> "Comparing":
        home = Home(self.folder)
        self.store = Store(home.database, check=True)
        queue = self._added() if self.more else self.experiment.runs()
        self.place = self.where.open(home, min(runs_at_a_time(), len(queue))).start()
        if not self.more:
            self._clear()  # not before it is sure that there can be others
        text = self.experiment.to_json()
        (self.folder / "experiment.json").write_text(text, encoding="utf-8")
        if self.more:
            self.store.extend(self.id, text, queue)
        else:
            self.id = self.store.submit(text, queue, self.folder / "runs", settings=self.settings)
        return self

    def _added(self) -> list[tuple[int, int]]:
        """The runs that more seeds of the folder's experiment are; what was exported before stays known."""
        latest = self.store.history("", 1)
        if not latest:
            raise Refusal(NOTHING_THERE.format(folder=self.folder), "add_seeds")
        self.id, before = latest[0].id, from_json(latest[0].json)
        kept = self.store.runs(self.id)[0].folder.parent.parent
        if kept.resolve() != self.folder.resolve():
            raise Refusal(MOVED.format(folder=self.folder, kept=kept), "add_seeds")
        self.folder = kept
        self.experiment = before.with_seeds(before.seeds + self.more)
        file = self.folder / "result.json"
        rows = json.loads(file.read_text(encoding="utf-8"))["runs"] if file.is_file() else []
        names = [run_name(*run) for run in before.runs()]
        self.onnx |= {name: row["onnx"] for name, row in zip(names, rows, strict=False) if row["onnx"]}
        return self.experiment.runs()[len(before.runs()) :]

    def __exit__(self, *_: object) -> None:
        self.place.close()
        self.store.close()

    def watch(self) -> Iterator[Snapshot]:
        """Snapshots until all runs have ended."""
        return follow(self.store, self.id)

    def stop(self) -> None:
        """Stop all runs, and wait until they have."""
        self.store.stop(self.id)
        deadline = time.monotonic() + STOP_WITHIN
        while time.monotonic() < deadline and any(run.state in GOING for run in self.store.runs(self.id)):
            time.sleep(0.05)

    def export(self, which: str) -> Iterator[str]:
        """Export finished runs to `model.onnx` in their folders, and yield a line about each when it is done.

        `which`: all, the first seed of every variant, or none.
        """
        names = {
            run_name(run.variant, run.seed): run.folder
            for run in self.store.runs(self.id)
            if run.state == "finished"
            and run_name(run.variant, run.seed) not in self.onnx
            and (which == "all" or (which == "first" and run.seed == 0))
        }
        row = self.store.experiment(self.id)
        text = {"text": row.settings.text if row else None}
        jobs = {name: self.store.add_job("export", {"folder": str(folder)} | text) for name, folder in names.items()}
        for name, id in jobs.items():
            while (job := self.store.job(id)) and job.state in GOING:
                time.sleep(0.05)
            assert job is not None
            if job.result is not None:
                self.onnx[name] = exported(job.result)
            failure = job.reason or (None if job.result and job.result["verification"]["passed"] else WRONG)
            if failure is not None:
                self.not_exported.append(name)
            yield f"{name}: {failure or 'exported'}"

    def result(self) -> dict[str, Any]:
        """What `result.json` holds, with folders relative to it; also written there."""
        snapshot = Follower(self.store, self.id).snapshot()
        content = result(self.experiment, snapshot, self._folders(), self.onnx)
        content |= finite(localized(reading(self.experiment, snapshot["runs"], noise=noise_in(self.experiment)), str))
        text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
        (self.folder / "result.json").write_text(text + "\n", encoding="utf-8")
        return content

    def _folders(self) -> Mapping[str, str]:
        runs = self.store.runs(self.id)
        return {run.folder.name: str(run.folder.relative_to(self.folder)) for run in runs if run.folder.exists()}

    def _clear(self) -> None:
        """What an earlier experiment in the same folder left."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "result.json").unlink(missing_ok=True)
        for run in self.experiment.runs():
            shutil.rmtree(self.folder / "runs" / run_name(*run), ignore_errors=True)
