"""Comparing precisions as the page asks for it: queued once, kept, refused in words, the files handed out."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import trained
from starlette.applications import Starlette
from starlette.testclient import TestClient

from models.spelling import change
from models.systems import systems
from playground import export_precisions, export_run, jobs, runs, session
from playground.__main__ import main
from playground.data import prepare
from playground.export_precisions import compare_run, export_as
from playground.precision import FP32, INT4, INT8, PRECISIONS, file_in
from playground.precisions import ALLOWED
from playground.recipe import Recipe
from playground.session import CPU, Session, fastest
from playground.store import Store
from playground.ui import download, registry
from playground.verify import verify

OWNER = "0" * 32
JOB = "precisions"
FAST = {"speed": {"median": 3.0, "low": 2.0, "high": 4.0}, "form": "fast"}


class Page:
    """One page: its store, one finished experiment, and the questions it asks."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "runs.db", check=True)
        self.service: Any = SimpleNamespace(store=self.store, add_job=self.store.add_job)
        self.id = trained.submit(self.store, folder)
        trained.finish(self.store, self.id)

    def ask(self, name: str, **given: object) -> dict[str, Any]:
        return registry.respond(self.service, {"name": name, "given": {"owner": OWNER, **given}})

    def finish(self, variant: int) -> None:
        """The worker's part: files, and what it found."""
        run = self.store.runs(self.id)[variant]
        job = self.store.last_job(JOB, run.id)
        assert job is not None
        rows = []
        for precision, name in ((FP32, "model.onnx"), (INT8, "model.int8.onnx")):
            (run.folder / name).write_bytes(precision.encode())
            rows.append({"precision": precision, "bytes": 4, "val_loss": 1.0, "within": True, **FAST})
        while self.store.claim_job("test"):
            pass
        self.store.end_job(job.id, "finished", {"precisions": rows, "threads": 1, "rounds": 5, "targets": 9})


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path)


def test_it_is_queued_once_for_each_variant_and_again_after_it_failed(page: Page) -> None:
    assert [each["made"] for each in page.ask("precisions", id=page.id)["variants"]] == [None, None]
    said = page.ask("compare_precisions", id=page.id)["variants"]
    assert [each["made"]["state"] for each in said] == ["queued", "queued"]
    first = [page.store.last_job(JOB, run.id) for run in page.store.runs(page.id)]
    page.ask("compare_precisions", id=page.id)
    assert first == [page.store.last_job(JOB, run.id) for run in page.store.runs(page.id)]
    job = page.store.claim_job("test")
    assert job and job.payload["folder"] == str(page.store.runs(page.id)[0].folder) and job.kind in jobs.KINDS
    page.store.end_job(job.id, "failed")
    states = [each["made"]["state"] for each in page.ask("precisions", id=page.id)["variants"]]
    assert states == ["failed", "queued"]
    assert page.ask("compare_precisions", id=page.id)["variants"][0]["made"]["state"] == "queued"


def test_what_was_found_comes_with_files_that_can_be_had(page: Page) -> None:
    page.ask("compare_precisions", id=page.id)
    page.finish(1)
    made = page.ask("precisions", id=page.id)["variants"][1]["made"]
    assert made["state"] == "finished" and made["targets"] == 9
    assert [row["file"]["name"] for row in made["precisions"]] == [
        "llama-3-B-seed0.onnx",
        "llama-3-B-seed0-int8.onnx",
    ]
    client = TestClient(Starlette(routes=[download.route(page.service)]))
    for row in made["precisions"]:
        assert client.get("/" + row["file"]["address"]).content == row["precision"].encode()
    for other in ("int4", "int9", "../../runs.db", "%2e%2e", ""):
        assert client.get(f"/download/{page.id}/1?precision={other}").status_code == 404
    (page.store.runs(page.id)[1].folder / "model.int8.onnx").unlink()
    assert page.ask("precisions", id=page.id)["variants"][1]["made"] is None


@pytest.mark.parametrize("id", ["", None, 7, "0" * 32, "../" * 8, {"$ne": 1}])
@pytest.mark.parametrize("question", ["precisions", "compare_precisions"])
def test_nothing_is_said_to_who_does_not_know_the_id(page: Page, question: str, id: object) -> None:
    assert set(page.ask(question, id=id)) == {"refusal"}


