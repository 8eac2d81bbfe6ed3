"""Writes `docs/skills.md`: `python -m scripts.skills DIR …` reads the `skills.json` of each folder.

A profile of more than two variants compares options, each with the first; one of two shows what a visitor gets, with
the time it took. Whether two separate is decided by `separates`, which was fixed before anything was run.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playground.interval import Interval, interval, paired
from playground.skills import LAYERS, LEVELS, RECIPE, SOLVED, STEPS, WIDTH, skills

PAGE = Path(__file__).resolve().parent.parent / "docs" / "skills.md"
VISIBLE = 0.1  # of the share of right answers: what one sees on the page without looking twice

Json = dict[str, Any]

HEAD = f"""# What separates architectures, task by task

Written by `python -m scripts.skills DIR …`, from what these left there:

{{commands}}

Every variant is brought to one size, {WIDTH} wide and {LAYERS} layers (one where it asks for one), and trained alike
for {STEPS} steps of {RECIPE["batch"]} rows at a learning rate of {RECIPE["lr"]}; a window is in its ratio to the
context. Numbers are percentages of right answers on validation rows, the mean over seeds.
**Bold** where a variant separates from the first one: the mean difference is at least {100 * VISIBLE:.0f} points, and
its 95 % interval (Student's t, paired by seed) lies on one side of 0. Size, learning rate and the difficulties of
recall were chosen after looking at single runs; the rule was fixed before the runs shown here, and none was run again
for another answer. A difference without bold is not shown to be none. The first table came first. Where nothing
separated in it (recall, induction, sorting), those after it were chosen then: other difficulties, more seeds, and what
happens without attention or feed-forward.
"""


def separates(difference: Interval) -> bool:
    """Do two variants differ visibly, and beyond what their seeds do?"""
    return difference.told and difference.mean is not None and abs(difference.mean) >= VISIBLE


def page(folders: Sequence[Path]) -> str:
    """All of `docs/skills.md`."""
    contents = [json.loads((folder / "skills.json").read_text(encoding="utf-8")) for folder in folders]
    commands = "\n".join(f"    {_command(content)}" for content in contents)
    parts = [HEAD.replace("{commands}", commands)]
    for content in contents:
        parts += _options(content) if len(content["variants"]) > 2 else _profile(content)
    return "\n".join(parts)


def _options(content: Json) -> list[str]:
    names = content["variants"]
    lines = [
        f"## Options on {', '.join(_tasks(content))}; {content['seeds']} seeds",
        "",
        _row(["task", "guessing", *map(_code, names)]),
        _rule(names, 2),
    ]
    found: list[str] = []
    for task in content["tasks"]:
        for level in task["levels"]:
            marked = [separates(_difference(level, number)) for number in range(len(names))]
            cells = [
                _bold(_percent(cell["accuracy"]["mean"]), told)
                for cell, told in zip(level["variants"], marked, strict=True)
            ]
            lines.append(_row([_code(level["data"]), _percent(level["chance"]), *cells]))
            found += [_sentence(level, number, names) for number in range(1, len(names))]
    return [*lines, "", "Differences from the first variant, in points, with their 95 % intervals:", "", *found, ""]


def _sentence(level: Json, number: int, names: Sequence[str]) -> str:
    difference = _difference(level, number)
    changed = names[number].partition(",")[2]
    verdict = "separates" if separates(difference) else "does not separate"
    if difference.mean is None or difference.low is None or difference.high is None:
        return f"- `{level['data']}`, `{changed}`: not measured."
    mean, low, high = (f"{100 * value:+.1f}" for value in (difference.mean, difference.low, difference.high))
    return f"- `{level['data']}`, `{changed}`: {verdict}, {mean} [{low}, {high}]."


def _profile(content: Json) -> list[str]:
    names = content["variants"]
    runs = content["seeds"] * len(names) * sum(len(task["levels"]) for task in content["tasks"])
    head = f"## A profile as the page makes it: {runs} runs in {content['seconds']:.0f} s"
    lines = [head, "", _row(["task", "guessing", *map(_code, names), "until 95 % right"]), _rule(names, 3)]
    for task in content["tasks"]:
        for level in task["levels"]:
            cells = [_percent(cell["accuracy"]["mean"]) for cell in level["variants"]]
            took = " / ".join(_took(cell["solved"]) for cell in level["variants"])
            lines.append(_row([_code(level["data"]), _percent(level["chance"]), *cells, took]))
    return [
        *lines,
        "",
        f"Right means {100 * SOLVED:.0f} % of a part of the validation rows; – where that was not reached.",
        "",
    ]


def _difference(level: Json, number: int) -> Interval:
    of_first, of_it = (_seeds(level["variants"][each]) for each in (0, number))
    return interval(paired(of_first, of_it))


def _seeds(cell: Json) -> Mapping[int, float]:
    return {int(seed): value for seed, value in cell["right"].items()}


def _command(content: Json) -> str:
    variants = " ".join(f"--variant {name}" for name in content["variants"])
    some = {"seeds": [str(content["seeds"])], "levels": _levels(content), "tasks": _tasks(content)}
    left_out = {"levels": [str(level) for level in range(LEVELS)], "tasks": [skill.name for skill in skills()]}
    asked = " ".join(f"--{name} {','.join(words)}" for name, words in some.items() if words != left_out.get(name))
    return f"python -m playground skills {variants} {asked} --out DIR"


def _tasks(content: Json) -> list[str]:
    return [task["task"] for task in content["tasks"]]


def _levels(content: Json) -> list[str]:
    """The numbers of the difficulties, 0 the easiest."""
    spelt = {skill.name: [skill.spelt(numbers) for numbers in skill.levels] for skill in skills()}
    task = content["tasks"][0]
    return [str(spelt[task["task"]].index(level["data"])) for level in task["levels"]]


def _took(solved: Json) -> str:
    return f"{solved['seconds']:.1f} s" if solved["runs"] else "–"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _bold(text: str, told: bool) -> str:
    return f"**{text}**" if told else text


def _code(text: str) -> str:
    return f"`{text}`"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(names: Sequence[str], more: int) -> str:
    return _row(["---"] * (len(names) + more))


if __name__ == "__main__":
    PAGE.write_text(page([Path(folder) for folder in sys.argv[1:]]), encoding="utf-8")
