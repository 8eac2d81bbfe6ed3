"""Every lesson: what it owes, that it can be trained within the caps, and that its rule decides all three ways."""

import json
import math
import re
from pathlib import Path

import pytest
from source import ROOT

from models.cost import parameters
from playground import link
from playground.data import prepare
from playground.lessons import Lesson, lessons
from playground.lessons.base import QUICK, SettingName
from playground.matching import TOLERANCE
from playground.measure.base import COUNTED
from playground.outcome import find, says
from playground.plan import fitted, ready, task_of
from playground.profile import PROFILES
from playground.ruling import Lies, judged

ALL = list(lessons().values())
SETTINGS: tuple[SettingName, ...] = ("quick", "thorough")
SEEDS = 5


def named(lesson: Lesson) -> str:
    return lesson.id


@pytest.mark.parametrize("lesson", ALL, ids=named)
def test_a_lesson_owes_its_texts(lesson: Lesson) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", lesson.id)
    texts = [lesson.title, lesson.said, lesson.by, lesson.figure, lesson.small, lesson.look, lesson.rule_in_words()]
    texts += [arm.title for arm in lesson.arms.values()] + [lesson.metric(name) for name in lesson.readings]
    for text in texts:
        assert text.en.strip() and text.zh.strip()
    for text in texts[:6]:
        assert re.search(r"[\u4e00-\u9fff]", text.zh) and not re.search(r"[\u4e00-\u9fff]", text.en)
    assert re.search(r"\b(19|20)\d\d\b", lesson.by.en) and "CS336" in lesson.by.en, "who says so, and where"


@pytest.mark.parametrize("lesson", ALL, ids=named)
def test_a_lesson_can_be_trained_where_the_page_is_shown(lesson: Lesson) -> None:
    for experiment, keys in lesson.experiments("quick"):
        ready(experiment, PROFILES["public-cpu"])
        assert len(keys) == len(experiment.variants)
    for experiment, _ in lesson.experiments("thorough"):
        ready(experiment, PROFILES["local"])
    keys = [key for _, of in lesson.experiments("quick") for key in of]
    assert keys == [*lesson.arms]


@pytest.mark.parametrize("lesson", ALL, ids=named)
def test_the_quick_setting_takes_three_minutes_at_most(lesson: Lesson) -> None:
    assert lesson.seconds("quick") <= QUICK < 3600
    assert lesson.seeds[0] >= 2 and lesson.seeds[1] > lesson.seeds[0]


WITH_BPE = [lesson for lesson in ALL if any(trial.recipe.get("tokenizer") == "bpe" for trial in lesson.trials)]


@pytest.mark.parametrize("lesson", WITH_BPE, ids=named)
def test_the_text_has_as_many_tokens_as_a_variant_is_named_for(lesson: Lesson) -> None:
    for experiment, _ in lesson.experiments("quick"):
        for variant in experiment.variants:
            data, asked = variant.recipe_in(experiment).data, variant.architecture.shape.vocabulary
            assert prepare(data, "bpe", vocabulary=asked).vocabulary == asked


EQUAL_EN = re.compile(r"\b(?:equal|equally many|same|as many) (?:number of )?parameters|parameters (?:are|be) equal")
EQUAL_ZH = re.compile(r"参数量?(?:都|均)?(?:相同|相等|一样)|(?:同样|相同|等)(?:多的)?参数")


def says_equal(lesson: Lesson) -> bool:
    """Does it say in its texts that what it compares has equally many parameters? In both languages, or in none."""
    texts = (lesson.title, lesson.said, lesson.figure, lesson.small, lesson.look)
    en, zh = any(EQUAL_EN.search(text.en) for text in texts), any(EQUAL_ZH.search(text.zh) for text in texts)
    assert en == zh, lesson.id
    return en


AT_EQUAL = [lesson for lesson in ALL if says_equal(lesson)]


def test_the_lessons_at_equal_parameters_are_found() -> None:
    assert {lesson.id for lesson in AT_EQUAL} >= {"activations", "feed-forward-ratio", "head-width", "aspect-ratio"}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("lesson", AT_EQUAL, ids=named)
def test_what_is_called_equal_in_parameters_is(lesson: Lesson, setting: SettingName) -> None:
    """With the vocabulary of the data, and every arm against the one that the rule compares with."""
    counts = {
        key: parameters(fitted(variant.architecture, task_of(variant, experiment)))
        for experiment, keys in lesson.experiments(setting)
        for variant, key in zip(experiment.variants, keys, strict=True)
    }
    for reference in {part.minus for part in lesson.rule if part.minus}:
        assert {key: count / counts[reference] - 1 for key, count in counts.items()} == pytest.approx(
            dict.fromkeys(counts, 0.0), abs=TOLERANCE
        )


def test_a_ratio_is_what_its_arm_is_called() -> None:
    lesson = find("feed-forward-ratio")
    for experiment, keys in lesson.experiments("thorough"):
        for variant, key in zip(experiment.variants, keys, strict=True):
            shape = variant.architecture.shape
            assert variant.architecture.feed_forward.hidden(shape.width) / shape.width == float(key)


