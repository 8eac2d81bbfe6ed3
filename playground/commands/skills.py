"""Profile what variants can do: every task at rising difficulty, small and brief, into DIR/skills.json."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.text import Refusal, Text
from playground import link, place, skills
from playground.device import DEVICES
from playground.experiment import Variant, numbered
from playground.follow import Snapshot, follow
from playground.formed import localized
from playground.home import Home
from playground.place import Where
from playground.plan import ready
from playground.profile import current, runs_at_a_time
from playground.skills import LEVELS, Trial
from playground.store import Settings, Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("--variant", action="append", required=True, metavar="SYSTEM[,field=value …]", help="once for every variant")
    add("--seeds", type=int, default=1, metavar="N", help="runs of every variant (1)")
    add(
        "--levels", default=",".join(map(str, range(LEVELS))), metavar="0,1,2", help="difficulties, 0 the easiest (0,1)"
    )
    add("--tasks", default="", metavar="NAME,NAME", help="some of the tasks; all if left out")
    add("--device", default="auto", metavar="|".join(DEVICES), help="default: auto")
    place.add_argument(parser)
    add("--out", type=Path, required=True, metavar="DIR", help="where everything is written")


def run(arguments: argparse.Namespace) -> int:
    """Train everything, write what it came to, and show it as a table."""
    levels = _levels(arguments.levels)
    variants = [link.variant(text) for text in arguments.variant]
    tasks = _tasks(arguments.tasks)
    trials = [each for each in skills.trials(variants, arguments.seeds, levels) if each.skill.name in tasks]
    trials = [Trial(each.skill, each.level, ready(each.experiment, current())) for each in trials]
    began = time.monotonic()
    where = place.where(arguments.cluster)
    snapshots = trained(trials, arguments.out, Settings(device=where.device(arguments.device)), where)
    content = result(variants, trials, snapshots, time.monotonic() - began)
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    (arguments.out / "skills.json").write_text(text + "\n", encoding="utf-8")
    print(table(content), file=sys.stderr)
    return 0


def trained(trials: Sequence[Trial], folder: Path, settings: Settings, where: Where) -> list[Snapshot]:
    """The last snapshot of every trial, trained in a place of its own."""
    home = Home(folder)
    store = Store(home.database, check=True)
    there = where.open(home, runs_at_a_time()).start()
    try:
        ids = [
            store.submit(each.experiment.to_json(), each.experiment.runs(), folder / "runs" / str(n), settings=settings)
            for n, each in enumerate(trials)
        ]
        return [_followed(store, id, each) for id, each in zip(ids, trials, strict=True)]
    finally:
        there.close()
        store.close()


def result(
    variants: Sequence[Variant], trials: Sequence[Trial], snapshots: Sequence[Snapshot], seconds: float
) -> dict[str, Any]:
    """What `skills.json` holds; `right` has the accuracy of every seed, to compare variants by."""
    names = numbered([variant.name for variant in variants])
    tasks = localized(skills.reading(trials, snapshots), str)
    for trial, snapshot in zip(trials, snapshots, strict=True):
        levels = next(task["levels"] for task in tasks if task["task"] == trial.skill.name)
        level = next(each for each in levels if each["data"] == trial.experiment.recipe.data)
        for number, cell in enumerate(level["variants"]):
            cell["right"] = {str(seed): value for seed, value in skills.accuracies(snapshot, number).items()}
    return {"variants": names, "seeds": trials[0].experiment.seeds, "seconds": round(seconds, 1), "tasks": tasks}


def table(content: dict[str, Any]) -> str:
    """One line a task and difficulty: the accuracy of every variant, in per cent, and of guessing."""
    names = [f"{letter} {name}" for letter, name in zip("ABCDEFGH", content["variants"], strict=False)]
    lines = [*names, ""]
    for task in content["tasks"]:
        for level in task["levels"]:
            cells = "".join(_cell(cell).rjust(12) for cell in level["variants"])
            lines.append(f"{level['data'].ljust(24)}{cells}   guessing {100 * level['chance']:.0f} %")
    return "\n".join([*lines, "", f"{content['seconds']:g} s"])


def _tasks(text: str) -> set[str]:
    """The tasks that `recall,copy` names, all of them where it names none; raises `Refusal` for an unknown one."""
    known = [skill.name for skill in skills.skills()]
    asked = set(filter(None, text.split(","))) or {*known}
    for name in sorted(asked - {*known}):
        raise Refusal(TASK.format(given=repr(name[:40]), known=", ".join(known)), "tasks")
    return asked


def _levels(text: str) -> list[int]:
    """The difficulties that `0,2` names; raises `Refusal` where it names none."""
    most = min(len(skill.levels) for skill in skills.skills())
    words = text.split(",")
    if not all(word.isascii() and word.isdigit() and int(word) < most for word in words):
        raise Refusal(LEVEL.format(given=repr(text[:40]), highest=most - 1), "levels")
    return sorted(map(int, set(words)))


def _cell(cell: dict[str, Any]) -> str:
    mean = cell["accuracy"]["mean"]
    return "–" if mean is None else f"{100 * mean:.1f} %"


def _followed(store: Store, id: str, trial: Trial) -> Snapshot:
    last: Snapshot = {}
    for snapshot in follow(store, id):
        last = snapshot
    print(f"{trial.experiment.recipe.data} ended", file=sys.stderr, flush=True)
    return last


TASK = Text(
    "--tasks {given}: there is no such task; there are {known}.", "--tasks {given}：没有这个任务；可选：{known}。"
)
LEVEL = Text(
    "--levels {given}: difficulties are numbers from 0 to {highest}, joined by commas.",
    "--levels {given}：难度是 0 到 {highest} 的数字，用逗号分隔。",
)
