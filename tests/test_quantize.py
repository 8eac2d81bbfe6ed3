"""Files in fewer bits: they load, decode, say what they are, are as small as computed and as good as allowed."""

import logging
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from exported import LETTERS, exported

from models.initialize import initialize
from models.spelling import change
from models.systems import systems
from models.text import Refusal
from models.transformer import Transformer
from playground.bench.decode import any_tokenizer
from playground.decode import continuation
from playground.evaluate import evaluate
from playground.export import Metadata, export
from playground.fast import write_fast
from playground.precision import FP16, FP32, INT4, INT8
from playground.precisions import ALLOWED, loss
from playground.quantize import BLOCK, Quantized, precision_of, quantize
from playground.sampling import Sampling
from playground.seal import DIGEST
from playground.session import Logits, Session

SYSTEMS = ("gpt-2", "llama-3", "gemma-2", "t5-v1.1", "mpt")
SMALL = {"shape.layers": "2", "shape.context": "32"}
NARROW = (FP16, INT8, INT4)
# Mean divergence from the float32 file, in nats, of untrained twins: thrice what was seen at most.
FAR = {FP16: 1e-4, INT8: 0.03, INT4: 0.5}


@cache
def folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory()


@cache
def twin(system: str) -> Path:
    """A system's twin with fewer layers, exported in float32."""
    model = initialize(Transformer(change(systems()[system].twin, SMALL)), seed=0).eval()
    return export(model, Path(folder().name) / f"{system}.onnx", Metadata(any_tokenizer(model), {"lr": 1})).path


@cache
def narrow(system: str, precision: str) -> Quantized:
    return quantize(twin(system), Path(folder().name) / f"{system}.{precision}.onnx", precision)


def metadata(path: Path) -> dict[str, str]:
    """All but the digest, which every file has of its own."""
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props if entry.key != DIGEST}


def log_probabilities(session: Session) -> Logits:
    """Of 3 texts of 24 random tokens."""
    ids = np.random.default_rng(0).integers(0, session.tokenizer.vocabulary, (3, 24))
    logits, _ = session.step(ids)
    return torch.from_numpy(logits).double().log_softmax(-1).numpy()


@pytest.mark.parametrize("precision", NARROW)
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_twin_in_fewer_bits_is_nearly_what_it_was(system: str, precision: str) -> None:
    session = Session(narrow(system, precision).path)
    expected, found = log_probabilities(Session(twin(system))), log_probabilities(session)
    divergence = (np.exp(expected) * (expected - found)).sum(-1).mean()
    assert 0 < divergence < FAR[precision]
    texts = [list(continuation(session, [1, 2, 3], 12, Sampling(temperature=0))) for _ in range(2)]
    assert texts[0] == texts[1] and len(texts[0]) == 12


@pytest.mark.parametrize("precision", NARROW)
@pytest.mark.parametrize("system", SYSTEMS)
def test_it_says_what_it_is_and_keeps_its_contract(system: str, precision: str) -> None:
    path = narrow(system, precision).path
    assert metadata(path) == metadata(twin(system)) | {"playground.precision": precision}
    assert precision_of(path) == precision and precision_of(twin(system)) == FP32
    shapes = [[(each.name, each.type, each.shape) for each in contract(file)] for file in (path, twin(system))]
    assert shapes[0] == shapes[1]


def contract(file: Path) -> list[ort.NodeArg]:
    session = ort.InferenceSession(file, providers=["CPUExecutionProvider"])
    return [*session.get_inputs(), *session.get_outputs()]


def weights(path: Path) -> int:
    """Bytes of all numbers in the file that are no sizes and indices."""
    sizes = (onnx.TensorProto.INT64, onnx.TensorProto.INT32, onnx.TensorProto.BOOL)
    graph = onnx.load(path).graph
    return sum(len(tensor.raw_data) or 1 for tensor in graph.initializer if tensor.data_type not in sizes)


