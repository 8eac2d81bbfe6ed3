"""How benchmarks measure and report; and that the decode benchmark measures what it says. No test of the clock."""

import json
from pathlib import Path

import pytest
import torch
from exported import architecture, exported

from models.architecture import Architecture
from models.transformer import Transformer
from playground.__main__ import main
from playground.bench import decode as bench
from playground.bench import engines, texts
from playground.bench import export as export_bench
from playground.bench.measure import Report, Spread, in_turns, machine, paired
from playground.session import Session
from playground.tokenizer import from_json


def test_there_is_a_tokenizer_for_every_vocabulary() -> None:
    """That of LLaMA 3 goes beyond where surrogates stand, which are no characters."""
    with torch.device("meta"):
        model = Transformer(architecture("shape.layers=1,shape.vocabulary=128256"))
    found = bench.any_tokenizer(model)
    assert from_json(found.to_json().encode().decode()) == found and found.vocabulary == 128256


def test_a_spread_is_median_and_range() -> None:
    assert Spread.of([5, 1, 3, 2]) == Spread(2.5, 1, 5)
    assert Spread.of(iter([7.0])) == Spread(7, 7, 7)


def test_rivals_take_turns_and_the_first_round_does_not_count() -> None:
    order: list[str] = []

    def rival(name: str) -> float:
        order.append(name)
        return float(len(order))

    found = in_turns({"a": lambda: rival("a"), "b": lambda: rival("b")}, 3)
    assert "".join(order) == "abbaabba"
    assert found == {"a": Spread.of([4, 5, 8]), "b": Spread.of([3, 6, 7])}


def test_a_report_divides_medians() -> None:
    report = Report()
    report.add(
        "gpt-2", "tokens_per_second", {"onnx": Spread(300, 200, 400), "torch": Spread(100, 90, 150)}, ours="onnx"
    )
    report.add("alone", "seconds", {"onnx": Spread(1, 1, 1)}, ours="onnx")
    assert report.ratios == {"gpt-2/tokens_per_second": {"onnx/torch": 3.0}}
    assert report.rows[1] == {
        "case": "gpt-2",
        "engine": "torch",
        "metric": "tokens_per_second",
        "median": 100,
        "low": 90,
        "high": 150,
    }
    assert set(report.to_dict()) == {"machine", "rows", "ratios"}


def test_the_machine_is_named() -> None:
    found = machine()
    assert found["processor"] and found["cores"] >= 1 and found["memory_bytes"] > 0
    assert {"python", "torch", "numpy"} <= set(found["versions"])
    json.dumps(found)


def test_rivals_write_the_same_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is timed is the same work: greedy, the same tokens, from the same prompt."""
    made, texts = exported("position=rope,heads.kv=2"), []
    speed = bench._speed
    monkeypatch.setattr(bench, "_speed", lambda write: speed(lambda: texts.append(write()) or texts[-1]))
    found = bench.race(made.model, Session(made.path), [1, 2, 3], tokens=9, rounds=2)
    assert set(found) == {"onnx", "torch"} and len(texts) == 6
    assert all(text == texts[0] and len(text) == 9 for text in texts)


def test_the_command_writes_what_it_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = {"shape.layers": "1", "shape.width": "32", "heads.query": "2", "shape.vocabulary": "64"}
    for module in (bench, texts):
        monkeypatch.setattr(module, "MODELS", {"tiny": tiny})
    monkeypatch.setattr(bench, "CASES", (bench.Case("tiny", 3, 4),))
    monkeypatch.setattr(bench, "ROUNDS", 1)
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name == "onnxruntime_genai" else name)
    assert main(["bench", "decode", "--json", str(tmp_path / "d.json")]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found == json.loads((tmp_path / "d.json").read_text())
    case, names = (
        "tiny, 4 tokens after 3, 2 threads",
        ["playground", "playground, step by step", "transformers", "torch eager"],
    )
    assert {row["case"] for row in found["rows"]} == {case}
    for metric in bench.METRICS:
        assert [row["engine"] for row in found["rows"] if row["metric"] == metric] == names
    pairs = [row for row in found["rows"] if row["metric"] == "paired_ratio"]
    assert [row["engine"] for row in pairs] == [f"playground/{name}" for name in names[1:]]
    assert all(0 < row["low"] <= row["median"] <= row["high"] for row in pairs)
    assert found["ratios"][f"{case}/tokens_per_second"]["playground/transformers"] > 0
    assert found["not_run"] == {"onnxruntime-genai": "onnxruntime-genai is not installed"}
    assert f"{case}/tokens_per_second: playground/torch eager" in err


def test_one_case_can_be_chosen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[object] = []
    monkeypatch.setattr(bench, "report", lambda cases: asked.extend(cases) or Report())
    assert main(["bench", "decode", "--case", "after 900"]) == 0
    assert asked == [case for case in bench.CASES if case.prompt == 900] != []
    for arguments, sentence in (
        (["decode", "--case", "13 x"], "No case is named"),
        (["quality", "--case", "x"], "no c"),
    ):
        assert main(["bench", *arguments]) == 2
        assert sentence in capsys.readouterr().err


def test_an_engine_that_writes_another_text_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "ROUNDS", 1)
    writers = {"playground": lambda ids, tokens: iter(range(tokens)), "other": lambda ids, tokens: iter([0] * tokens)}
    with pytest.raises(AssertionError, match="other writes another text than playground"):
        bench._measured(bench.Case("tiny", 1, 5), writers)


def test_the_ratio_of_pairs_has_an_interval() -> None:
    """The sign test's: with nine rounds the second lowest and the second highest ratio, 96 %."""
    assert paired([1, 2, 3, 4, 5, 6, 7, 8, 9], [1] * 9) == Spread(5, 2, 8)
    assert paired([2, 4], [1, 8]) == Spread(1.25, 0.5, 2)  # too few to leave any out


def test_a_place_that_is_not_there_is_refused_before_measuring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "report", lambda: pytest.fail("measured"))
    assert main(["bench", "decode", "--json", str(tmp_path / "none" / "d.json")]) == 2
    assert "There is no folder" in capsys.readouterr().err


def test_every_option_that_can_stand_alone_is_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    timed: list[str] = []

    def seconds(architecture: Architecture) -> float:
        timed.append(architecture.placement.slug)
        return float(len(timed))

    monkeypatch.setattr(export_bench, "_seconds", seconds)
    rows = export_bench.report(("placement",)).rows
    options = list(Architecture.axes()["placement"].options())
    assert timed == ["pre", *options] and [row["engine"] for row in rows] == [*options, "gpt-2"]
    assert (rows[-1]["low"], rows[-1]["high"]) == (2.0, 1.0 + len(options))  # the first did not count
