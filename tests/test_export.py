"""The exported file: what it looks like from outside, and that a bare onnxruntime computes the model with it."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from bare import check_both_forms
from exported import LETTERS, PROVENANCE, RECIPE, architecture, exported, randomized
from source import ROOT

from models.architecture import Architecture
from models.initialize import initialize
from models.outline import period
from models.rotation import Rotation
from models.spelling import change
from models.systems import systems
from models.text import Refusal
from models.transformer import Transformer
from playground import __version__
from playground.bench.decode import any_tokenizer
from playground.decode import generate
from playground.export import Metadata, export
from playground.sampling import Sampling
from playground.session import Session
from playground.verify import verify

LLAMA = "position=rope,norm=rmsnorm,feed_forward=swiglu,heads.kv=2"
GEMMA = "span=window,span.window=4,span.pattern=2_to_1,shape.layers=3,attention_cap=5,output_cap=5,norm.gain=one_plus_w"
DIMS = dict[str, list[str | int]]


def dims(values: Iterable[onnx.ValueInfoProto]) -> DIMS:
    return {
        value.name: [size.dim_param or size.dim_value for size in value.type.tensor_type.shape.dim] for value in values
    }


def test_inputs_and_outputs_are_as_documented() -> None:
    graph = onnx.load(exported(LLAMA).path).graph
    assert list(dims(graph.input)) == [
        "input_ids",
        "position_ids",
        *(f"past_key_values.{layer}.{part}" for layer in (0, 1) for part in ("key", "value")),
    ]
    assert list(dims(graph.output)) == [
        "logits",
        *(f"present.{layer}.{part}" for layer in (0, 1) for part in ("key", "value")),
    ]
    assert dims(graph.input)["input_ids"] == dims(graph.input)["position_ids"] == ["batch", "sequence"]
    assert dims(graph.input)["past_key_values.1.value"] == ["batch", 2, "past", 6]
    assert dims(graph.output)["logits"] == ["batch", "sequence", LETTERS.vocabulary]
    types = {value.name: value.type.tensor_type.elem_type for value in (*graph.input, *graph.output)}
    whole = {name for name, kind in types.items() if kind == onnx.TensorProto.INT64}
    assert whole == {"input_ids", "position_ids"}
    assert set(types.values()) == {onnx.TensorProto.INT64, onnx.TensorProto.FLOAT}


def test_a_bare_onnxruntime_computes_the_model() -> None:
    """Without anything of ours: prefill, two tokens at once, then one; logits and cached keys are torch's."""
    made = exported(LLAMA)
    session = ort.InferenceSession(made.path, providers=["CPUExecutionProvider"])
    ids = np.random.default_rng(0).integers(0, LETTERS.vocabulary, (3, 9))
    past = {
        f"past_key_values.{n}.{part}": np.zeros((3, 2, 0, 6), np.float32) for n in (0, 1) for part in ("key", "value")
    }
    cache, begin = None, 0
    for end in (6, 8, 9):
        positions = np.tile(np.arange(begin, end), (3, 1))
        logits, *present = session.run(None, {"input_ids": ids[:, begin:end], "position_ids": positions, **past})
        with torch.inference_mode():
            expected, cache = made.model.step(torch.from_numpy(ids[:, begin:end]), torch.arange(begin, end), cache)
        np.testing.assert_allclose(np.asarray(logits), expected, rtol=0, atol=1e-5)
        for ours, theirs in zip(present, (part for pair in cache for part in pair), strict=True):
            np.testing.assert_allclose(np.asarray(ours), theirs, rtol=0, atol=1e-5)
        past, begin = dict(zip(past, present, strict=True)), end


@pytest.mark.parametrize("name", systems())
def test_every_system_exports_and_verifies(name: str, tmp_path: Path) -> None:
    """With one period of its pattern, in both forms; also in a process that has neither torch nor the model's code."""
    twin = systems()[name].twin
    twin = change(twin, {"shape.layers": str(max(2, period(twin)))})
    model = initialize(Transformer(twin), 1).eval()
    file = export(model, tmp_path / "model.onnx", Metadata(any_tokenizer(model)))
    found = verify(file.path, model)
    assert found.passed and found.top1_agreement == 1, found
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
    assert file.bytes == file.path.stat().st_size
    # The weights once, and not much beside them: a tied table may be kept transposed as well.
    weights = 4 * (sum(p.numel() for p in model.parameters()) + twin.shape.vocabulary * twin.shape.width)
    assert file.bytes < weights + 200_000
    check_both_forms(file.path, model)


def test_operators_are_the_native_ones() -> None:
    llama = exported(LLAMA).file.operators
    assert llama["Attention"] == 2 and llama["RMSNormalization"] == 5 and "Softmax" not in llama
    assert llama["RotaryEmbedding"] == 4 and llama["Cos"] == llama["Sin"] == 1  # queries and keys, by one table
    assert exported().file.operators["LayerNormalization"] == 5
    gemma = exported(GEMMA).file.operators
    assert gemma["Tanh"] == 4 and "Attention" not in gemma