def blocked(rows: int, blocks: int) -> int:
    """Bytes of `rows` rows of `blocks` blocks: 4-bit numbers, float32 scales, 4-bit zero points, whole bytes a row."""
    return rows * (blocks * (BLOCK // 2 + 4) + (blocks + 1) // 2)


@pytest.mark.parametrize("system", SYSTEMS)
def test_int4_takes_the_bytes_that_blocks_take(system: str) -> None:
    graph = onnx.load(twin(system)).graph
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer if tensor.data_type == 1}
    used = [(node.op_type, shapes[name]) for node in graph.node for name in node.input if name in shapes]
    matrices = [shape for kind, shape in used if kind == "MatMul"] + [s[::-1] for kind, s in used if kind == "Gather"]
    computed = sum(blocked(columns, -(-rows // BLOCK)) for rows, columns in matrices)
    made = narrow(system, INT4)
    assert made.narrowed == sum(rows * columns for rows, columns in matrices)
    assert weights(made.path) == pytest.approx(computed + 4 * made.kept, abs=8)
    assert made.bytes < 0.2 * twin(system).stat().st_size


@pytest.mark.parametrize("system", SYSTEMS)
def test_fp16_halves_what_it_narrows_and_int8_quarters_it(system: str) -> None:
    half, eighth, full = narrow(system, FP16), narrow(system, INT8), weights(twin(system))
    assert half.narrowed + half.kept == eighth.narrowed + eighth.kept == pytest.approx(full / 4, abs=8)
    assert weights(half.path) == pytest.approx(2 * half.narrowed + 4 * half.kept, abs=64)
    columns = sum(tensor.dims[1] for tensor in onnx.load(eighth.path).graph.initializer if len(tensor.dims) == 2)
    assert eighth.narrowed + 4 * eighth.kept < weights(eighth.path) <= eighth.narrowed + 4 * eighth.kept + 6 * columns


@cache
def broad() -> Path:
    """Tied, and with a table of 512 x 64, which the exporter keeps once: turning it is a step of the graph."""
    changes = {**SMALL, "shape.vocabulary": "512", "shape.width": "64", "heads.query": "4"}
    model = initialize(Transformer(change(systems()["gpt-2"].twin, changes)), seed=0).eval()
    return export(model, Path(folder().name) / "broad.onnx", Metadata(any_tokenizer(model))).path


def tables(path: Path) -> list[int]:
    """The types of the float tensors in the file that are as large as the table of `broad`."""
    floats = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16)
    found = [tensor for tensor in onnx.load(path).graph.initializer if tensor.data_type in floats]
    return [tensor.data_type for tensor in found if np.prod(tensor.dims) == 512 * 64]


SHARED = {  # the most bytes, as a share; the tables left; how often the weights of the table are narrowed
    FP16: (0.55, [onnx.TensorProto.FLOAT16], 1),
    INT8: (0.57, [onnx.TensorProto.FLOAT], 1),  # it is looked up in float32, as every table in int8
    INT4: (0.27, [], 2),
}


@pytest.mark.parametrize("precision", NARROW)
def test_a_table_that_embedding_and_head_share_is_narrow_in_both(precision: str, tmp_path: Path) -> None:
    (share, left, times), beside = SHARED[precision], tmp_path / "x.fast.onnx"
    made = quantize(broad(), tmp_path / "x.onnx", precision)
    write_fast(made.path, beside)
    assert tables(broad()) == [onnx.TensorProto.FLOAT] and tables(made.path) == tables(beside) == left
    assert made.bytes < share * broad().stat().st_size
    assert made.narrowed >= times * 512 * 64 + 2 * 12 * 64 * 64  # and the matrices of two layers
    expected = log_probabilities(Session(broad()))
    for file in (made.path, beside):
        found = log_probabilities(Session(file))
        assert 0 < (np.exp(expected) * (expected - found)).sum(-1).mean() < FAR[precision]


def test_angles_of_far_positions_stay_exact_in_float16() -> None:
    """In 11 bits, position 4001 would be 4000: the logits there would be those of other places."""
    full, half = Session(twin("llama-3")), Session(narrow("llama-3", FP16).path)
    ids = np.array([[5, 7, 11]])
    logits = []
    for session in (full, half):
        past = session._empty(1).past
        feed = {"input_ids": ids, "position_ids": np.array([[1, 4000, 4001]]), **past}
        logits.append(session._inference.run(["logits"], feed)[0])
    np.testing.assert_allclose(logits[0], logits[1], atol=0.02)


def test_the_loss_of_a_file_is_the_models() -> None:
    one = exported("position=rope")
    rows = torch.randint(0, LETTERS.vocabulary, (5, 13), generator=torch.Generator().manual_seed(1))
    ids, targets = rows[:, :-1], rows[:, 1:].clone()
    targets[:, :4] = -100
    walk = evaluate(one.model, [(ids, targets)])
    with pytest.raises(StopIteration) as end:
        while True:
            next(walk)
    one.model.eval()
    found = loss(Session(one.path), [(a.numpy(), b.numpy()) for a, b in zip(ids, targets, strict=True)])
    assert found == pytest.approx(end.value.value.loss, rel=1e-5)


def test_widths_that_fill_no_block_are_padded_and_their_tables_left(tmp_path: Path) -> None:
    made = quantize(exported().path, tmp_path / "x.onnx", INT4)  # width 24
    assert made.kept >= 24 * LETTERS.vocabulary
    assert np.isfinite(Session(made.path).step(np.array([[1, 2, 3]]))[0]).all()


def planted(path: Path, **metadata: str) -> Path:
    """A file that only adds its input to itself, with this metadata."""
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    out = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
    graph = onnx.helper.make_graph([onnx.helper.make_node("Add", ["x", "x"], ["y"])], "g", [value], [out])
    model = onnx.helper.make_model(graph)
    onnx.helper.set_model_props(model, {f"playground.{key}": word for key, word in metadata.items()})
    onnx.save(model, path)
    return path


def test_what_cannot_be_quantized_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"no such thing")
    far = onnx.load(exported().path)
    weight = max(far.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    weight.raw_data = np.full(weight.dims, 1e6, np.float32).tobytes()
    onnx.save(far, tmp_path / "far.onnx")
    refused = {
        (exported().path, "int3"): "is no precision; choose fp16, int8, int4",
        (tmp_path / "bad.onnx", INT8): "cannot be read",
        (planted(tmp_path / "theirs.onnx"), INT8): "was not exported by the playground",
        (planted(tmp_path / "empty.onnx", format="1"), INT8): "nothing to quantize",
        (planted(tmp_path / "twice.onnx", format="1", precision="int8"), INT4): "is in int8 already",
        (tmp_path / "far.onnx", FP16): r"float16 reaches to ±65,504, and .* holds 1e\+06",
    }
    target = tmp_path / "out" / "target.onnx"
    target.parent.mkdir()
    target.write_bytes(b"as it was")
    for (source, precision), words in refused.items():
        with pytest.raises(Refusal, match=words) as refusal:
            quantize(source, target, precision)
        assert refusal.value.text.zh
    assert target.read_bytes() == b"as it was" and [file.name for file in target.parent.iterdir()] == ["target.onnx"]


@pytest.mark.parametrize("precision", NARROW)
def test_nothing_is_said_and_logging_stays_as_it_was(
    precision: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = (list(root.handlers), root.level, logging.root.manager.disable)
    quantize(exported().path, tmp_path / "x.onnx", precision)
    assert capfd.readouterr() == ("", "")
    assert (list(root.handlers), root.level, logging.root.manager.disable) == before


def test_more_may_be_lost_in_fewer_bits() -> None:
    assert 0 < ALLOWED[FP16] < ALLOWED[INT8] == 0.02 < ALLOWED[INT4]
