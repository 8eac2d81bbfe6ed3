"""Ships results of lessons: `python -m scripts.lessons DIR …` takes every `lesson.json` below, and writes the table.

They go to `assets/lessons/`, where the page shows them, and `docs/lessons.md` is written from all that are there. A
thorough result is never replaced by a quick one. What follows from the readings is computed anew for all of them, by
the rules as they are now.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playground.lessons import Lesson, lessons
from playground.lessons.base import THEMES
from playground.outcome import conclusion, find, in_some_parts
from playground.remarks import all_sentences, numbers, remarks

ROOT = Path(__file__).resolve().parent.parent
FOLDER, TABLE = ROOT / "assets" / "lessons", ROOT / "docs" / "lessons.md"

HEAD = """# The lecture's claims, measured

Written by `python -m scripts.lessons` from the results in `assets/lessons/`, which `python -m playground lesson NAME
--out DIR` makes. Every rule was written down before anything was run, and no setting was tuned until the expected
answer came; the verdict is computed from the readings by the rule. It holds *at this scale*: models of some hundred
thousand parameters, trained for minutes. Intervals are 95 % (Student's t) over seeds, paired by seed; of speeds, over
rounds taken in turns. Nothing is corrected for there being many claims: of twenty true nulls one looks like an effect.

A bound allows a cost: where one was seen that is smaller, it is said, and so is that a part about failures tells
nothing where no run failed.

With the few seeds of the quick setting "undecided" is an expected answer; `--thorough` takes more of them.

Four rules were changed on 29 November 2026, when quick results were known and before the thorough runs. `weight-decay`
asks for what a constant rate does as well, and for the training loss, as the claim has it; `warmup` at both rates, no
longer at one; `windows` for a cache that is smaller, where it asked for one that is not larger; `biases` takes exact
intervals of counts, and the seeds that these need.

The sizes of two lessons were mended on the same day, when thorough results were known: what they call equal parameters
was not, by the 1 % that matching allows. Of `feed-forward-ratio` the models had 7 % fewer to 5 % more parameters than
the one that they are compared with, and in the one part that was contradicted, ratio 8, it was the loser that had 7 %
fewer; of `aspect-ratio` two layers had 1.02 % more than four. Both were contradicted with those sizes, in 1 of 3 parts
and in 2 of 3. Their rules are as they were, and what is shown of them is of the mended sizes alone.
"""


def main(folders: Iterable[Path]) -> None:
    """Take what is below `folders`, and write the table of all."""
    FOLDER.mkdir(exist_ok=True)
    for path in sorted(found for folder in folders for found in folder.rglob("lesson.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        file = FOLDER / f"{content['lesson']}.json"
        if content["setting"] == "quick" and (before := shipped(content["lesson"])) and before["setting"] == "thorough":
            print(f"{path}: a thorough result ships already", file=sys.stderr)
            continue
        _write(file, content)
    for path in FOLDER.glob("*.json"):
        _write(path, _concluded(json.loads(path.read_text(encoding="utf-8"))))
    TABLE.write_text(table(), encoding="utf-8")


def _concluded(content: dict[str, Any]) -> dict[str, Any]:
    readings = {key: {int(seed): of for seed, of in values.items()} for key, values in content["readings"].items()}
    return content | conclusion(find(content["lesson"]), readings)


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def shipped(id: str) -> dict[str, Any] | None:
    """The result that ships with a lesson."""
    path = FOLDER / f"{id}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def table() -> str:
    """All of `docs/lessons.md`."""
    results = {id: shipped(id) for id in lessons()}
    parts = [HEAD, _summary(results)]
    for theme, title in THEMES.items():
        some = [lesson for lesson in lessons().values() if lesson.theme == theme]
        parts += [f"## {title.en}\n", *(_section(lesson, results[lesson.id]) for lesson in some)] if some else []
    return "\n".join(parts)


def _summary(results: dict[str, dict[str, Any] | None]) -> str:
    lines = ["| | claim | verdict | setting | seeds |", "| --- | --- | --- | --- | --- |"]
    for lesson in lessons().values():
        content = results[lesson.id]
        cells = ["not run yet", "–", "–"]
        if content is not None:
            cells = [_verdict(lesson, content), content["setting"], content["seeds"]]
        lines.append(f"| {lesson.order} | [{lesson.title.en}](#{lesson.id}) | {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


def _verdict(lesson: Lesson, content: dict[str, Any]) -> str:
    """The word of the table; where that is "confirmed", also which part shows less than it seems to."""
    said = content["verdict"] + in_some_parts(content).en
    if content["verdict"] != "confirmed":
        return said
    parts = enumerate(remarks(lesson, content), start=1)
    return "; ".join([said, *(f"{remark.words.en} (part {number})" for number, remark in parts if remark)])


def _section(lesson: Lesson, content: dict[str, Any] | None) -> str:
    lines = [f"### {lesson.id}", "", f"**{lesson.title.en}** {lesson.said.en} ({lesson.by.en})", ""]
    lines += [lesson.rule_in_words().en, ""]
    if content is None:
        return "\n".join([*lines, "Not run yet.", ""])
    lines += ["| part of the rule | mean [95 % interval] | verdict |", "| --- | --- | --- |"]
    parts = zip(lesson.parts_in_words(), content["findings"], remarks(lesson, content), strict=True)
    for words, found, remark in parts:
        verdict = found["verdict"] + (f"; {remark.words.en}" if remark else "")
        lines.append(f"| {words.en} | {_interval(found)} | {verdict} |")
    if said := all_sentences(lesson, content).en:
        lines += ["", said]
    names = [name for name in lesson.readings if any(name in found for found in content["intervals"].values())]
    lines += ["", "| variant | " + " | ".join(lesson.metric(name).en for name in names) + " |"]
    lines += ["| --- |" + " --- |" * len(names)]
    for key, found in content["intervals"].items():
        cells = [_interval(found[name]) if name in found else "–" for name in names]
        lines.append(f"| {lesson.arms[key].title.en} | {' | '.join(cells)} |")
    machine = content["machine"]
    lines += ["", f"{content['setting']}, {content['seeds']} seeds, {content['date']}, {machine['processor']}, "]
    lines[-1] += f"{machine['cores']} cores, torch {machine['versions'].get('torch', '?')}. {lesson.small.en}"
    return "\n".join([*lines, ""])


def _interval(found: dict[str, Any]) -> str:
    return "not measured" if found["mean"] is None else numbers(found)


if __name__ == "__main__":
    main(map(Path, sys.argv[1:]))
