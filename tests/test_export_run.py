"""From a run's folder to its file: made once, made again when the model changed, and the command that prints it."""

import json
from pathlib import Path
from typing import Any

import onnxruntime as ort
import pytest
import torch
from exported import LETTERS, architecture, randomized

from models.text import Refusal
from playground import export_precisions, jobs, runs
from playground import export_run as module
from playground.__main__ import main
from playground.export import export
from playground.export_run import export_run
from playground.findings import may_be_given_away
from playground.recipe import Recipe
from playground.session import Session, fastest
from playground.verify import Verification

SPEC = "position=rope,span=window,span.window=4"


def save(folder: Path, seed: int = 0) -> None:
    """A run's folder as training leaves it."""
    model = randomized(architecture(SPEC), seed)
    provenance = runs.provenance(seed=seed, step=9, tokens=99, data="tales", data_hash="abc")
    about = runs.About("gpt-2,position=rope", model.architecture, Recipe(), LETTERS, provenance)
    runs.save(folder, model, about, runs.State({"moment": torch.zeros(2)}, {"step": 9}))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A run's folder and what exporting it found."""
    folder = tmp_path_factory.mktemp("runs") / "A-seed0"
    save(folder)
    return folder, export_run(folder)


def test_what_is_found_is_what_the_page_and_the_result_show(made: tuple[Path, dict[str, Any]]) -> None:
    folder, found = made
    assert found["bytes"] == (folder / "model.onnx").stat().st_size
    assert found["verification"]["passed"] and found["verification"]["lengths"] == (1, 3, 4, 5, 8, 16, 24)
    assert found["max_abs_diff"] == found["verification"]["max_abs_diff"] < 1e-4 and found["top1_agreement"] == 1
    assert found["text"] == found["verification"]["text"] == "random"  # its data are not what `tales` are here
    assert found["form"] == "fast" and found["fast"]["verification"]["passed"]
    assert fastest(folder / "model.onnx").form == "fast" and found["provider"] == "CPUExecutionProvider"
    decode = found["decode"]
    assert set(decode) == {"threads", "repeats", "torch", "onnx"} and decode["threads"] == 1
    for engine in ("torch", "onnx"):
        assert 0 < decode[engine]["low"] <= decode[engine]["median"] <= decode[engine]["high"]
    assert found["tokens_per_second"] == pytest.approx(decode["onnx"]["median"], rel=1e-4)


def test_the_file_tells_the_runs_story(made: tuple[Path, dict[str, Any]]) -> None:
    session = Session(made[0] / "model.onnx")
    assert session.recipe == Recipe().model_dump(mode="json")
    assert session.provenance["name"] == "gpt-2,position=rope" and session.provenance["data_hash"] == "abc"


def test_the_file_says_under_which_license_its_data_are(made: tuple[Path, dict[str, Any]]) -> None:
    """Of the weights nobody has said one: whoever trained them decides."""
    said = ort.InferenceSession(made[0] / "model.onnx").get_modelmeta().custom_metadata_map
    assert json.loads(said["playground.license"]) == {"weights": "unspecified", "data": "MIT"}


def test_it_is_made_once(made: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, found = made
    monkeypatch.setattr(module, "export", lambda *_: pytest.fail("exported again"))
    assert jobs.do("export", {"folder": str(folder), "run": "r1"}) == json.loads(json.dumps(found))


@pytest.mark.parametrize("changed", ["model", "file", "notes", "missing"])
def test_it_is_made_again_when_something_changed(changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path)
    again: list[Path] = []
    monkeypatch.setattr(module, "_export_and_time", lambda folder, *_: again.append(folder) or fake(folder))
    export_run(tmp_path)
    export_run(tmp_path)
    assert again == [tmp_path]
    if changed == "model":
        save(tmp_path, seed=1)
    elif changed == "file":
        (tmp_path / "model.onnx").write_bytes(b"damaged")
    elif changed == "notes":
        (tmp_path / "onnx.json").write_text("{")
    else:
        (tmp_path / "model.onnx").unlink()
    export_run(tmp_path)
    assert again == [tmp_path, tmp_path]


def test_the_file_is_not_given_away_before_it_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path)
    given = list[bool]()

    def broken_off(file: Path, *_: object) -> Verification:
        given.append(may_be_given_away(file.parent))
        raise OSError("the disk is full")

    monkeypatch.setattr(module, "verify", broken_off)
    with pytest.raises(OSError, match="disk is full"):
        export_run(tmp_path)
    assert (tmp_path / "model.onnx").is_file() and given == [False] and not may_be_given_away(tmp_path)
    monkeypatch.undo()
    assert export_run(tmp_path)["verification"]["passed"] and may_be_given_away(tmp_path)


def fake(folder: Path) -> dict[str, Any]:
    (folder / "model.onnx").write_bytes(b"a file")
    return {"bytes": 6}


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(Refusal, match="is not the folder of a run"):
            export_run(folder)


def test_the_command_writes_the_file_and_prints_what_was_found(
    made: tuple[Path, dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "mine.onnx"
    assert main(["export", str(made[0]), "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] and found["positions"] > 100 and found["tolerance"] == 1e-4
    assert Session(out).tokenizer == LETTERS and [file.name for file in out.parent.iterdir()] == ["mine.onnx"]


def test_the_command_says_when_the_file_is_not_the_model(
    made: tuple[Path, dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exported from one model, compared with another."""
    other = randomized(architecture(SPEC), 7)
    monkeypatch.setattr(export_precisions, "export", lambda model, path, metadata: export(other, path, metadata))
    assert main(["export", str(made[0]), "--out", str(tmp_path / "x.onnx")]) == 1
    out, err = capsys.readouterr()
    assert not json.loads(out)["passed"] and "does not compute what the model does" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["NONE", "--out", "x.onnx"], "is not the folder of a run"),
        (["RUN", "--out", "x.onnx", "--quantize", "int8"], "made with other content"),
        (["RUN", "--out", "x.onnx", "--text", "nowhere.txt"], "nowhere.txt"),
        (["RUN", "--out", "/proc/x/y.onnx"], "cannot be written"),
    ],
    ids=str,
)
def test_the_command_refuses_in_one_sentence(
    arguments: list[str],
    sentence: str,
    made: tuple[Path, dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    names = {"RUN": str(made[0]), "NONE": str(tmp_path / "none")}
    assert main(["export", *(names.get(one, one) for one in arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and sentence in err and err.count("\n") == 1
