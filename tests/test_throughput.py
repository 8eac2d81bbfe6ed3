"""Measuring variants by context and batch: what is counted is what engines keep and read; the job tells as it goes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from models.architecture import Architecture
from models.cost import cache_bytes
from models.spelling import change
from models.systems import systems
from models.transformer import Transformer
from playground import jobs
from playground.throughput import bandwidth, engines, job, measure
from playground.throughput.engines import EAGER, Engine, measured_model, prompt, read_each_token
from playground.throughput.measure import METRICS, Rival, Round, Size, measured

SMALL = {"shape.layers": "1", "shape.width": "64", "shape.vocabulary": "40", "heads.query": "4"}
VARIANTS = {
    "mha": {"heads.kv": "4"},
    "mqa": {"heads.kv": "1"},
    "window": {"heads.kv": "4", "span": "window", "span.window": "8"},
}
Found = dict[str, Any]
SIZES = (Size(6, 1), Size(12, 1), Size(12, 3))


def architecture(name: str, system: str = "llama-3") -> Architecture:
    return change(systems()[system].twin, SMALL | VARIANTS[name])


@dataclass(frozen=True)
class Made:
    """A variant's model, its files, and everything that runs it."""

    model: Transformer
    folder: Path
    engines: list[Engine]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    """Two variants, exported once for all tests."""
    found = {}
    for name in ("mha", "window"):
        model, folder = measured_model(architecture(name), 64), tmp_path_factory.mktemp(name)
        found[name] = Made(model, folder, engines.engines(model, folder))
    return found


@pytest.fixture(scope="module")
def found(made: dict[str, Made]) -> Found:
    """Both at three small sizes, as the job tells it at its end."""
    ready = {each.model.architecture.span: each.engines for each in made.values()}
    patch = pytest.MonkeyPatch()
    patch.setattr(measure, "MOST_ROUNDS", 3)
    patch.setattr(measure, "engines", lambda model, folder: list(ready[model.architecture.span]))
    *_, last = measured([architecture("mha"), architecture("window")], SIZES)
    patch.undo()
    return last


def test_every_engine_has_a_row_at_every_size(found: Found) -> None:
    assert found["done"] == found["sizes"] == 3 and found["left_out"] == [] and found["compiling"] == []
    at = [(row["variant"], row["engine"], row["context"], row["batch"]) for row in found["rows"]]
    assert at == [
        (variant, engine, size.context, size.batch)
        for size in SIZES
        for variant in (0, 1)
        for engine in ("torch", "fp32", "int8", "int4")
    ]
    for row in found["rows"]:
        assert row["rounds"] == 3 and all(
            row[name]["low"] <= row[name]["median"] <= row[name]["high"] for name in METRICS
        )
        assert row["p50"]["median"] <= row["p95"]["median"]
    assert json.loads(json.dumps(found)) == found


def test_what_is_measured_is_the_form_that_the_page_writes_with(made: dict[str, Made]) -> None:
    assert [engine.form for engine in made["mha"].engines] == [None, "fast", "fast", "fast"]


def test_fewer_bits_are_fewer_bytes_to_read(found: Found) -> None:
    read = {row["engine"]: row["weight_bytes"] for row in found["rows"] if row["variant"] == 0}
    assert read["int4"] < read["int8"] < read["fp32"] == read["torch"]


@pytest.mark.parametrize("name", VARIANTS)
def test_the_cache_is_as_large_as_what_the_model_keeps(name: str) -> None:
    model = measured_model(architecture(name), 64)
    step = engines.torch_step(model.step)
    for size in (Size(6, 2), Size(30, 1)):
        _, (_, cache) = step(prompt(size.batch, size.context, 40), None)
        kept = sum(part.numel() * part.element_size() for pair in cache for part in pair)
        assert kept == size.batch * cache_bytes(model.architecture, size.context)


def test_heads_and_windows_show_in_the_cache_as_the_lecture_says(found: Found) -> None:
    mha, mqa = (measured_model(architecture(name), 64).architecture for name in ("mha", "mqa"))
    assert cache_bytes(mha, 30) == 4 * cache_bytes(mqa, 30)
    window = {row["context"]: row["cache_bytes"] for row in found["rows"] if row["variant"] == 1 and row["batch"] == 1}
    full = {row["context"]: row["cache_bytes"] for row in found["rows"] if row["variant"] == 0 and row["batch"] == 1}
    assert window[6] == full[6] and window[12] == full[12] * 8 // 12


@pytest.mark.parametrize("name", ["mha", "window"])
def test_torch_and_the_file_write_the_same_text(made: dict[str, Made], name: str) -> None:
    """Speeds are comparable only if all do the same; int8 and int4 are other numbers, float32 is not."""
    texts = {}
    for engine in made[name].engines[:2]:
        ids, cache = engine.step(prompt(2, 9, 40), None)
        written = [ids]
        for _ in range(12):
            ids, cache = engine.step(ids, cache)
            written.append(ids)
        texts[engine.name] = np.concatenate(written, 1).tolist()
    assert texts["torch"] == texts["fp32"]


