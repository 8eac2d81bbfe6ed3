"""Reading beyond the trained length, against models of which one knows what it must do, and against plain sums."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from models.architecture import Architecture
from models.text import Refusal
from playground import beyond, link, runs
from playground.data import prepare
from playground.data.batches import Batches
from playground.experiment import compose
from playground.measure.lengths import stretches
from playground.plan import run_of
from playground.recipe import Recipe
from playground.train import train

SMALL = "gpt-2,shape.layers=1,shape.width=16,heads.query=2,heads.kv=2"


def folder(tmp_path: Path, changes: str, data: str = "tales", context: int = 16) -> Path:
    """The folder of a model that was trained for two steps."""
    spelling = ",".join(filter(None, (SMALL, f"shape.context={context}", changes)))
    run = run_of(compose([link.variant(spelling)], Recipe(data=data, tokens=400)), 0, 0, folder=tmp_path / "run")
    for _ in train(run):
        pass
    return tmp_path / "run"


def test_what_cannot_look_back_loses_nothing_by_reading_on(tmp_path: Path) -> None:
    """Without attention a token sees itself alone: its loss is the same wherever it stands."""
    found = beyond.read_on(folder(tmp_path, "layout.attention=off,position=none"))
    (line,) = found["lines"]
    assert (found["length"], found["stopped"], found["reach"]) == (8 * 16, None, None)
    assert line["beyond"]["mean"] == pytest.approx(0, abs=1e-6)
    assert line["beyond"]["high"] - line["beyond"]["low"] < 1e-5
    assert beyond.said(found, "A").en.startswith("A stays: from 16 to 128 tokens")
    assert line["x"][-1] <= 128 and 16 in beyond._edges(16, 128)


def test_points_are_the_model_s_own_losses_at_these_positions(tmp_path: Path) -> None:
    place = folder(tmp_path, "position=rope")
    found = beyond.read_on(place)
    assert [line["scaling"] for line in found["lines"]] == ["none", "linear", "ntk", "llama3", "yarn"]
    model, about = runs.load(place)
    task = prepare("tales", "characters", 16, 12)
    assert isinstance(task, Batches) and about.recipe.data == "tales"
    length, rows, ids = 8 * 16, found["rows"], torch.from_numpy(task.validation_ids).long()
    first_R = torch.linspace(0, len(ids) - length - 1, rows, dtype=torch.float64).long()
    window_RS = torch.stack([ids[first : first + length + 1] for first in first_R])
    with torch.no_grad():
        logits_RTV = model(window_RS[:, :-1])
    loss_RT = F.cross_entropy(logits_RTV.transpose(1, 2), window_RS[:, 1:], reduction="none")
    plain = found["lines"][0]
    assert plain["parts"][1] == pytest.approx(loss_RT[:, 16:32].mean().item(), rel=1e-5)
    assert plain["y"][0] == pytest.approx(loss_RT[:, 0].mean().item(), rel=1e-5) and plain["x"][0] == 1
    at = plain["x"].index(next(x for x in plain["x"] if x > 16))
    edges = beyond._edges(16, length)
    assert plain["y"][at] == pytest.approx(loss_RT[:, edges[at] : edges[at + 1]].mean().item(), rel=1e-5)


def test_a_table_of_positions_ends_and_is_said_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = folder(tmp_path, "")
    found = beyond.read_on(place)
    assert (found["length"], found["reach"], found["stopped"]) == (16, 16, "positions")
    assert max(found["lines"][0]["x"]) <= 16 and found["lines"][0]["parts"][1:] == [None, None, None]
    said = beyond.said(found, "A")
    assert "ends at 16" in said.en and "16" in said.zh
    monkeypatch.setattr(beyond, "_found", None)  # it is known already
    assert beyond.beyond_job({"folder": str(place), "text": None}) == found


def test_what_is_too_long_is_cut_and_a_task_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beyond, "LONGEST", 40)
    found = beyond.read_on(folder(tmp_path / "long", "position=alibi"))
    assert (found["length"], found["stopped"]) == (40, "size") and found["lines"][0]["beyond"]["seeds"] == found["rows"]
    with pytest.raises(Refusal, match="is a task"):
        beyond.read_on(folder(tmp_path / "task", "position=alibi", "recall", 31))


def test_a_short_text_is_read_less_far_rather_than_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches that share tokens are not independent: their interval would be too narrow."""
    ids = np.arange(400, dtype=np.int32)
    monkeypatch.setattr(beyond, "_ids", lambda about, text: ids % 7)
    found = beyond.read_on(folder(tmp_path, "position=alibi"))
    assert (found["length"], found["stopped"], found["rows"]) == (399 // 8, "text", 8)
    read = torch.cat([ids_BT for ids_BT, _ in stretches(ids, found["length"], found["rows"])])
    assert len(read.unique()) == read.numel()


@pytest.mark.parametrize(("tokens", "length", "rows"), [(100, 16, 6), (20, 16, 1), (6, 4, 1)])
def test_of_a_tiny_text_what_there_is_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokens: int, length: int, rows: int
) -> None:
    """The trained length at least, in fewer stretches; all of a text that is shorter."""
    monkeypatch.setattr(beyond, "_ids", lambda about, text: np.arange(tokens, dtype=np.int32) % 7)
    found = beyond.read_on(folder(tmp_path, "position=alibi"))
    assert (found["length"], found["stopped"], found["rows"]) == (length, "text", rows)
    assert beyond.said(found, "A").en


@pytest.mark.parametrize(
    ("mean", "low", "high", "word"), [(0.5, 0.4, 0.6, "rises"), (0.05, 0.0, 0.09, "stays"), (0.1, 0.0, 0.2, "cannot")]
)
def test_a_rise_is_said_where_the_whole_interval_shows_it(mean: float, low: float, high: float, word: str) -> None:
    line = {"scaling": "none", "beyond": {"mean": mean, "low": low, "high": high, "seeds": 9}}
    slow = {"scaling": "yarn", "beyond": {"mean": 0.2, "low": 0.1, "high": 0.3, "seeds": 9}}
    found = {"context": 16, "length": 128, "reach": None, "lines": [line, slow]}
    said = beyond.said(found, "A").en
    assert word in said and ("Slowed by YaRN" in said) == (word == "rises")


def test_only_a_rope_that_is_not_slowed_already_is_slowed() -> None:
    for change, slowed in (("position=rope", True), ("position=rope,position.scaling=ntk", False), ("", False)):
        architecture: Architecture = link.variant(f"{SMALL},{change}" if change else SMALL).architecture
        assert beyond._plain_rope(architecture) == slowed
