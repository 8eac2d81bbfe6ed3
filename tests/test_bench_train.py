"""The training benchmark: everybody trains the same, the ratio is what it says, other work is found out. No clock."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch

from playground.__main__ import main
from playground.bench import growth, loops
from playground.bench import train as bench
from playground.bench.train import EAGER, OURS, PEERS
from scripts.growth import picture

TINY = loops.Shape(width=32, hidden=40, context=16, batch=2)


def test_both_loops_train_the_same_model_on_the_same_batches() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        both = loops.Ours(TINY.run("fp32", "off", 1)), loops.Transformers(TINY.run("fp32", "off", 1))
        for loop in both:
            loop.train(30)
        ours, theirs = (loop.about()["losses"] for loop in both)
    finally:
        torch.set_num_threads(threads)
    assert len(ours) == 2 and ours == pytest.approx(theirs, rel=1e-4)


class Pretended:
    """A pair that takes a known time for a step, on a clock of its own."""

    seconds = {OURS: 1.0, EAGER: 1.5, PEERS[0]: 2.0, PEERS[1]: 4.0}

    def __init__(self, name: str, off: float) -> None:
        self.name, self.off = name, off

    def train(self, steps: int) -> float:
        return steps * self.seconds[self.name]

    def about(self) -> list[dict[str, Any]]:
        shift = self.off if self.name == PEERS[0] else 0.0
        return [{"losses": [2.0 + shift, 1.5 + shift], "compiled": "from step 10"}, {"losses": [2.1, 1.4]} | COMPILED]


COMPILED = {"compiled": "from step 10"}


def pretend(monkeypatch: pytest.MonkeyPatch, off: float) -> None:
    names = {id(engine): name for name, engine in bench.ENGINES.items()}

    @contextmanager
    def started(engine: bench.Engine, shape: str, precision: str) -> Iterator[Pretended]:
        yield Pretended(names[id(engine)], off)

    monkeypatch.setattr(bench, "started", started)
    monkeypatch.setattr(bench, "SIZE", 8)


def test_the_report_has_ratios_pairs_and_losses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, 0.01)
    assert main(["bench", "train", "--case", "width 128 fp32"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ratios"]["width 128 fp32/tokens_per_second"] == {
        f"{OURS}/{EAGER}": 1.5, f"{OURS}/{PEERS[0]}": 2.0, f"{OURS}/{PEERS[1]}": 4.0,
    }  # fmt: skip
    rows = {(row["engine"], row["metric"]): row for row in found["rows"]}
    assert rows[OURS, "tokens_per_second"]["median"] == 2 * 12 * 64  # both runs, in the second that a step takes
    assert rows[f"{OURS}/{PEERS[0]}", "paired_ratio"]["low"] == 2.0
    assert rows["seeds", "loss_noise"]["median"] == pytest.approx(0.1 / 2**0.5, rel=1e-5)
    assert rows[PEERS[0], "loss_from_eager"]["median"] == pytest.approx(0.01)
    assert rows["torch, one thread, bf16", "gflops"]["median"] > 0


def test_an_engine_that_learns_otherwise_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, 0.2)
    with pytest.raises(AssertionError, match="the loss of transformers, two processes is 0.2000 from ours"):
        bench.report(["width 128 fp32"])


def test_a_case_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "train", "--case", "width 1 "]) == 2
    assert "width 256 bf16" in capsys.readouterr().err


def test_growth_has_a_row_for_every_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "ROUNDS", 1)
    monkeypatch.setattr(growth, "SIZES", {"layers": {count: {"shape.layers": count} for count in ("1", "2")}})
    monkeypatch.setattr(growth, "SIDE_BY_SIDE", (1, 2))
    rows = growth.report(["layers", "variants"]).rows
    assert [row["case"] for row in rows] == ["layers"] * 2 + ["variants"] * 2
    assert [row["engine"] for row in rows] == ["1", "2"] * 2 and min(row["median"] for row in rows) > 0
    assert rows[0]["flops_per_step"] < rows[1]["flops_per_step"]
    assert 2 * rows[2]["flops_per_step"] == rows[3]["flops_per_step"]
    svg = picture(rows)
    assert svg.count("<polyline") == 2 + 1 and "variants on two cores" in svg
