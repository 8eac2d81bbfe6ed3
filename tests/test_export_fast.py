"""The fast form of a file in fewer bits: kept where it says what that file says, taken away where it does not."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from exported import LETTERS, Exported, exported
from onnx import numpy_helper

from models.spelling import change
from models.transformer import Transformer
from playground import export_fast as module
from playground.decode import continuation
from playground.export import Metadata, export
from playground.export_fast import narrow_fast
from playground.fast import write_fast
from playground.precision import INT4, INT8
from playground.quantize import quantize
from playground.sampling import Sampling
from playground.session import FAST_SUFFIX, Session, fastest

LLAMA = "position=rope,norm=rmsnorm,feed_forward=swiglu,heads.kv=2,heads.head_dim=16,shape.width=32"
WINDOWS = LLAMA + ",span=window,span.window=4"
# Attentions and norms that are fused, of two layers: of attention that the operator does not know the norms alone.
FUSED = {LLAMA: (2, 4), LLAMA + ",span=chunked,span.chunk=4": (0, 4), LLAMA + ",norm=layernorm,bias.places=all": (2, 4)}


def narrow(made: Exported, folder: Path, precision: str) -> Path:
    return quantize(made.path, folder / "model.narrow.onnx", precision).path


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize("precision", [INT8, INT4])
@pytest.mark.parametrize("spec", [LLAMA, WINDOWS])
def test_a_file_in_fewer_bits_is_run_in_its_fast_form(spec: str, precision: str, tmp_path: Path) -> None:
    made = exported(spec)
    file = narrow(made, tmp_path, precision)
    assert fastest(file).form == "portable"
    found = narrow_fast(file, made.model.architecture, precision)
    assert found["rules"]["attention"] == 2 and found["verification"]["passed"], found
    assert found["verification"]["divergence"] < found["verification"]["tolerance"]
    session = fastest(file)
    assert session.form == "fast" and len(list(continuation(session, [1, 2, 3], 30, Sampling(0)))) == 30
    assert names(tmp_path) == ["model.narrow.fast.onnx", "model.narrow.onnx"]
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("precision", [INT8, INT4])
@pytest.mark.parametrize(("spec", "rules"), FUSED.items())
def test_every_rule_applies_in_fewer_bits_as_in_float32(
    spec: str, rules: tuple[int, int], precision: str, tmp_path: Path
) -> None:
    """And predicts the same within a tenth of what is allowed, which is all that adding in another order does."""
    made = exported(spec)
    file = narrow(made, tmp_path, precision)
    for source in (made.path, file):
        applied = write_fast(source, tmp_path / "full.onnx")
        assert (applied["attention"], applied["norms"]) == rules
    found = narrow_fast(file, made.model.architecture, precision)["verification"]
    assert found["passed"] and found["divergence"] < 0.1 * found["tolerance"], found
    assert fastest(file).form == "fast"


def another_window(made: Exported, folder: Path, precision: str) -> Path:
    """The fast form of the same weights and a window one longer."""
    other = Transformer(change(made.model.architecture, {"span.window": "5"}))
    other.load_state_dict(made.model.state_dict())
    (folder / "other").mkdir()
    file = export(other.eval(), folder / "other" / "model.onnx", Metadata(LETTERS)).path
    return quantize(file, folder / "other" / "model.narrow.onnx", precision).path


def not_finite(made: Exported, folder: Path, precision: str) -> Path:
    """The same file, whose embeddings are no numbers."""
    (folder / "other").mkdir()
    model = onnx.load(quantize(made.path, folder / "other" / "model.narrow.onnx", precision).path)
    gain = next(one for one in model.graph.initializer if one.data_type == 1 and list(one.dims) == [32])
    gain.CopyFrom(numpy_helper.from_array(np.full(32, np.nan, np.float32), gain.name))
    onnx.save(model, folder / "other" / "model.narrow.onnx")
    return folder / "other" / "model.narrow.onnx"


@pytest.mark.parametrize("precision", [INT8, INT4])
@pytest.mark.parametrize("other", [another_window, not_finite])
def test_a_form_that_says_something_else_is_taken_away(
    other: Callable[[Exported, Path, str], Path], precision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exported(WINDOWS)
    wrong, file = other(made, tmp_path, precision), narrow(made, tmp_path, precision)
    monkeypatch.setattr(module, "write_fast", lambda _, trial: write_fast(wrong, trial))
    found = narrow_fast(file, made.model.architecture, precision)
    assert not found["verification"]["passed"]
    assert fastest(file).form == "portable" and names(tmp_path) == ["model.narrow.onnx", "other"]
    json.dumps(found, allow_nan=False)


def test_an_earlier_form_of_the_same_name_is_gone_where_the_new_one_does_not_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exported(LLAMA)
    file = narrow(made, tmp_path, INT8)
    assert narrow_fast(file, made.model.architecture, INT8)["verification"]["passed"]
    monkeypatch.setitem(module.ALLOWED, INT8, -1.0)
    assert not narrow_fast(file, made.model.architecture, INT8)["verification"]["passed"]
    assert not file.with_suffix(FAST_SUFFIX).exists() and Session(file).form == "portable"


def test_one_text_that_is_no_number_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = narrow(exported(LLAMA), tmp_path, INT8)
    monkeypatch.setattr(module, "_divergences", lambda *_: iter([0.0, float("nan"), 0.0]))
    found = narrow_fast(file, exported(LLAMA).model.architecture, INT8)["verification"]
    assert (found["passed"], found["divergence"]) == (False, None) and fastest(file).form == "portable"
