"""From finished runs to a lesson's verdict: the measuring that follows training, and the result as plain JSON.

The workers do it as the job `lesson`. Knows no page. The verdict is computed from the readings by the lesson's rule.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from models.text import Refusal, Text
from playground import link
from playground.bench.measure import machine
from playground.experiment import Experiment, from_json
from playground.follow import Follower
from playground.interval import Interval, interval, share
from playground.lessons import Lesson, lessons
from playground.lessons.base import SettingName
from playground.measure.base import COUNTED, Contender, Trained, names
from playground.plan import fitted, task_of
from playground.remarks import all_sentences
from playground.results import result
from playground.ruling import VERDICTS, Readings, judged, rounded
from playground.store import Store

ENDED = ("finished", "diverged")


def lesson_job(payload: dict[str, Any]) -> dict[str, Any]:
    """The outcome of the lesson in `payload`, whose `experiments` (ids) have ended in the store at `database`.

    Raises:
        Refusal: there is no such lesson, or some of its runs did not come to their end.
    """
    lesson, setting = find(payload["lesson"]), cast(SettingName, payload["setting"])
    store = Store(Path(payload["database"]))
    try:
        runs = [runs_of(store, id) for id in payload["experiments"]]
    finally:
        store.close()
    return outcome(lesson, setting, read(lesson, setting, runs))


def find(id: object) -> Lesson:
    """The lesson of that id; raises `Refusal`."""
    if not isinstance(id, str) or id not in lessons():
        raise Refusal(NO_SUCH_LESSON.format(id=repr(id)[:60], known=", ".join(lessons())), "lesson")
    return lessons()[id]


def runs_of(store: Store, id: str) -> list[Trained]:
    """The runs of a stored experiment, in the order of training."""
    row = store.experiment(id)
    if row is None:
        raise Refusal(NOT_THERE)
    experiment = from_json(row.json)
    rows = result(experiment, Follower(store, id).snapshot(), {}, {})["runs"]
    return [
        _trained(experiment, run.variant, run.seed, of, run.folder)
        for run, of in zip(store.runs(id), rows, strict=True)
    ]


def _trained(experiment: Experiment, variant: int, seed: int, row: Mapping[str, Any], folder: Path) -> Trained:
    chosen = experiment.variants[variant]
    architecture = fitted(chosen.architecture, task_of(chosen, experiment))
    return Trained(architecture, chosen.recipe_in(experiment), seed, row, folder)


def read(lesson: Lesson, setting: SettingName, experiments: Sequence[Sequence[Trained]]) -> dict[str, dict[int, Any]]:
    """All readings of a lesson, by arm, seed (or round) and name; raises `Refusal` where a run did not end."""
    readings: dict[str, dict[int, Any]] = {}
    for key, run in _by_arm(lesson, setting, experiments):
        if run.row["status"] not in ENDED:
            raise Refusal(NOT_ENDED.format(arm=lesson.arms[key].title, status=run.row["status"]))
        found: dict[str, Any] = {}
        for measure in lesson.measures:
            found |= measure(run)
        readings.setdefault(key, {})[run.seed] = found
    contenders = {key: Contender(run.architecture, run.recipe) for key, run in _by_arm(lesson, setting, experiments)}
    for race in lesson.races:
        (name,) = names(race)
        for key, values in race(contenders, lesson.rounds(setting)).items():
            for number, value in enumerate(values):
                readings[key].setdefault(number, {})[name] = value
    return readings


def _by_arm(
    lesson: Lesson, setting: SettingName, experiments: Sequence[Sequence[Trained]]
) -> Iterator[tuple[str, Trained]]:
    for (experiment, keys), runs in zip(lesson.experiments(setting), experiments, strict=True):
        for (variant, _), run in zip(experiment.runs(), runs, strict=True):
            yield keys[variant], run


def outcome(lesson: Lesson, setting: SettingName, readings: Readings) -> dict[str, Any]:
    """What `lesson.json` holds: readings, intervals, findings, verdict, and how it came about."""
    experiments = lesson.experiments(setting)
    return {
        "lesson": lesson.id,
        "setting": setting,
        "seeds": experiments[0][0].seeds,
        "budgets": [{trial.unit: trial.budget[setting == "thorough"]} for trial in lesson.trials],
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "links": [link.write(experiment) for experiment, _ in experiments],
        **conclusion(lesson, readings),
        "readings": {key: {str(seed): _plain(of) for seed, of in values.items()} for key, values in readings.items()},
    }


def conclusion(lesson: Lesson, readings: Readings) -> dict[str, Any]:
    """What follows from readings alone, by the rule: verdict, findings and intervals, as `outcome` has them."""
    verdict, findings = judged(lesson.rule, readings)
    return {
        "verdict": verdict,
        "findings": [finding.to_dict() for finding in findings],
        "intervals": {key: _intervals(lesson, values) for key, values in readings.items()},
    }


def says(lesson: Lesson, content: Mapping[str, Any]) -> Text:
    """The verdict as a sentence, from what `outcome` gave, and what it does not say of itself."""
    verdict, more = verdict_of(lesson, content), all_sentences(lesson, content)
    return Text(f"{verdict.en} {more.en}".strip(), verdict.zh + more.zh)


def verdict_of(lesson: Lesson, content: Mapping[str, Any]) -> Text:
    """The verdict alone as a sentence."""
    word, some = VERDICTS[content["verdict"]], in_some_parts(content)
    return SAYS.format(title=lesson.title, en=word.en + some.en, zh=word.zh + some.zh, seeds=content["seeds"])


def in_some_parts(content: Mapping[str, Any]) -> Text:
    """In how many parts of its rule a claim was not confirmed: one is enough, and the others may well hold."""
    verdict, parts = content["verdict"], [finding["verdict"] for finding in content["findings"]]
    if verdict == "confirmed" or len(parts) == 1:
        return Text("", "")
    return SOME_PARTS.format(some=parts.count(verdict), all=len(parts))


def _intervals(lesson: Lesson, values: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    found = {}
    for name in lesson.readings:
        numbers = [of[name] for of in values.values() if isinstance(of.get(name), int | float)]
        if numbers:
            found[name] = _ends(share(numbers) if name in COUNTED else interval(numbers))
    return found


def _ends(found: Interval) -> dict[str, Any]:
    return {name: rounded(getattr(found, name)) for name in ("mean", "low", "high")} | {"seeds": found.seeds}


def _plain(of: Mapping[str, Any]) -> dict[str, Any]:
    """Readings as JSON has them: six digits, curves included."""
    return {
        name: {axis: [rounded(number) for number in numbers] for axis, numbers in value.items()}
        if isinstance(value, Mapping)
        else rounded(value)
        for name, value in of.items()
    }


NO_SUCH_LESSON = Text("There is no lesson {id}. There are: {known}.", "没有名为 {id} 的课题。可选的有：{known}。")
NOT_THERE = Text("An experiment of this lesson is no longer there.", "该课题的某个实验已不存在。")
NOT_ENDED = Text(
    "{arm.en}: a run ended as {status}, so this lesson has no verdict.",
    "{arm.zh}：有一次训练的状态是 {status}，因此该课题没有结论。",
)
SOME_PARTS = Text(" in {some} of {all} parts", "，规则 {all} 项中有 {some} 项如此")
SAYS = Text(
    "{title.en} At this scale: {en} ({seeds} seeds).",
    "{title.zh} 在这个规模下：{zh}（{seeds} 个种子）。",
)
