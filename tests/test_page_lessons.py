"""The lessons tab's answers, asked as the page asks; a worker is played."""

from pathlib import Path
from typing import Any

import pytest
from test_page_training import ANNA, BEN, Answers

from playground.lessons import lessons
from playground.profile import PROFILES
from playground.recording import do_run
from playground.worker import do_job

Json = dict[str, Any]
SHORT = "half-softmax"


def start(page: Answers, lesson: Any = SHORT, owner: str = ANNA) -> Json:
    return page.ask("start_lesson", lesson=lesson, owner=owner)


def follow(page: Answers, ids: Any, lesson: str = SHORT) -> Any:
    return page.service.follow({"name": "follow_lesson", "given": {"lesson": lesson, "ids": ids}})


def test_every_lesson_is_listed_in_both_languages(tmp_path: Path) -> None:
    page = Answers(tmp_path)
    said = page.ask("lessons")
    assert [one["id"] for one in said["lessons"]] == [*lessons()] and said["mine"] == {}
    for one in said["lessons"]:
        assert all(one[name]["en"] and one[name]["zh"] for name in ("title", "said", "by", "rule", "look", "small"))
        assert sum(len(each["arms"]) for each in one["experiments"]) == len(one["arms"])
        assert all(each["query"].startswith("v=1&") for each in one["experiments"])
        assert one["shipped"] is None or len(one["shipped"]["noted"]) == len(one["parts"])
    (biases,) = (one["shipped"] for one in said["lessons"] if one["id"] == "biases")
    assert all(note["en"] and note["zh"] for note in biases["noted"]) and "stability" in biases["more"]["en"]


def test_a_lesson_is_queued_followed_measured_and_remembered(tmp_path: Path) -> None:
    page = Answers(tmp_path)
    ids = start(page)["ids"]
    values = follow(page, ids)
    first = next(values)
    assert first["state"] == "running" and first["runs"] == 3 and first["ended"] == 0
    while row := page.store.claim("worker"):
        do_run(page.store, row)
    assert next(values)["state"] == "measuring"
    job = page.store.claim_job("worker")
    assert job is not None and job.kind == "lesson"
    do_job(page.store, job)
    last = list(values)[-1]
    assert last["state"] == "finished" and last["result"]["verdict"] in ("confirmed", "contradicted", "undecided")
    assert last["result"]["sentence"]["zh"]
    mine = page.ask("lessons", remembered={SHORT: ids, "warmup": ids, "gone": 3})["mine"]
    assert [*mine] == [SHORT] and mine[SHORT]["result"]["verdict"] == last["result"]["verdict"]


def test_a_stopped_lesson_has_no_verdict(tmp_path: Path) -> None:
    page = Answers(tmp_path)
    ids = start(page)["ids"]
    page.ask("stop", id=ids[0], owner=ANNA)
    (last,) = follow(page, ids)
    assert last["state"] == "stopped" and "result" not in last


def test_a_lesson_makes_room_and_keeps_to_the_caps(tmp_path: Path) -> None:
    page = Answers(tmp_path, PROFILES["public-cpu"])
    trained, others = page.train()["id"], page.train(owner=BEN)["id"]
    assert start(page)["ids"]
    assert {run.state for run in page.store.runs(trained)} == {"stopped"}
    assert {run.state for run in page.store.runs(others)} == {"queued"}
    small = Answers(tmp_path / "small", PROFILES["local"].model_copy(update={"tokens": 1000}))
    assert "1,000" in start(small)["refusal"]["text"]["en"] and not small.store.going()


@pytest.mark.parametrize("given", [None, "no-such", 3, ["warmup"]])
def test_what_is_no_lesson_is_refused(tmp_path: Path, given: object) -> None:
    assert "refusal" in start(Answers(tmp_path), given)


@pytest.mark.parametrize("ids", [None, [], "x", ["0" * 32], [None], ["0" * 32] * 99])
def test_what_is_not_there_is_said(tmp_path: Path, ids: object) -> None:
    (said,) = follow(Answers(tmp_path), ids)
    assert said["unknown"] is True
