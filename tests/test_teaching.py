"""A lesson from training to verdict: a tiny one through the store, in this process; and the command's refusals."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.text import Refusal, Text
from playground.__main__ import main
from playground.home import Home
from playground.lessons.base import Arm, Lesson, Plot, SettingName, Trial
from playground.measure import ending
from playground.outcome import outcome, read, runs_of, says
from playground.recording import do_run
from playground.ruling import Lies
from playground.store import Settings, Store
from playground.teaching import Teaching

SAME = Text("x", "某")
TINY = "gpt-2,shape.layers=1,shape.width=16,heads.query=2,heads.kv=2,shape.context=8"


def tiny(rate: str = "0.01") -> Lesson:
    """Does a learning rate of next to nothing learn less? Five arms: two experiments."""
    rates = {"learns": "0.01", "again": "0.01", "frozen": rate, "slow": "1e-4", "slower": "1e-5"}
    return Lesson(
        id="tiny",
        order=0,
        theme="training",
        title=SAME,
        said=SAME,
        by=SAME,
        figure=SAME,
        trials=(
            Trial(
                {key: Arm(f"{TINY},recipe.lr={rate}", SAME) for key, rate in rates.items()},
                (9600, 19200),
                {"data": "recall:2:4"},
            ),
        ),
        rule=(Lies("loss", "frozen", minus="learns", above=0.1), Lies("loss", "again", minus="learns", below=1e-9)),
        measures=(ending.loss, ending.course),
        small=SAME,
        look=SAME,
        plots=(Plot("loss"),),
        seeds=(2, 3),
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("lesson") / "playground.db")
    yield store
    store.close()


@pytest.fixture(scope="module")
def trained(store: Store) -> list[str]:
    """The tiny lesson's experiments, trained here."""
    ids = [
        store.submit(experiment.to_json(), experiment.runs(), store.path.parent / "{id}")
        for experiment, _ in tiny("1e-6").experiments("quick")
    ]
    while row := store.claim("here"):
        do_run(store, row)
    return ids


def test_readings_are_those_of_the_runs_and_the_verdict_follows(store: Store, trained: list[str]) -> None:
    lesson = tiny("1e-6")
    runs = [runs_of(store, id) for id in trained]
    content = outcome(lesson, "quick", read(lesson, "quick", runs))
    assert len(trained) == 2 and [*content["readings"]] == [*lesson.arms]
    first = runs[0][0]
    assert content["readings"]["learns"]["0"]["loss"] == pytest.approx(first.row["val_loss"], rel=1e-5)
    curve = content["readings"]["learns"]["0"]["curve"]
    assert curve["x"][-1] == 9600 - 9600 % 84 and len(curve["x"]) == len(curve["y"])
    assert [finding["verdict"] for finding in content["findings"]] == ["confirmed", "confirmed"]
    assert content["verdict"] == "confirmed" and "confirmed" in says(lesson, content).en
    assert content["findings"][1]["mean"] == 0.0, "equal variants with equal seeds end equal, in other experiments too"


def test_a_reverse_claim_is_contradicted(store: Store, trained: list[str]) -> None:
    lesson = tiny("1e-6")
    readings = read(lesson, "quick", [runs_of(store, id) for id in trained])
    readings["frozen"], readings["learns"] = readings["learns"], readings["frozen"]
    assert outcome(lesson, "quick", readings)["verdict"] == "contradicted"


def test_a_run_that_was_stopped_leaves_no_verdict(store: Store) -> None:
    lesson = tiny()
    ids = [
        store.submit(experiment.to_json(), experiment.runs(), store.path.parent / "{id}")
        for experiment, _ in lesson.experiments("quick")
    ]
    for id in ids:
        store.stop(id)
    with pytest.raises(Refusal, match="stopped"):
        read(lesson, "quick", [runs_of(store, id) for id in ids])


class Broken:
    """A place where nobody works: the test plays the worker, and whoever closes it has lost what was going on."""

    cluster = None

    def __init__(self, database: Path) -> None:
        self.database = database

    def open(self, home: Home, runs: int) -> "Broken":
        return self

    def start(self) -> "Broken":
        return self

    def close(self) -> None:
        store = Store(self.database)
        store.interrupt_leftovers()
        store.close()


def teach(
    folder: Path, runs: int, setting: SettingName = "quick", device: str = "auto"
) -> tuple[list[str], dict[str, float | None]]:
    """The ids of the tiny lesson's experiments, and when each run had ended after so many more were trained."""
    where: Any = Broken(folder / "playground.db")
    with Teaching(tiny(), setting, folder, Settings(device=device), where) as teaching:
        for _ in range(runs):
            row = teaching.store.claim("here")
            assert row is not None
            do_run(teaching.store, row)
        teaching.store.claim("here")  # breaks off as it begins
        ended = {run.id: run.ended for id in teaching.ids for run in teaching.store.runs(id)}
        return teaching.ids, ended


def test_a_lesson_that_broke_off_goes_on_with_what_has_not_ended(tmp_path: Path) -> None:
    """Of ten runs three end, then seven; who asks for another device or setting, or has a verdict, begins anew."""
    ids, first = teach(tmp_path, 3)
    again, second = teach(tmp_path, 7)
    assert again == ids and sum(ended is not None for ended in first.values()) == 3
    assert all(second[id] == ended for id, ended in first.items() if ended is not None) and None not in second.values()
    elsewhere, _ = teach(tmp_path, 0, device="cpu")
    assert not {*elsewhere} & {*ids}
    thorough, _ = teach(tmp_path, 0, "thorough")
    assert not {*thorough} & {*ids}
    (tmp_path / "lesson.json").write_text("{}", encoding="utf-8")
    anew, _ = teach(tmp_path, 0)
    assert not {*anew} & {*ids} and not (tmp_path / "lesson.json").exists()


def test_the_command_trains_measures_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With workers of its own, on the shortest lesson there is."""
    assert main(["lesson", "half-softmax", "--device", "cpu", "--out", str(tmp_path)]) == 0
    content = json.loads((tmp_path / "lesson.json").read_text(encoding="utf-8"))
    assert content["lesson"] == "half-softmax" and content["setting"] == "quick" and content["seeds"] == 3
    assert [*content["readings"]["model"]] == ["0", "1", "2"]
    assert (tmp_path / "experiment-1.json").is_file() and len([*(tmp_path / "runs" / "1").iterdir()]) == 3
    said = capsys.readouterr()
    assert content["verdict"] in said.err and said.out == ""


def test_the_command_lists_lessons_and_refuses_others(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["lesson", "--list"]) == 0
    assert "warmup" in capsys.readouterr().out
    assert main(["lesson", "warm-up", "--out", str(tmp_path)]) == 2
    assert main(["lesson"]) == 2
    assert "--list" in capsys.readouterr().err
