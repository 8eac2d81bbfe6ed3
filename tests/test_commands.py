"""`python -m playground`: every command says what it does, and what cannot be done is one sentence and exit code 2."""

import json
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from source import ROOT

from models.architecture import Architecture
from models.cost import parameters
from models.systems.base import catalogue
from playground.__main__ import commands, main
from playground.experiment import read
from playground.store import Store

SMALL = "shape.layers=1,shape.width=16"


def said(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_the_list_of_commands_is_the_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert {"compare", "systems"} <= commands().keys()
    assert all(name in printed and text and text in printed for name, text in commands().items())


@pytest.mark.parametrize("name", commands())
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0 and name in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["comapre"], "compare"),
        (["compare"], "--variant"),
        (["compare", "--variant", "gtp-2"], "gpt-2"),
        (["compare", "--variant", "gpt-2,norm=rmsnrom"], "norm=rmsnorm"),
        (["compare", "--variant", "gpt-2,heads.kv=3"], "heads.kv=3"),
        (["compare", "--variant", "gpt-2,span=window,span.window=1000"], "window"),
        (["compare", "--variant", "gpt-2", "--tokens", "many"], "recipe.tokens=many"),
        (["compare", "--variant", "gpt-2", "--tokens", "-5"], "at least 1"),
        (["compare", "--variant", "gpt-2", "--set", "recipe.lr=nan"], "finite"),
        (["compare", "--variant", "gpt-2", "--set", "recipe.lr=inf"], "finite"),
        (["compare", "--variant", "gpt-2", "--set", "recipe.lr=0"], "greater than 0"),
        (["compare", "--variant", "gpt-2", "--set", "recipe.wramup=0"], "recipe.warmup"),
        (["compare", "--variant", "gpt-2", "--set", "warmup"], "recipe.field=value"),
        (["compare", "--variant", "gpt-2", "--seeds", "0"], "seeds=0"),
        (["compare", "--variant", "gpt-2", "--match", "colour"], "match=colour"),
        (["compare", "--variant", "gpt-2", "--match", "time"], "recipe.seconds"),
        (["compare", "--variant", "gpt-2", "--variant", "gpt-2,shape.layers=16", "--match", "flops"], "smallest d_ff"),
        (["compare", "--variant", "gpt-2", "--tokens", "5"], "too small"),
        (["compare", "--add-seeds", "0", "--out", "missing"], "--add-seeds 0"),
        (["compare", "--add-seeds", "2"], "--out DIR"),
        (["compare", "--add-seeds", "2", "--out", ".", "--set", "recipe.lr=1", "--match", "time"], "--match, --set"),
        (["compare", "--add-seeds", "2", "--out", "missing"], "missing/experiment.json"),
        (["compare", "--variant", "gpt-2", "--sweep", "recipe.lr=0,1,2"], "greater than 0"),
        (["compare", "--variant", "gpt-2", "--sweep", "recipe.lr=1,2"], "3 to 9"),
        (["compare", "--variant", "gpt-2", "--sweep", "norm=1,2,3"], "no number"),
        (["compare", "--variant", "gpt-2", "--ladder"], "two variants"),
        (["compare", "--variant", "gpt-2", "--ladder", "--sweep", "recipe.lr=1,2,3"], "not both"),
        (["compare", "--variant", "gpt-2", "--data", "tael"], "tales"),
        (["compare", "--variant", "gpt-2", "--device", "abacus"], "cpu"),
        (["compare", "--variant", "gpt-2", "--text", "missing.txt"], "missing.txt"),
        (["compare", "--variant", "gpt-2", "--text", "x", "--data", "tales"], "--data"),
        (["compare", "--variant", "gpt-2", "--export", "all"], "--out"),
        (["compare", "--variant", "gpt-2", "--export", "some"], "--export"),
        (["compare", "missing.json"], "missing.json"),
        (["compare", "missing.json", "--variant", "gpt-2"], "not both"),
        (["compare", *["--variant", "gpt-2"] * 25], "24"),
        (["compare", "--variant", "gpt-2,shape.width=32768,shape.layers=256"], "memory"),
        (["compare", "--colour"], "--colour"),
    ],
    ids=lambda value: " ".join(value[:5]) if isinstance(value, list) else "",
)
def test_what_cannot_be_is_one_line_on_standard_error(
    arguments: list[str],
    named: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        code = main(arguments)
    except SystemExit as left:  # as argparse does it
        code = left.code
    sentence = said(capsys)
    assert code == 2 and named in sentence and len(sentence.splitlines()) == 1
    assert not list(tmp_path.iterdir())


BAD_TEXTS = {
    "empty": b"",
    "binary": b"\x7fELF\x00\x01" * 100,
    "not UTF-8": "naïve café ".encode("latin-1") * 100,
    "one character": b"aaaa" * 1000,
    "short": b"To be or not to be.",
}


@pytest.mark.parametrize("content", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_a_text_that_cannot_be_trained_on_is_refused(
    content: bytes, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "text").write_bytes(content)
    assert (
        main(["compare", "--variant", "gpt-2", "--text", str(tmp_path / "text"), "--out", str(tmp_path / "out")]) == 2
    )
    assert len(said(capsys).splitlines()) == 1 and not (tmp_path / "out").exists()


def test_a_file_that_is_no_experiment_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name, content in {"model.onnx": b"\x08\x0a\x12", "data.json": b'{"a": 1}', "empty.json": b""}.items():
        (tmp_path / name).write_bytes(content)
        assert main(["compare", str(tmp_path / name)]) == 2
        sentence = said(capsys)
        assert name in sentence and "experiment" in sentence and len(sentence.splitlines()) == 1


def test_a_place_that_cannot_be_written_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    out = str(tmp_path / "file" / "out")
    assert main(["compare", "--variant", f"gpt-2,{SMALL}", "--data", "recall", "--out", out]) == 2
    assert "file/out" in said(capsys)


def test_systems_lists_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["systems"]) == 0
    titles, *lines, legend = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(catalogue())
    assert max(map(len, (titles, *lines, legend))) <= 120
    marked = {line.split()[0] for line in lines if line.split()[1].endswith(("*", "†"))}
    assert marked == {id for id, system in catalogue().items() if system.reading != "as_published"}


def test_systems_gives_all_of_the_catalogue_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["systems", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == list(catalogue())
    for row in rows:
        system = catalogue()[row["id"]]
        assert (row["name"], row["year"], row["citation"]) == (system.name, system.year, system.citation)
        assert row["citations"] == dict(system.citations) and row["from_memory"] == sorted(system.from_memory)
        assert row["reading"] == system.reading and bool(row["left_out"]) == (system.reading != "as_published")
        if system.published is None:
            assert row["twin"] is row["published"] is row["parameters"] is row["published_parameters"] is None
        else:
            assert Architecture.model_validate(row["published"]) == system.published
            assert Architecture.model_validate(row["twin"]) == system.twin
            assert row["published_parameters"] == parameters(system.published)
    assert {row["choices"]["position"] for row in rows} >= {"ALiBi", "learned", "RoPE θ 500,000"}


def playground(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "playground", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


COMPARE = ["--set", "recipe.batch=4", "--data", "recall:4:8", "--tokens", "3000", "--seeds", "2"]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("compare") / "out"
    variants = [
        "--variant",
        f"gpt-2,{SMALL}",
        "--variant",
        f"gpt-2,{SMALL}",
        "--variant",
        f"gpt-2,{SMALL},norm=rmsnorm",
    ]
    done = playground("compare", *variants, *COMPARE, "--export", "first", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "" and "finished" in done.stderr and "Traceback" not in done.stderr
    return out


def test_compare_writes_experiment_result_and_a_folder_for_every_run(compared: Path) -> None:
    content = json.loads((compared / "result.json").read_text(), parse_constant=lambda word: pytest.fail(word))
    names = [f"gpt-2,{SMALL}", f"gpt-2,{SMALL}#2", f"gpt-2,{SMALL},norm=rmsnorm"]
    assert [(run["variant"], run["seed"]) for run in content["runs"]] == [(n, s) for s in (0, 1) for n in names]
    for run in content["runs"]:
        assert run["status"] == "finished" and 20 <= len(run["curve"]) <= 500
        assert (compared / run["folder"] / "model.safetensors").is_file()
        assert (run["onnx"] is not None) == (run["seed"] == 0) == (compared / run["folder"] / "model.onnx").is_file()
    onnx = content["runs"][0]["onnx"]
    assert onnx["passed"] and onnx["max_abs_diff"] < 1e-4 and onnx["text"] == "validation"
    noted = json.loads((compared / content["runs"][0]["folder"] / "onnx.json").read_text())["found"]
    of_file = {key: noted[key] for key in ("bytes", "tokens_per_second", "form", "provider", "fast")}
    assert onnx == of_file | {key: noted["verification"][key] for key in onnx.keys() - of_file.keys()}
    assert {"max_rel_diff", "tolerance", "top1_agreement", "positions", "lengths", "batches"} < onnx.keys()
    assert onnx["form"] == "fast" and onnx["fast"]["verification"]["passed"]
    again, first = content["comparisons"][0], content["comparisons"][1]
    assert again["difference"] == 0 and first["seeds"] == 2 and first["low"] <= first["difference"] <= first["high"]
    assert read(compared / "experiment.json").seeds == 2


def test_the_same_experiment_from_its_file_gives_the_same_losses(compared: Path) -> None:
    """Also without --out: then the result is on standard output, and nothing else is."""
    done = playground("compare", str(compared / "experiment.json"))
    assert done.returncode == 0, done.stderr
    first, again = json.loads((compared / "result.json").read_text()), json.loads(done.stdout)
    timed = {"seconds", "tokens_per_second"}

    def losses(content: dict[str, list[dict[str, object]]]) -> list[object]:
        curves = [[{k: v for k, v in p.items() if k not in timed} for p in run["curve"]] for run in content["runs"]]  # type: ignore[attr-defined]
        return [curves, [run["val_loss"] for run in content["runs"]]]

    assert losses(first) == losses(again)
    assert all(run["folder"] is None for run in again["runs"])


def test_ctrl_c_stops_the_runs_and_keeps_what_there_is(tmp_path: Path) -> None:
    arguments = ["compare", "--variant", f"gpt-2,{SMALL}", "--data", "recall", "--tokens", "1000000000"]
    command = [sys.executable, "-m", "playground", *arguments, "--out", str(tmp_path)]
    # Whoever runs the tests in the background of a shell has them, and what they start, ignore Ctrl-C.
    heeding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, preexec_fn=heeding) as process:
        try:
            database, deadline = tmp_path / "playground.db", time.monotonic() + 120
            while not (database.exists() and any(run.step > 3 for run in Store(database).going())):
                assert time.monotonic() < deadline and process.poll() is None
                time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 130 and "Traceback" not in told and "stopping" in told
    (run,) = json.loads((tmp_path / "result.json").read_text())["runs"]
    assert run["status"] == "stopped" and run["val_loss"] is None and run["curve"]
    assert (tmp_path / run["folder"] / "model.safetensors").is_file()


def test_other_content_than_the_experiment_s_is_refused(compared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = compared / "other.json"
    content = json.loads((compared / "experiment.json").read_text())
    content["data_hash"] = "0" * 64
    file.write_text(json.dumps(content))
    assert main(["compare", str(file)]) == 2
    assert "other content" in said(capsys)


def test_more_seeds_go_on_with_the_same_experiment(compared: Path) -> None:
    before = json.loads((compared / "result.json").read_text())
    done = playground("compare", "--add-seeds", "1", "--out", str(compared))
    assert done.returncode == 0, done.stderr
    after = json.loads((compared / "result.json").read_text())
    count = len(before["runs"])
    assert after["runs"][:count] == before["runs"] and [run["seed"] for run in after["runs"][count:]] == [2, 2, 2]
    assert all(run["status"] == "finished" for run in after["runs"])
    assert after["comparisons"][1]["seeds"] == 3 and after["experiment"]["seeds"] == 3
    assert read(compared / "experiment.json").seeds == 3
    asked = {verdict["metric"] for verdict in after["verdicts"]}
    assert asked == {"val_loss", "accuracy", "tokens_per_second"}
    moved = compared.rename(compared.parent / "moved")
    refused = playground("compare", "--add-seeds", "1", "--out", str(moved))
    assert refused.returncode == 2 and "was moved" in refused.stderr
