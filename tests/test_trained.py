"""What the page may learn of trained variants: by the experiment's id alone, checked, and refused in words."""

import base64
from pathlib import Path
from threading import BoundedSemaphore
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import trained
from starlette.applications import Starlette
from starlette.testclient import TestClient

from playground import head_scores, runs, snapshots
from playground.data import Source, sources
from playground.events import Kept, encode
from playground.findings import keep
from playground.recipe import Recipe
from playground.sessions import Sessions
from playground.store import RunRow, Store
from playground.ui import download, registry
from playground.ui.examples import example
from playground.ui.line import Line

TEXT = "She had a kite"
OWNER = "0" * 32


class Page:
    """One page: its store, one finished experiment, and the questions it asks."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "runs.db", check=True)
        self.service = SimpleNamespace(
            store=self.store,
            add_job=self.store.add_job,
            sessions=Sessions(),
            writers=Line(1),
            streams=BoundedSemaphore(8),
        )
        self.id = trained.submit(self.store, folder)
        trained.finish(self.store, self.id)

    def runs(self) -> list[RunRow]:
        return self.store.runs(self.id)

    def ask(self, name: str, **given: object) -> dict[str, Any]:
        return registry.respond(self.service, {"name": name, "given": {"owner": OWNER, **given}})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return Page(tmp_path_factory.mktemp("page"))


def test_maps_are_those_of_the_model_in_the_folder(page: Page) -> None:
    said = page.ask("attention", id=page.id, text=TEXT)["variants"]
    assert [each["variant"] for each in said] == [0, 1]
    for each, run in zip(said, page.store.runs(page.id), strict=True):
        model, tokenizer = runs.load_model(run.folder)
        expected = torch.stack(model.maps(torch.tensor([tokenizer.encode(TEXT)])))[:, 0].detach().numpy()
        size = len(TEXT)
        values = np.frombuffer(base64.b64decode(each["maps"]), np.uint8)
        values = values.reshape(each["layers"], each["heads"], size, size) / 255
        assert "".join(each["tokens"]) == TEXT and not each["notes"]
        np.testing.assert_allclose(values, expected, atol=1 / 510 + 1e-6)


@pytest.mark.parametrize("step, there", [(0, 0), (1, 0), (2, 2), (6, 2), (7, 7), (99, 7), (None, 7)])
def test_after_a_step_maps_are_those_of_the_weights_kept_last_before_it(
    page: Page, step: int | None, there: int
) -> None:
    for each, run in zip(page.ask("attention", id=page.id, text=TEXT, step=step)["variants"], page.runs(), strict=True):
        assert (each["step"], each["steps"]) == (there, [*trained.KEPT])
        model, about = runs.load(run.folder) if there == 7 else snapshots.load(run.folder, there)
        maps_LHTT = torch.cat(model.maps(torch.tensor([about.tokenizer.encode(TEXT)]))).detach()
        values = np.frombuffer(base64.b64decode(each["maps"]), np.uint8).reshape(maps_LHTT.shape) / 255
        np.testing.assert_allclose(values, maps_LHTT.numpy(), atol=1 / 510 + 1e-6)
        scores = head_scores.on_text(maps_LHTT) | head_scores.habits(model)
        assert each["scores"] == head_scores.plain(scores)


@pytest.mark.parametrize("step", [-1, 1.5, "7", True, [1]])
def test_a_step_that_is_none_is_refused(page: Page, step: object) -> None:
    assert "refusal" in page.ask("attention", id=page.id, text=TEXT, step=step)


def test_a_run_that_is_going_is_looked_at_where_it_was_kept_and_one_that_broke_says_so(tmp_path: Path) -> None:
    page = Page(tmp_path)
    id = trained.submit(page.store, tmp_path)
    assert page.ask("attention", id=id, text=TEXT) == {"variants": []}
    run = page.store.claim("test")
    assert run is not None
    going = trained.untrained(trained.variants()[0].architecture, 3)
    about = runs.About("gpt-2", going.architecture, Recipe(data="tales"), trained.TOKENIZER, {})
    kept = [Kept(0, snapshots.keep(run.folder, going, about, 0), {})]
    with torch.no_grad():
        for parameter in going.parameters():
            parameter.fill_(float("nan"))
    kept.append(Kept(1, snapshots.keep(run.folder, going, about, 1), {}))
    page.store.append(run.id, 1, [encode(event) for event in kept])
    (first,) = page.ask("attention", id=id, text=TEXT, step=0)["variants"]
    (last,) = page.ask("attention", id=id, text=TEXT)["variants"]
    assert (first["step"], first["steps"]) == (0, [0, 1])
    assert "step 1" in last["refusal"]["text"]["en"] and "diverged" in last["refusal"]["text"]["en"]


def test_a_sentence_over_the_context_is_cut_and_said_so(page: Page) -> None:
    said = page.ask("attention", id=page.id, text="kite " * 20)["variants"]
    for each in said:
        assert len(each["tokens"]) == 40
        (note,) = each["notes"]
        assert "first 40 of 100" in note["en"] and "100" in note["zh"]


def test_unknown_characters_are_named(page: Page) -> None:
    (note,) = page.ask("attention", id=page.id, text="kite ßß?")["variants"][0]["notes"]
    assert "ß ?" in note["en"] and "ß ?" in note["zh"]


@pytest.mark.parametrize("text", ["", None, 7, ["a"], "a" * 2001])
def test_no_sentence_or_an_endless_one_is_refused_by_the_field(page: Page, text: object) -> None:
    said = page.ask("attention", id=page.id, text=text)
    assert said["refusal"]["fields"] == ["text"] and said["refusal"]["text"]["zh"]


@pytest.mark.parametrize("id", ["", None, 7, "0" * 32, "../" * 8, "%" * 32, {"$ne": 1}])
@pytest.mark.parametrize("question", ["trained", "attention", "export"])
def test_nothing_is_said_to_who_does_not_know_the_id(page: Page, question: str, id: object) -> None:
    said = page.ask(question, id=id, text=TEXT, variant=0)
    assert set(said) == {"refusal"}


@pytest.mark.parametrize("variant", [2, -1, None, "0", 0.0, True])
def test_a_variant_that_is_not_there_is_not_exported(page: Page, variant: object) -> None:
    assert "refusal" in page.ask("export", id=page.id, variant=variant)


def test_samples_and_an_example_come_with_what_was_trained(page: Page) -> None:
    said = page.ask("trained", id=page.id)
    assert [each["ready"] for each in said["variants"]] == [True, True]
    assert list(said["variants"][0]["samples"]["texts"]) == ["She had a kite.\n", "Tom!"]
    assert said["example"] == sources()["tales"].example
    assert said["setting"] == {"batch": 12, "context": 40, "threads": 1}


def test_an_export_is_queued_once_and_again_after_it_failed(tmp_path: Path) -> None:
    page = Page(tmp_path)
    first = page.ask("export", id=page.id, variant=0)
    assert first["export"]["state"] == "queued"
    run = page.store.runs(page.id)[0]
    job = page.store.last_job("export", run.id)
    page.ask("export", id=page.id, variant=0)
    again = page.store.last_job("export", run.id)
    assert job and again and job.id == again.id and job.payload["folder"] == str(run.folder)
    assert job.payload["text"] is None  # the place of a text of one's own; these data need none
    page.store.claim_job("worker")
    page.store.end_job(job.id, "failed")
    assert page.ask("trained", id=page.id)["variants"][0]["export"]["state"] == "failed"
    assert page.ask("export", id=page.id, variant=0)["export"]["state"] == "queued"


def test_a_file_that_is_gone_may_be_exported_again(tmp_path: Path) -> None:
    page = Page(tmp_path)
    run = page.store.runs(page.id)[0]
    job = page.store.add_job("export", {"run": run.id, "folder": str(run.folder)})
    page.store.claim_job("worker")
    page.store.end_job(job, "finished", {"verification": {}, "decode": {}})
    assert page.ask("trained", id=page.id)["variants"][0]["export"] is None
    (run.folder / "model.onnx").write_bytes(b"onnx")
    said = page.ask("trained", id=page.id)["variants"][0]["export"]
    assert said["state"] == "finished"
    assert said["file"] == {"name": "gpt-2-A-seed0.onnx", "address": f"download/{page.id}/0", "bytes": 4}
    (run.folder / "model.onnx").unlink()
    assert page.ask("export", id=page.id, variant=0)["export"]["state"] == "queued"


def test_a_run_that_is_going_has_nothing_to_look_at(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs.db", check=True)
    id = trained.submit(store, tmp_path)
    service: Any = SimpleNamespace(store=store)
    said = registry.respond(service, {"name": "trained", "given": {"id": id}})
    assert [each["ready"] for each in said["variants"]] == [False, False]
    assert registry.respond(service, {"name": "attention", "given": {"id": id, "text": TEXT}}) == {"variants": []}
    refused = registry.respond(service, {"name": "export", "given": {"id": id, "variant": 0}})
    assert "Train it first" in refused["refusal"]["text"]["en"]


def test_the_first_seed_that_left_a_model_stands_for_its_variant(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs.db", check=True)
    id = trained.submit(store, tmp_path, seeds=2)
    trained.finish(store, id)
    service: Any = SimpleNamespace(store=store)
    gone = store.runs(id)[0]
    (gone.folder / runs.MODEL).unlink()
    said = registry.respond(service, {"name": "trained", "given": {"id": id}})["variants"]
    of_runs = {(run.variant, run.seed): run.id for run in store.runs(id)}
    assert [each["run"] for each in said] == [of_runs[0, 1], of_runs[1, 0]]


def test_downloads_are_for_who_knows_the_id_and_only_the_file(page: Page) -> None:
    client = TestClient(Starlette(routes=[download.route(page.service)]))  # type: ignore[arg-type]
    first = page.store.runs(page.id)[0]
    assert client.get(f"/download/{page.id}/0").status_code == 404  # not exported
    (first.folder / "model.onnx").write_bytes(b"onnx")
    answer = client.get("/" + download.address(first))
    assert answer.content == b"onnx" and answer.headers["content-disposition"].endswith('"gpt-2-A-seed0.onnx"')
    for path in (f"{'0' * 32}/0", f"{page.id}/7", f"{page.id}/-1", f"{page.id}/0/../../runs.db", f"{page.id}%2f/0"):
        assert client.get(f"/download/{path}").status_code == 404


@pytest.mark.parametrize("verification", [{"passed": False}, {"passed": True}, None], ids=["fails", "passes", "none"])
def test_a_file_that_is_not_known_to_be_the_model_is_not_offered(verification: Any, tmp_path: Path) -> None:
    """Not while it is verified, nor after that failed. Files of before such notes are offered as they were."""
    page, offered = Page(tmp_path), verification is None or verification["passed"]
    run = page.store.runs(page.id)[0]
    job = page.store.add_job("export", {"run": run.id, "folder": str(run.folder)})
    page.store.claim_job("worker")
    page.store.end_job(job, "finished", {"verification": verification, "decode": {}})
    for name in ("model.onnx", "model.int8.onnx"):
        (run.folder / name).write_bytes(b"onnx")
    if verification is not None:
        keep(run.folder, "onnx.json", (), {"verification": verification})
    said = page.ask("trained", id=page.id)["variants"][0]
    assert said["precisions"] == (["fp32", "int8"] if offered else [])
    assert said["export"]["file"]["address"] == (download.address(run) if offered else None)
    client = TestClient(Starlette(routes=[download.route(page.service)]))  # type: ignore[arg-type]
    for asked in ("", "?precision=int8"):
        assert client.get(f"/download/{page.id}/0{asked}").status_code == (200 if offered else 404)
    if not offered:
        service: Any = page.service
        said = registry.follow(service, {"name": "generate", "given": {**GOOD, "id": page.id}})
        assert "No variant is exported yet" in next(said)["refusal"]["text"]["en"]


GOOD = {
    "prompt": "She",
    "length": "20",
    "temperature": "0.8",
    "top_k": "",
    "top_p": "",
    "repetition_penalty": "1",
    "seed": "0",
    "stop": "",
    "writing": "f" * 32,
}
BAD = {
    "prompt": ["", None, 7, ["She"], "a" * 2001],
    "temperature": ["", "warm", "nan", "inf", "-0.1", "11", None, ["0.8"]],
    "length": ["", "0", "-5", "1001", "2.5", "1e99", "nan", None],
    "seed": ["", "-1", "0.5", "4294967296", "inf", {}],
    "top_k": ["0", "-1", "2.5", "nan", "all", None, "1e7"],
    "top_p": ["0", "-0.1", "1.01", "nan", None],
    "repetition_penalty": ["0", "-1", "inf", "nan", "11", None, "little"],
    "stop": [None, 7, "a" * 201, "\n".join("abcdefghijklmnopq")],
}


@pytest.mark.parametrize("field, word", [(field, word) for field, words in BAD.items() for word in words])
def test_what_cannot_be_generated_is_refused_by_its_field(page: Page, field: str, word: object) -> None:
    request = {"name": "generate", "given": GOOD | {"id": page.id, field: word}}
    (said,) = registry.follow(page.service, request)  # type: ignore[arg-type]
    assert said["refusal"]["fields"] == [field] and said["refusal"]["text"]["zh"]


def test_without_an_export_nothing_is_generated(tmp_path: Path) -> None:
    page = Page(tmp_path)
    (said,) = registry.follow(page.service, {"name": "generate", "given": GOOD | {"id": page.id}})  # type: ignore[arg-type]
    assert said["refusal"]["text"]["en"] == "No variant is exported yet."


@pytest.mark.parametrize("source", sources().values(), ids=sources().keys())
def test_examples_fit_the_smallest_context_of_the_twins(source: Source) -> None:
    assert len(source.example) < 40 and example(source.name, ()) == source.example


def test_the_example_of_own_text_is_what_the_model_wrote() -> None:
    assert example("text", ("To be, or not to be: that is the question.",)) == "To be, or not to be: that is the"
    assert example("text", ()) == ""
