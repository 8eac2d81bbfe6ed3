"""Running an exported file: the cache, positions, threads, and what is said about files that are none of ours."""

import threading
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from exported import LETTERS, PROVENANCE, RECIPE, exported

from playground.problem import Problem
from playground.seal import DIGEST, UNSEALED
from playground.session import Session

ROPE = "position=rope,norm=rmsnorm,feed_forward=swiglu,heads.kv=2"
MIXED = "position=rope,span=window,span.window=4,span.pattern=alternate"


def ids(batch: int, length: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.random.default_rng(length).integers(0, LETTERS.vocabulary, (batch, length))


def changed(tmp_path: Path, **properties: str | None) -> Path:
    """A copy of a good file with other metadata; None takes an entry away."""
    model = onnx.load(exported(ROPE).path)
    kept = {one.key: one.value for one in model.metadata_props} | {DIGEST: UNSEALED}
    kept |= {f"playground.{key}": value for key, value in properties.items()}
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {key: value for key, value in kept.items() if value is not None})
    onnx.save(model, tmp_path / "changed.onnx")
    return tmp_path / "changed.onnx"


def test_a_file_tells_everything_needed_to_use_it() -> None:
    session = Session(exported(ROPE).path)
    assert session.tokenizer == LETTERS and session.recipe == RECIPE and session.provenance == PROVENANCE
    assert session.context == 16 and session.positions is None
    assert session.architecture["position"]["option"] == "rope"
    assert session.provider == "CPUExecutionProvider"
    assert Session(exported().path).positions == 16


def test_each_layer_keeps_what_it_may_still_need() -> None:
    session = Session(exported(MIXED).path)
    cache = None
    for seen in range(1, 8):
        _, cache = session.step(ids(2, 1), cache)
        sizes = {name: value.shape for name, value in cache.past.items()}
        assert cache.length == seen
        assert sizes["past_key_values.0.key"] == sizes["past_key_values.0.value"] == (2, 4, min(seen, 4), 6)
        assert sizes["past_key_values.1.key"] == (2, 4, seen, 6)


def test_a_step_leaves_the_cache_it_was_given_alone() -> None:
    session = Session(exported(ROPE).path)
    _, cache = session.step(ids(1, 5))
    once, _ = session.step(ids(1, 3), cache)
    again, longer = session.step(ids(1, 3), cache)
    np.testing.assert_array_equal(once, again)
    assert cache.length == 5 and longer.length == 8


def test_rows_of_a_batch_do_not_see_each_other() -> None:
    session = Session(exported(MIXED).path)
    both, _ = session.step(ids(2, 9))
    for row in (0, 1):
        alone, _ = session.step(ids(2, 9)[row : row + 1])
        np.testing.assert_allclose(both[row], alone[0], rtol=0, atol=2e-6)


def test_learned_positions_end_and_others_do_not() -> None:
    learned = Session(exported().path)
    _, cache = learned.step(ids(1, 16))
    with pytest.raises(ValueError, match="position 17 is asked for; this model knows 16"):
        learned.step(ids(1, 1), cache)
    logits, _ = Session(exported(ROPE).path).step(ids(1, 100))
    assert np.isfinite(logits).all()


def test_several_threads_may_share_a_session() -> None:
    session = Session(exported(ROPE).path)
    texts = [ids(1, length) for length in (3, 7, 11, 13)]
    expected = [session.step(text)[0] for text in texts]
    wrong: list[int] = []

    def read(number: int) -> None:
        for _ in range(20):
            if not np.array_equal(session.step(texts[number])[0], expected[number]):
                wrong.append(number)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_gpu_that_is_not_there_is_not_claimed(capfd: pytest.CaptureFixture[str]) -> None:
    """Where there is one, it computes the same; either way nothing is logged and the provider is the true one."""
    made = exported(MIXED)
    session = Session(made.path, cuda=True)
    assert capfd.readouterr() == ("", "")
    expected, _ = Session(made.path).step(ids(1, 9))
    first, cache = session.step(ids(1, 9)[:, :6])
    rest, _ = session.step(ids(1, 9)[:, 6:], cache)
    np.testing.assert_allclose(np.concatenate((first, rest), 1), expected, rtol=0, atol=1e-3)


@pytest.mark.parametrize("content", [b"", b"no model", b"\x00" * 500, "你好".encode() * 100], ids=repr)
def test_what_is_no_onnx_file_is_said_to_be_none(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(content)
    with pytest.raises(Problem, match="is no ONNX file|not exported by the playground"):
        Session(path)


def test_a_file_that_was_cut_is_said_to_be_damaged(tmp_path: Path) -> None:
    whole = exported(ROPE).path.read_bytes()
    for share in (0.3, 0.9):
        (tmp_path / "cut.onnx").write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(Problem, match="cannot be loaded"):
            Session(tmp_path / "cut.onnx")


def test_a_missing_file_and_a_folder_are_said_to_be_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.onnx", tmp_path):
        with pytest.raises(Problem, match=f"There is no file {path}"):
            Session(path)


def test_somebody_elses_onnx_file_is_recognized(tmp_path: Path) -> None:
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Relu", ["x"], ["y"])],
        "g",
        [value],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=9)
    onnx.save(model, tmp_path / "relu.onnx")
    ort.InferenceSession(tmp_path / "relu.onnx", providers=["CPUExecutionProvider"])  # it is a good file
    with pytest.raises(Problem, match="not exported by the playground"):
        Session(tmp_path / "relu.onnx")


def test_a_format_to_come_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="written in format 2; format 1 can be read"):
        Session(changed(tmp_path, format="2"))


@pytest.mark.parametrize(
    "properties",
    [
        {"architecture": None},
        {"architecture": "{"},
        {"architecture": "[]"},
        {"architecture": '{"shape": {"vocabulary": 9, "context": 16}}'},
        {"tokenizer": '{"kind": "unheard of"}'},
        {"tokenizer": "null"},
        {"positions": "many"},
        {"positions": "-5"},
        {"positions": "0"},
        {"recipe": "[" * 200_000},
        {"recipe": "no JSON"},
        {"provenance": None},
        {"fast": '{"of": "", "waves": [], "kept": ["past_key_values.9.key"]}'},
        {"fast": '{"of": "", "waves": [], "kept": [], "windows": {"nowhere": 4}}'},
        {"fast": '{"of": "", "waves": [{}], "kept": []}'},
        {"fast": "[]"},
    ],
    ids=lambda properties: str(properties)[:60],
)
def test_damaged_metadata_is_said_to_be_damaged(properties: dict[str, str | None], tmp_path: Path) -> None:
    with pytest.raises(Problem, match="what it says of itself is damaged") as caught:
        Session(changed(tmp_path, **properties))
    assert caught.value.text.zh.endswith("请重新导出。")
