"""A profile of skills: one size for all, what it reads off runs, and that runs of it train, score and separate."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from profiled import HALFWAY, LEVELS, SECONDS, TOKENS, plant

from models.systems import systems
from models.text import Refusal
from playground import link, skills
from playground.__main__ import main
from playground.commands import skills as command
from playground.follow import Follower
from playground.home import Home
from playground.plan import run_of
from playground.recording import do_run
from playground.store import Store


@pytest.mark.parametrize("system", ["gpt-2", "gemma-2", "t5", "llama-4", "grok-1"])
def test_a_variant_keeps_its_choices_at_the_size_of_a_profile(system: str) -> None:
    twin = systems()[system].twin
    small = skills.sized(twin, context=32)
    assert (small.shape.width, small.shape.context) == (64, 32)
    assert small.shape.layers == min(4, max(2, twin.span.period, twin.position.period))
    for name, choice in twin.choices():
        if name not in ("shape", "heads", "embedding"):
            assert getattr(small, name) == choice.shortened(0.5)
    assert (small.heads.query, small.heads.kv) == (twin.heads.query, twin.heads.kv)
    assert small.heads.width(small) == twin.heads.width(twin) // 2


def test_fewer_layers_stay_fewer_and_what_cannot_be_is_said_by_letter() -> None:
    one = link.variant("gpt-2,shape.layers=1")
    assert {each.experiment.variants[0].architecture.shape.layers for each in skills.trials([one])} == {1}
    odd = link.variant("gpt-2,shape.width=144,heads.query=9,heads.kv=9")  # 64 is no multiple of 9
    with pytest.raises(Refusal, match="^B cannot be had at the size of a profile, 64 wide"):
        skills.trials([one, odd])


def test_every_task_is_tried_at_every_difficulty_with_the_same_steps() -> None:
    trials = skills.trials([link.variant("llama-2")])
    assert len(trials) == skills.LEVELS * len(skills.skills()) == 14
    assert [trial.level for trial in trials] == sorted(trial.level for trial in trials)
    assert {run_of(trial.experiment, 0, 0).steps for trial in trials} == {skills.STEPS}
    assert trials[0].chance == pytest.approx(1 / 4)  # one of 4 values


def test_what_is_read_off_runs(tmp_path: Path) -> None:
    def right(task: str, level: int, variant: int) -> float:
        return 0.95 if variant == 0 and level == 0 else 0.949

    variants = ["llama-2", "llama-2,shape.layers=1"]
    with closing(Store(tmp_path / "store.db")) as store:
        ids = plant(store, tmp_path, variants, right)
        snapshots = [Follower(store, id).snapshot() for id in ids]
    trials = skills.trials([link.variant(text) for text in variants], levels=range(LEVELS))
    tasks = skills.reading(trials, snapshots)
    assert [task["task"] for task in tasks] == [skill.name for skill in skills.skills()]
    easiest, harder = tasks[0]["levels"][:2]
    assert easiest["data"] == "recall:2:4" and harder["data"] == "recall:4:4"
    first, second = easiest["variants"]
    assert first["solved"] == {"runs": 1, "tokens": TOKENS, "seconds": SECONDS}
    assert second["solved"] == {"runs": 0, "tokens": None, "seconds": None}
    assert second["accuracy"] == {"mean": 0.949, "low": None, "high": None, "seeds": 1}
    assert skills.accuracies(snapshots[0], 0) == {0: 0.95}
    assert HALFWAY < 0.95


def test_a_short_window_cannot_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trained for real, a quarter of the steps: two layers of windows of 2 reach 2 back; what to copy is 8 back."""
    monkeypatch.setattr(skills, "STEPS", 100)
    variants = [link.variant("llama-2"), link.variant("llama-2,span=window,span.window=8")]
    trial = next(each for each in skills.trials(variants) if each.experiment.recipe.data == "copy:8:16")
    assert trial.experiment.variants[1].architecture.span.reach() == 2  # type: ignore[attr-defined]
    with closing(Store(Home(tmp_path).database)) as store:
        id = store.submit(trial.experiment.to_json(), trial.experiment.runs(), tmp_path / "runs")
        while row := store.claim("here"):
            do_run(store, row)
        snapshot = Follower(store, id).snapshot()
    content = command.result(variants, [trial], [snapshot], 1.0)
    json.dumps(content, allow_nan=False)
    full, window = content["tasks"][0]["levels"][0]["variants"]
    assert full["right"]["0"] > 0.95 and window["right"]["0"] < 0.15
    assert full["solved"]["runs"] == 1 and full["solved"]["tokens"] < 100 * 32 * 16 and window["solved"]["runs"] == 0
    for run in snapshot["runs"]:
        measured = [right for right in run["val_accuracy"] if right is not None]
        assert len(measured) == sum(loss is not None for loss in run["val_loss"]) > 10
        assert measured[-1] == pytest.approx(run["finished"]["accuracy"], abs=0.08)  # a quarter of the same rows
    assert "copy:8:16" in command.table(content)


@pytest.mark.parametrize(("asked", "said"), [("--levels=0,9", "from 0 to 3"), ("--tasks=chess", "no such task")])
def test_what_cannot_be_asked_for_is_said(
    asked: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["skills", "--variant", "gpt-2", asked, "--out", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err