def test_who_has_no_key_may_not_queue(page: Page) -> None:
    assert "refusal" in page.ask("compare_precisions", id=page.id, owner="me")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with a model that never learned, of the data it names."""
    folder = tmp_path_factory.mktemp("runs") / "A-seed0"
    sizes = {"shape.layers": "1", "shape.width": "32", "shape.context": "32"}
    task = prepare("tales", context=32)
    torch.manual_seed(0)
    trained.save(folder, "gpt-2", change(systems()["gpt-2"].twin, sizes | {"shape.vocabulary": str(task.vocabulary)}))
    made, about = runs.load_model(folder)[0], runs.read_about(folder)
    provenance = runs.provenance(seed=0, step=0, tokens=0, data="tales", data_hash=task.hash)
    about = runs.About("gpt-2", about.architecture, Recipe(data="tales"), task.tokenizer, provenance)
    runs.save(folder, made, about, runs.State({}, {}))
    return folder


def test_a_run_in_every_precision_is_measured_on_the_same_text_and_kept(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_precisions, "wanted", lambda: PRECISIONS)
    found = jobs.do(JOB, {"folder": str(run), "run": "r", "text": None})
    rows = {row["precision"]: row for row in found["precisions"]}
    assert tuple(rows) == PRECISIONS and found["targets"] == 4096
    assert all(row["within"] and row["bytes"] > 0 and row["speed"]["median"] > 0 for row in rows.values())
    assert rows[FP32]["allowed"] is None and rows[INT8]["allowed"] == ALLOWED[INT8]
    assert 0 < abs(rows[INT4]["val_loss"] - rows[FP32]["val_loss"]) < ALLOWED[INT4]
    for name, row in rows.items():  # measured is what the page and `generate` run, on what they run it
        assert (row["form"], row["provider"]) == (fastest(run / file_in(name)).form, CPU)
    exported = json.loads((run / "onnx.json").read_text(encoding="utf-8"))["found"]
    assert exported["text"] == exported["verification"]["text"] == "validation"
    assert exported["fast"]["verification"]["text"] == "validation"
    assert rows[FP32]["form"] == rows[INT8]["form"] == rows[INT4]["form"] == "fast"
    monkeypatch.setattr(export_precisions, "quantize", lambda *_: pytest.fail("made again"))
    assert compare_run(run) == json.loads(json.dumps(found))


def test_speeds_that_name_no_form_are_measured_again(run: Path, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of earlier versions: files in fewer bits had no fast form then."""
    monkeypatch.setattr(export_precisions, "known", lambda *_: {"precisions": [{"precision": FP32}]})
    monkeypatch.setattr(export_precisions, "_made", lambda *_: {"precisions": [{"precision": FP32, "form": "fast"}]})
    monkeypatch.setattr(export_precisions, "keep", lambda *given: given[-1])
    assert compare_run(run)["precisions"][0]["form"] == "fast"
    page.ask("compare_precisions", id=page.id)
    page.finish(1)
    job = page.store.last_job(JOB, page.store.runs(page.id)[1].id)
    assert job is not None and job.result is not None and page.ask("precisions", id=page.id)["variants"][1]["made"]
    job.result["precisions"][0].pop("form")
    monkeypatch.setattr(page.store, "last_job", lambda *_: job)
    assert page.ask("precisions", id=page.id)["variants"][1]["made"] is None


def test_precisions_are_measured_where_the_page_writes(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the processor, on a machine with a GPU as well."""
    export_run.export_run(run)
    opened: list[bool] = []
    open = session._open
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(session, "_open", lambda *given: opened.append(given[2]) or open(*given))
    (row,) = export_precisions._made({FP32: run / "model.onnx"}, runs.read_about(run), [])["precisions"]
    assert opened and not any(opened) and row["provider"] == CPU


def test_the_command_prints_what_a_precision_costs(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "small.onnx"
    assert main(["export", str(run), "--out", str(out), "--quantize", "int8"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["precision"] == INT8 and found["bytes"] == out.stat().st_size < 0.5 * found["bytes_fp32"]
    assert found["criterion"] == "val_loss" and found["passed"] and found["tolerance"] == 0.02
    assert abs(found["val_loss"] - found["val_loss_fp32"]) <= 0.02 and found["tokens_per_second"] > 0
    assert found["max_abs_diff"] > 0 and found["not_measured"] is None
    assert found["form"] == found["form_fp32"] == "portable" == fastest(out).form  # one file is what was asked for
    assert [file.name for file in out.parent.iterdir()] == ["small.onnx"] and Session(out).context == 32


def test_the_files_are_checked_on_the_text_that_the_run_was_judged_on(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not on anything else: whoever checks a file is given the ids of the validation part."""
    recipe = runs.read_about(run).recipe
    task = prepare(recipe.data, context=32)
    ids, _ = next(iter(task.validation(quick=True)))
    given: list[object] = []
    monkeypatch.setattr(export_run, "verify", lambda *all: given.append(all[2]) or verify(*all))
    assert export_run.export_to(run, tmp_path / "c.onnx").text == "validation"
    assert given == [ids.flatten().tolist()]


def test_a_persons_own_text_reaches_the_check(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the page and `compare` ask for an export; one that is gone is no reason not to export."""
    seen: list[object] = []
    monkeypatch.setattr(export_run, "export_run", lambda *given: seen.append(given) or {})
    (tmp_path / "own.txt").write_bytes("它".encode())
    for file in (tmp_path / "own.txt", tmp_path / "gone.txt", None):
        jobs.do("export", {"folder": str(run), "text": file and str(file)})
    assert seen == [(run, "它".encode()), (run, None), (run, None)]


def test_a_file_that_lost_too_much_does_not_pass(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(ALLOWED, INT4, -9.0)
    assert main(["export", str(run), "--out", str(tmp_path / "x.onnx"), "--quantize", "int4"]) == 1
    out, err = capsys.readouterr()
    assert not json.loads(out)["passed"] and "nats per token may be lost" in err


def test_float32_needs_no_text_but_says_what_was_not_measured(run: Path, tmp_path: Path) -> None:
    full = export_as(run, tmp_path / "a.onnx")
    assert full["passed"] and full["val_loss"] == full["val_loss_fp32"] and full["criterion"] == "max_rel_diff"
    other = tmp_path / "other"
    trained.save(other, "gpt-2", change(systems()["gpt-2"].twin, trained.SMALL))
    found = export_as(other, tmp_path / "b.onnx")
    assert found["passed"] and found["val_loss"] is None and "made with other content" in found["not_measured"]
