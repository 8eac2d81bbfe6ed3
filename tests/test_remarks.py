"""What a verdict does not say of itself: costs within a bound, failures that nobody had, what was not asked."""

import json
import re
from typing import Any

import pytest
from source import ROOT

from playground.lessons import Lesson, lessons
from playground.outcome import conclusion, find, says
from playground.remarks import all_sentences, beside, remarks

BIASES = find("biases")
SPREAD = 1e-4  # between seeds, so that differences have an interval


def shipped(id: str) -> dict[str, Any]:
    return json.loads((ROOT / "assets" / "lessons" / f"{id}.json").read_text(encoding="utf-8"))


def planted(cost: float, failing: tuple[str, ...] = (), seeds: int = 20) -> dict[str, Any]:
    """A result of the lesson on biases: leaving them out costs so much, and these arms fail every other time."""
    readings = {
        key: {
            seed: {
                "loss": 1.0 + ("none" in key) * (cost + seed % 2 * SPREAD),
                "failed": float(key in failing and seed % 2),
            }
            for seed in range(seeds)
        }
        for key in BIASES.arms
    }
    return {**conclusion(BIASES, readings), "readings": readings, "seeds": seeds}


def test_a_cost_within_the_bound_is_not_called_nothing() -> None:
    first, _ = remarks(BIASES, planted(0.01))
    assert first and "less than 0.02" in first.sentence.en and "0.02" in first.sentence.zh
    assert re.search(r"a small cost was seen, 0\.01005 \[0\.01", first.sentence.en)


@pytest.mark.parametrize("cost", [-0.01, -5e-5, 0.1])
def test_a_gain_nothing_and_what_is_over_the_bound_need_no_remark(cost: float) -> None:
    assert remarks(BIASES, planted(cost))[0] is None


def test_failures_that_nobody_had_tell_nothing() -> None:
    _, second = remarks(BIASES, planted(0.0))
    assert second and "0 of 120" in second.sentence.en and "120" in second.sentence.zh
    assert remarks(BIASES, planted(0.0, ("all-0.03",)))[1] is None
    _, elsewhere = remarks(BIASES, planted(0.0, ("all-0.01",)))
    assert elsewhere and "10 of 120" in elsewhere.sentence.en


def test_what_is_asked_beside_the_rule_is_told_and_decides_nothing() -> None:
    content = planted(0.01)
    said = beside(BIASES, content)
    assert said and "no biases, lr 0.01 − biases, lr 0.01: 0.01005" in said.en
    assert beside(find("warmup"), shipped("warmup")) is None
    assert content["verdict"] == "confirmed" and len(content["findings"]) == len(BIASES.rule)


def test_one_seed_has_no_interval_and_no_remark() -> None:
    assert remarks(BIASES, planted(0.01, seeds=1))[0] is None


@pytest.mark.parametrize("lesson", lessons().values(), ids=lambda lesson: lesson.id)
def test_every_sentence_carries_its_remarks_in_both_languages(lesson: Lesson) -> None:
    content = shipped(lesson.id)
    more, said = all_sentences(lesson, content), says(lesson, content)
    assert said.en.endswith(more.en) and said.zh.endswith(more.zh) and bool(more.en) == bool(more.zh)
    assert "{" not in said.en + said.zh


def test_what_ships_of_biases_says_what_it_does_not_show() -> None:
    said = says(BIASES, shipped("biases"))
    assert "a small cost was seen, 0.01353 [0.01064, 0.01642]" in said.en and "says nothing about stability" in said.en