@pytest.mark.parametrize("pairing", ["half", "interleaved"])
@pytest.mark.parametrize(("fraction", "turned"), [("1", 6), ("0.34", 2)])
def test_rope_is_the_native_operator_whatever_turns(pairing: str, fraction: str, turned: int) -> None:
    """Of heads six wide."""
    made = exported(f"{LLAMA},position.pairing={pairing},position.fraction={fraction}")
    assert made.file.operators["RotaryEmbedding"] == 4
    nodes = [node for node in onnx.load(made.path).graph.node if node.op_type == "RotaryEmbedding"]
    given = {attribute.name: attribute.i for attribute in nodes[0].attribute}
    assert given.get("interleaved", 0) == (pairing == "interleaved")
    assert given.get("rotary_embedding_dim", 0) == (0 if turned == 6 else turned)
    assert verify(made.path, made.model).max_rel_diff < 1e-5


def test_an_export_leaves_the_model_turning_as_it_did() -> None:
    """The operator is put into a copy."""
    assert [type(part) for part in exported(LLAMA).model.chain.parts if isinstance(part, Rotation)] == [Rotation]


def test_an_input_that_nothing_needs_is_absent() -> None:
    graph = onnx.load(exported("layout.attention=off,position=none").path).graph
    assert list(dims(graph.input)) == ["input_ids"] and list(dims(graph.output)) == ["logits"]
    graph = onnx.load(exported("layout.attention=off,position=learned").path).graph
    assert list(dims(graph.input)) == ["input_ids", "position_ids"]


def test_layers_with_a_window_have_a_past_of_their_own() -> None:
    graph = onnx.load(exported(GEMMA).path).graph
    names = [dims(graph.input)[f"past_key_values.{layer}.key"][2] for layer in range(3)]
    assert names == ["past_within_4"] * 2 + ["past"]


def test_the_file_says_what_it_is() -> None:
    made = exported(LLAMA)
    said = {one.key: one.value for one in onnx.load(made.path).metadata_props}
    assert said["playground.format"] == "1"
    assert Architecture.model_validate_json(said["playground.architecture"]) == made.model.architecture
    assert json.loads(said["playground.tokenizer"]) == json.loads(LETTERS.to_json())
    assert json.loads(said["playground.recipe"]) == RECIPE
    assert json.loads(said["playground.provenance"]) == PROVENANCE
    assert said["playground.positions"] == "unlimited"
    assert said["playground.version"] == __version__
    assert json.loads(said["playground.license"]) == {"weights": "unspecified", "data": "unspecified"}
    learned = {one.key: one.value for one in onnx.load(exported().path).metadata_props}
    assert learned["playground.positions"] == "16"


def test_the_file_is_valid_and_says_nothing_of_its_making() -> None:
    model = onnx.load(exported(GEMMA).path)
    onnx.checker.check_model(model, full_check=True)
    assert {one.domain: one.version for one in model.opset_import} == {"": 23}
    assert str(Path.cwd()) not in str(model) and not any(node.doc_string for node in model.graph.node)


def test_export_is_silent_and_leaves_the_model_alone(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    model = randomized(architecture()).train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    export(model, tmp_path / "model.onnx", Metadata(LETTERS))
    out, err = capfd.readouterr()
    assert out == err == ""
    assert model.training and all(parameter.requires_grad for parameter in model.parameters())
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_what_diverged_is_refused(tmp_path: Path) -> None:
    model = randomized(architecture())
    with torch.no_grad():
        model.blocks[1].feed_forward.up.weight[0, 0] = float("nan")  # pyright: ignore
    with pytest.raises(Refusal, match="not finite"):
        export(model, tmp_path / "model.onnx", Metadata(LETTERS))
    assert not list(tmp_path.iterdir())


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="vocabulary of 33"):
        export(randomized(architecture("shape.vocabulary=33")), tmp_path / "model.onnx", Metadata(LETTERS))


def test_what_one_file_cannot_hold_is_refused(tmp_path: Path) -> None:
    with torch.device("meta"):
        model = Transformer(architecture("shape.width=4096,shape.layers=3"))
    with pytest.raises(Refusal, match=r"take 2\.3 GiB"):
        export(model, tmp_path / "model.onnx", Metadata(LETTERS))


@pytest.mark.parametrize(("spec", "tables"), [("", 2), ("shape.width=256", 1)], ids=["small", "large"])
def test_a_tied_table_counts_as_often_as_the_file_holds_it(
    spec: str, tables: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exporter turns one of up to 8,192 numbers itself, for the head, and keeps both."""
    one = exported(f"embedding.tied=true,shape.layers=1,{spec}".rstrip(","))
    held = sum(len(tensor.raw_data) for tensor in onnx.load(one.path).graph.initializer)
    twice = 4 * one.model.embedding.weight.numel() * (tables - 1)
    assert held == pytest.approx(4 * sum(parameter.numel() for parameter in one.model.parameters()) + twice, abs=1000)
    monkeypatch.setattr("playground.export.LARGEST", held + 1000)
    export(one.model, tmp_path / "model.onnx", Metadata(LETTERS))
    monkeypatch.setattr("playground.export.LARGEST", held - 1)
    with pytest.raises(Refusal, match="one ONNX file can hold less than 2 GiB"):
        export(one.model, tmp_path / "other.onnx", Metadata(LETTERS))
    assert [file.name for file in tmp_path.iterdir()] == ["model.onnx"]


def test_the_lines_in_the_docs_write_the_text_that_we_write() -> None:
    """docs/onnx.md shows how to run the file without this project."""
    made = exported(LLAMA)
    code = (ROOT / "docs/onnx.md").read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    code = code.replace("model.onnx", str(made.path))
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
    ours = generate(Session(made.path), "the ", 50, Sampling(0))
    assert ran.stdout == "".join(piece.text for piece in ours)