def test_a_long_prompt_is_read_in_parts_and_means_the_same(
    made: dict[str, Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_torch, by_onnx, *_ = made["mha"].engines
    monkeypatch.setattr(engines, "AT_ONCE", 7)
    ids = prompt(1, 33, 40)
    assert by_onnx.step(ids, None)[0].tolist() == by_torch.step(ids, None)[0].tolist()
    assert by_onnx.step(ids, None)[1].length == 33


def test_positions_that_end_are_made_to_reach_as_far_as_is_measured() -> None:
    gpt = architecture("mha", "gpt-2")
    assert gpt.position.reach(gpt) == gpt.shape.context
    assert measured_model(gpt, 300).architecture.shape.context == 300
    assert measured_model(gpt, 3).architecture == gpt


def test_the_table_of_which_a_row_is_taken_is_not_read_whole(made: dict[str, Made]) -> None:
    file = made["mha"].folder / "model.onnx"
    assert not made["mha"].model.architecture.embedding.tied
    whole = sum(numpy_helper.to_array(tensor).nbytes for tensor in onnx.load(file).graph.initializer)
    assert whole - read_each_token(file) == pytest.approx(4 * 40 * 64, abs=500)  # and a few constants of shapes


def test_a_table_that_the_head_shares_is_read_whole(tmp_path: Path) -> None:
    table = numpy_helper.from_array(np.ones((40, 8), np.float32), "table")
    nodes = [
        onnx.helper.make_node("Gather", ["table", "ids"], ["x"]),
        onnx.helper.make_node("Transpose", ["table"], ["turned"]),
        onnx.helper.make_node("MatMul", ["x", "turned"], ["logits"]),
    ]
    for count, read in ((1, 0), (3, 4 * 40 * 8)):
        graph = onnx.helper.make_graph(nodes[:count], "tied", [], [], [table])
        onnx.save(onnx.helper.make_model(graph), tmp_path / "tied.onnx")
        assert read_each_token(tmp_path / "tied.onnx") == read


def test_a_round_says_rates_of_all_rows_together() -> None:
    metrics = Round(0.5, (0.1, 0.1, 0.2)).metrics(Size(100, 4))
    assert metrics["decode"] == pytest.approx(4 * 3 / 0.4) and metrics["prefill"] == 800
    assert metrics["first"] == 0.5 and metrics["p50"] == 0.1 and 0.1 < metrics["p95"] <= 0.2


def test_the_bound_is_bandwidth_over_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    made = architecture("mqa")
    engine = Engine(EAGER, lambda ids, cache: (ids, cache), weight_bytes=1000)
    monkeypatch.setattr(measure, "read_bandwidth", lambda size: 1e6)
    row = Rival(0, engine, made).row(Size(10, 3), [Round(1.0, (0.1,))])
    assert row["cache_bytes"] == 3 * cache_bytes(made, 10)
    assert row["bound"] == pytest.approx(3 * 1e6 / (1000 + row["cache_bytes"]))


def test_bandwidth_is_that_of_a_buffer_no_larger_than_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bandwidth, "_measured", lambda size: size)
    asked = (1, 2**16, 2**20 + 5, 2**21 - 1, 2**40)
    assert [bandwidth.read_bandwidth(size) for size in asked] == [2**16, 2**16, 2**20, 2**20, 2**28]


def test_what_takes_too_long_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "MOST_SECONDS", 0.0)
    monkeypatch.setattr(measure, "engines", lambda model, place: [Engine(EAGER, engines.torch_step(model.step), 1)])
    *_, last = measured([architecture("mha")], SIZES[:1])
    assert last["rows"] == [] and last["left_out"] == [{"context": 6, "batch": 1}] and last["done"] == 1


def test_what_cannot_be_compiled_is_said_and_the_rest_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> Engine:
        raise RuntimeError("no compiler")

    monkeypatch.setattr(measure, "compiled", fails)
    monkeypatch.setattr(measure, "MOST_ROUNDS", 3)
    monkeypatch.setattr(measure, "engines", lambda model, place: [Engine(EAGER, engines.torch_step(model.step), 1)])
    *_, last = measured([architecture("mha")], SIZES[:1], compile=True)
    assert last["compiling"] == [None] and [row["engine"] for row in last["rows"]] == ["torch"]
    assert "no compiler" in capsys.readouterr().err


def test_an_engine_for_one_row_is_not_asked_for_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "engines", lambda *_: [])
    step = lambda ids, cache: (ids[:, -1:], cache)  # noqa: E731
    monkeypatch.setattr(measure, "compiled", lambda *_: Engine("compiled", step, 1, rows=1))
    monkeypatch.setattr(measure, "engines", lambda *_: [Engine(EAGER, step, 1)])
    *_, last = measured([architecture("mha")], SIZES, compile=True)
    assert [row["batch"] for row in last["rows"] if row["engine"] == "compiled"] == [1, 1]
    assert [row["batch"] for row in last["rows"] if row["engine"] == EAGER] == [1, 1, 3]


def test_the_job_tells_what_it_has_found_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = job.payload([architecture("mha")], tmp_path / "deep")
    assert job.so_far(given) is None and json.loads(json.dumps(given)) == given
    seen = []

    def found(architectures: list[Architecture], *_: object) -> object:
        assert architectures == [architecture("mha")]
        for done in (1, 2):
            yield {"done": done}
            seen.append(job.so_far(given))

    monkeypatch.setattr(measure, "measured", found)
    assert jobs.do(job.JOB, given) == {"done": 2}
    assert seen == [{"done": 1}, {"done": 2}] and job.so_far(given) is None
    assert list((tmp_path / "deep").iterdir()) == []


def test_a_measurement_holds_for_its_architectures_in_their_order_alone() -> None:
    one, other = architecture("mha"), architecture("mqa")
    names = {job.name_of(each) for each in ([one], [other], [one, other], [other, one])}
    assert len(names) == 4 and job.name_of([one]) == job.name_of([architecture("mha")])
