"""Put a claim of the lecture to the test, and say by its rule whether it holds at this scale."""

import argparse
import sys
from pathlib import Path
from typing import Any

from models.text import Refusal, Text
from playground import place
from playground.device import DEVICES
from playground.lessons import Lesson, lessons
from playground.lessons.base import SettingName
from playground.outcome import find, says
from playground.plan import ready
from playground.profile import current
from playground.store import Settings
from playground.teaching import Teaching

ALL = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("name", nargs="?", metavar="NAME|all", help="the lesson, or all of them one after the other")
    add("--list", action="store_true", help="say which lessons there are, and end")
    add("--thorough", action="store_true", help="more seeds, and where it matters more tokens")
    add("--device", default="auto", metavar="|".join(DEVICES), help="default: auto")
    place.add_argument(parser)
    add("--out", type=Path, metavar="DIR", help="where everything is written; with all, a folder a lesson")


def run(arguments: argparse.Namespace) -> int:
    """Train, measure, judge, write; 0 whatever the verdict."""
    if arguments.list:
        print("\n".join(f"{lesson.id.ljust(24)} {lesson.title.en}" for lesson in lessons().values()))
        return 0
    if arguments.name is None or arguments.out is None:
        raise Refusal(NAME_AND_PLACE, "lesson")
    setting: SettingName = "thorough" if arguments.thorough else "quick"
    where = place.where(arguments.cluster)
    settings = Settings(device=where.device(arguments.device))
    if arguments.name != ALL:
        _teach(Teaching(find(arguments.name), setting, arguments.out, settings, where))
        return 0
    for lesson in lessons().values():
        _teach(Teaching(lesson, setting, arguments.out / lesson.id, settings, where))
    return 0


def _teach(teaching: Teaching) -> None:
    lesson = teaching.lesson
    for experiment, _ in lesson.experiments(teaching.setting):
        ready(experiment, current())
    _tell(f"{lesson.id}: {lesson.title.en}")
    with teaching:
        if teaching.kept:
            _tell(f"  goes on: {teaching.kept} runs ended before it broke off")
        ended: set[str] = set()
        for snapshot in teaching.watch():
            for one in snapshot["runs"]:
                if one["state"] not in ("queued", "running") and one["id"] not in ended:
                    ended.add(one["id"])
                    _tell(f"  {one['name']} {one['state']}")
        content = teaching.measure()
    _tell(table(lesson, content))
    _tell(lesson.rule_in_words().en)
    _tell(says(lesson, content).en)


def table(lesson: Lesson, content: dict[str, Any]) -> str:
    """Readings and findings as lines of text, for a terminal."""
    lines = [
        f"  {lesson.arms[key].title.en.ljust(36)} {lesson.metric(name).en}: {_interval(of)}"
        for key, found in content["intervals"].items()
        for name, of in found.items()
    ]
    for words, found in zip(lesson.parts_in_words(), content["findings"], strict=True):
        lines.append(f"  {words.en}: {_interval(found)} → {found['verdict']}")
    return "\n".join(lines)


def _interval(of: dict[str, Any]) -> str:
    if of["mean"] is None:
        return "not measured"
    if of["low"] is None:
        return f"{of['mean']:.4g} (one seed)"
    return f"{of['mean']:.4g} [{of['low']:.4g}, {of['high']:.4g}] over {of['seeds']}"


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


NAME_AND_PLACE = Text(
    "Give a lesson and --out DIR; --list says which lessons there are.",
    "请给出课题名和 --out DIR；--list 列出所有课题。",
)