def inside(part: Lies) -> float:
    """A number well within the part's range."""
    if math.isinf(part.below):
        return part.above + 1.0
    return part.below - 1.0 if math.isinf(part.above) else (part.above + part.below) / 2


def outside(part: Lies) -> float:
    return part.below + 1.0 if math.isinf(part.above) else part.above - 1.0


def planted(part: Lies, number: float, spread: float) -> dict[str, dict[int, dict[str, float]]]:
    """Readings of which the part reads `number`, give or take `spread`."""
    other = part.minus or part.over
    numbers = [number + spread * (1 if seed % 2 else -1) for seed in range(SEEDS)]
    base = 0.0 if other is None else 2.0
    mine = [value * base if part.over else value + base for value in numbers]
    found = {part.of: {seed: {part.metric: value} for seed, value in enumerate(mine)}}
    return found | ({other: {seed: {part.metric: base} for seed in range(SEEDS)}} if other else {})


def counts(part: Lies, mine: list[int], theirs: list[int]) -> dict[str, dict[int, dict[str, float]]]:
    arms = {part.of: mine, **({part.minus: theirs} if part.minus else {})}
    return {arm: {seed: {part.metric: hit} for seed, hit in enumerate(hits)} for arm, hits in arms.items()}


@pytest.mark.parametrize("lesson", ALL, ids=named)
def test_every_part_of_a_rule_decides_all_three_ways(lesson: Lesson) -> None:
    for part in lesson.rule:
        assert part.counted == (part.metric in COUNTED)
        if part.counted:
            none, every = [0] * 40, [1] * 40
            planned = {"confirmed": (none, none), "contradicted": (every, none), "undecided": ([1, 0], [0, 1])}
            assert all(part.judge(counts(part, *of)).verdict == verdict for verdict, of in planned.items())
            continue
        assert part.judge(planted(part, inside(part), 1e-6)).verdict == "confirmed"
        assert part.judge(planted(part, outside(part), 1e-6)).verdict == "contradicted"
        assert part.judge(planted(part, inside(part), 1e3)).verdict == "undecided"
        assert judged((part,), planted(part, outside(part), 1e-6))[0] == "contradicted"


def test_an_unknown_lesson_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="warmup"):
        find("warm-up")
    with pytest.raises(ValueError):
        find(None)


def test_every_lesson_ships_its_thorough_result() -> None:
    settings = {path.stem: json.loads(path.read_text(encoding="utf-8"))["setting"] for path in shipped()}
    assert settings == dict.fromkeys(lessons(), "thorough")


def shipped() -> list[Path]:
    return sorted((ROOT / "assets" / "lessons").glob("*.json"))


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_a_shipped_verdict_follows_from_its_readings(path: Path) -> None:
    """By the rule as it stands: a rule that was changed later, or a verdict typed in, would show."""
    content = json.loads(path.read_text(encoding="utf-8"))
    lesson = find(content["lesson"])
    readings = {key: {int(seed): of for seed, of in values.items()} for key, values in content["readings"].items()}
    verdict, findings = judged(lesson.rule, readings)
    assert content["verdict"] == verdict
    assert [finding["verdict"] for finding in content["findings"]] == [finding.verdict for finding in findings]
    assert content["date"] and content["machine"]["cores"] and content["setting"] in SETTINGS
    assert content["seeds"] == lesson.seeds[SETTINGS.index(content["setting"])]


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_a_shipped_result_is_of_the_experiments_as_they_are(path: Path) -> None:
    """A lesson whose sizes or budgets were changed owes a new run."""
    content = json.loads(path.read_text(encoding="utf-8"))
    lesson = find(content["lesson"])
    assert content["links"] == [link.write(experiment) for experiment, _ in lesson.experiments(content["setting"])]
    assert [*content["readings"]] == [*lesson.arms]


def test_a_verdict_says_in_how_many_parts_of_its_rule() -> None:
    def said(*verdicts: str) -> str:
        findings = [{"verdict": verdict, "low": None} for verdict in verdicts]
        content = {"verdict": verdicts[0], "seeds": 3, "findings": findings}
        return says(ALL[0], content).en.removeprefix(ALL[0].title.en).strip()

    assert said("contradicted", "confirmed") == "At this scale: contradicted in 1 of 2 parts (3 seeds)."
    assert said("undecided", "undecided", "confirmed") == "At this scale: undecided in 2 of 3 parts (3 seeds)."
    assert said("confirmed", "confirmed") == "At this scale: confirmed (3 seeds)."
    assert said("contradicted") == "At this scale: contradicted (3 seeds)."


def test_places_and_ids_are_unique() -> None:
    orders = [lesson.order for lesson in ALL]
    assert sorted(set(orders)) == orders and all(1 <= order <= 28 for order in orders)
