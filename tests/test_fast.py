"""The fast form: it computes what the portable file and torch compute, and grows its cache where it stands."""

import shutil
import threading
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
from exported import LETTERS, exported, randomized

from playground.decode import continuation
from playground.export_fast import export_fast
from playground.fast import write_fast
from playground.problem import Problem
from playground.sampling import Sampling
from playground.session import Session, fastest
from playground.sliding import SLACK
from playground.verify import verify

LLAMA = "position=rope,norm=rmsnorm,feed_forward=swiglu,heads.kv=2,heads.head_dim=16"
PARTLY = LLAMA + ",heads.head_dim=32,position.fraction=0.5"
MIXED = LLAMA + ",span=window,span.window=4,span.pattern=alternate"
BIASED = MIXED + ",position=t5,attention_cap=5,sink=learned"
# What each covers → attentions and norms that are fused, of two layers.
SPECS = {
    LLAMA: (2, 4),
    LLAMA + ",bias.places=all,norm=layernorm": (2, 4),  # packed biases
    LLAMA + ",position.scaling=yarn,position.factor=4": (2, 4),  # waves with a gain
    LLAMA + ",position.fraction=0.5": (2, 4),  # turned before the operator
    LLAMA + ",position.pairing=interleaved": (2, 4),
    PARTLY: (2, 4),
    PARTLY + ",position.pairing=interleaved,span=window,span.window=4": (2, 4),
    LLAMA + ",qk_norm=per_head": (2, 4),  # heads that are put together again
    LLAMA + ",layout=parallel": (2, 2),
    "position=learned,heads.head_dim=8": (2, 5),
    "position=alibi,heads.head_dim=8": (2, 4),
    "position=t5,heads.head_dim=8,heads.scale=1": (2, 4),
    LLAMA + ",position=transformer_xl": (2, 4),  # a bias that the queries have a say in
    LLAMA + ",attention_cap=5": (2, 4),
    LLAMA + ",sink=learned,heads.kv=4": (2, 4),
    MIXED: (2, 4),
    MIXED + ",attention_cap=5,sink=learned,span.window=1": (2, 4),
    BIASED: (2, 4),  # one bias, over all positions and over a window's
    LLAMA + ",span=window,span.window=4": (2, 4),
    LLAMA + ",heads.head_dim=6": (0, 4),  # a width that the operator refuses
    LLAMA + ",span=dilated,span.window=2,span.stride=2": (0, 4),  # keys that the operator would see
    LLAMA + ",span=chunked,span.chunk=4": (0, 4),
    LLAMA + ",span=strided,span.stride=2,span.pattern=alternate": (1, 4),  # one layer counts the other's cache
    LLAMA + ",span=strided,span.stride=2,span.pattern=alternate,position=t5": (1, 4),
}


@cache
def fast(spec: str) -> tuple[Path, dict[str, int]]:
    """The fast form of `exported(spec)`, beside it."""
    portable = exported(spec).path
    beside = portable.with_suffix(".fast.onnx")
    return beside, write_fast(portable, beside)


def ids(batch: int, length: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.random.default_rng(length).integers(0, LETTERS.vocabulary, (batch, length))


@pytest.mark.parametrize("spec", SPECS)
def test_every_rule_applies_where_it_should_and_gives_the_model(spec: str) -> None:
    path, rules = fast(spec)
    assert (rules["attention"], rules["norms"]) == SPECS[spec]
    found = verify(path, exported(spec).model)
    assert found.passed and found.top1_agreement == 1 and found.max_rel_diff < 1e-5, found


@pytest.mark.parametrize("spec", [LLAMA, MIXED])
def test_both_forms_write_the_same_text(spec: str) -> None:
    path, _ = fast(spec)
    portable, quick = Session(exported(spec).path), fastest(exported(spec).path)
    assert (portable.form, quick.form, quick.path) == ("portable", "fast", path)
    texts = [list(continuation(session, [1, 2, 3], 300, Sampling(0))) for session in (portable, quick)]
    assert texts[0] == texts[1]  # across the place where the buffers are full


def test_the_operators_are_onnx_runtimes() -> None:
    graph = onnx.load(fast(LLAMA)[0]).graph
    kinds = [node.op_type for node in graph.node]
    assert kinds.count("GroupQueryAttention") == 2 and kinds.count("SkipSimplifiedLayerNormalization") == 4
    assert not {"Attention", "Transpose", "Concat", "Cos", "RotaryEmbedding"} & set(kinds)
    assert kinds.count("MatMul") == 2 * (1 + 1 + 3) + 1  # q, k and v at once


@pytest.mark.parametrize(
    ("spec", "rotations"),
    {LLAMA: 0, PARTLY: 0, LLAMA + ",position.pairing=interleaved": 0, LLAMA + ",position.fraction=0.5": 4}.items(),
)
def test_attention_turns_what_the_operator_can_turn(spec: str, rotations: int) -> None:
    """Sixteen entries of a head or a multiple, by either pairing; eight stay to an operator of their own."""
    kinds = [node.op_type for node in onnx.load(fast(spec)[0]).graph.node]
    assert kinds.count("RotaryEmbedding") == rotations


@pytest.mark.parametrize("spec", [LLAMA, MIXED, BIASED])
def test_a_text_that_is_read_on_gives_what_steps_give(spec: str) -> None:
    """Across the place where the buffers are full, token by token and several at once."""
    for session in (Session(exported(spec).path), Session(fast(spec)[0])):
        reading, cache, begin = session.reading(), None, 0
        for end in (1, 2, 5, 250, 256, 257, 258, 600):
            logits, cache = session.step(ids(1, 600)[:, begin:end], cache)
            np.testing.assert_array_equal(reading.read(ids(1, 600)[0, begin:end].tolist()), logits[0, -1])
            assert reading.length == end == cache.length
            begin = end


def test_two_readings_of_a_session_do_not_touch_each_other() -> None:
    session = Session(fast(MIXED)[0])
    alone, one, other = session.reading(), session.reading(), session.reading()
    for token in range(1, 12):
        other.read([token + 3])
        np.testing.assert_array_equal(one.read([token]), alone.read([token]))


def test_positions_end_for_a_reading_too() -> None:
    for session in (Session(exported().path), Session(fast("position=learned,heads.head_dim=8")[0])):
        reading = session.reading()
        reading.read([1] * 15)
        reading.read([2])
        with pytest.raises(ValueError, match="position 17 is asked for; this model knows 16"):
            reading.read([3])


def test_a_cache_is_not_copied_until_somebody_else_went_on() -> None:
    session = Session(fast(LLAMA)[0])
    _, begun = session.step(ids(1, 5))
    first, one = session.step(ids(1, 1), begun)
    assert one.buffers is begun.buffers
    second, other = session.step(ids(1, 1), begun)
    assert other.buffers is not begun.buffers
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(session.step(ids(1, 1), one)[0], session.step(ids(1, 1), other)[0])


def test_buffers_grow() -> None:
    session = Session(fast(LLAMA)[0])
    whole, _ = session.step(ids(1, 700))
    _, cache = session.step(ids(1, 700)[:, :250])
    for begin, end in ((250, 251), (251, 600), (600, 700)):
        logits, cache = session.step(ids(1, 700)[:, begin:end], cache)
    np.testing.assert_allclose(logits, whole[:, 600:], rtol=0, atol=1e-4)


def test_windows_with_a_bias_keep_their_entries_and_no_more() -> None:
    session = Session(fast(BIASED)[0])
    cache = None
    for tokens in (1, 2, 9, 1):
        _, cache = session.step(ids(2, tokens), cache)
        assert {name: value.shape() for name, value in cache.past.items()} == {
            f"past_key_values.0.{part}": [2, 2, 4, 16] for part in ("key", "value")
        }


def test_a_process_that_decodes_with_windows_holds_little_more_than_a_window_of_kv_heads() -> None:
    """All that is held after 303 tokens: keys and values of W - 1 + 64 entries and 2 of the 4 heads, in each layer."""
    session = Session(fast(LLAMA + ",span=window,span.window=4")[0])
    _, cache = session.step(ids(1, 300))
    for token in range(3):
        _, cache = session.step(ids(1, 1) + token, cache)
    assert cache.buffers is not None and not cache.buffers.growing and not cache.past
    held = [buffer for window in cache.buffers.windows for buffer in window.buffers.values()]
    assert {array.shape for array in held} == {(1, 2, 3 + SLACK, 16)}
    assert sum(array.nbytes for array in held) == 2 * 2 * (2 * (3 + SLACK) * 16) * 4


def test_somebody_may_go_on_from_where_a_window_still_reaches() -> None:
    session = Session(fast(MIXED)[0])
    _, begun = session.step(ids(1, 70))
    first, cache = session.step(ids(1, 1), begun)
    for token in range(3):  # written behind it, in the same buffers
        _, cache = session.step(ids(1, 1) + token, cache)
    second, other = session.step(ids(1, 1), begun)
    assert cache.buffers is begun.buffers is not other.buffers
    np.testing.assert_array_equal(first, second)
    for token in range(2 * SLACK):
        _, cache = session.step(ids(1, 1) + token % 7, cache)
    with pytest.raises(ValueError, match="token 70 comes too late"):
        session.step(ids(1, 1), begun)


def test_several_threads_may_go_on_from_one_cache() -> None:
    session = Session(fast(LLAMA)[0])
    _, begun = session.step(ids(1, 5))
    expected = [session.step(ids(1, n), begun)[0] for n in range(1, 5)]
    wrong: list[int] = []

    def read(number: int) -> None:
        for _ in range(20):
            if not np.array_equal(session.step(ids(1, number), begun)[0], expected[number - 1]):
                wrong.append(number)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_fast_form_of_another_file_is_not_used(tmp_path: Path) -> None:
    shutil.copy(exported(MIXED).path, tmp_path / "model.onnx")
    assert fastest(tmp_path / "model.onnx").form == "portable"
    shutil.copy(fast(LLAMA)[0], tmp_path / "model.fast.onnx")
    assert fastest(tmp_path / "model.onnx").form == "portable"
    shutil.copy(fast(MIXED)[0], tmp_path / "model.fast.onnx")
    assert fastest(tmp_path / "model.onnx").form == "fast"


@pytest.mark.parametrize("known", [b"GroupQueryAttention", b""], ids=["another runtime", "cut"])
def test_a_fast_form_that_cannot_be_loaded_leaves_the_file_itself(known: bytes, tmp_path: Path) -> None:
    """An operator that this runtime does not know stands for one that a newer runtime has dropped."""
    whole = fast(LLAMA)[0].read_bytes()
    shutil.copy(exported(LLAMA).path, tmp_path / "model.onnx")
    beside = tmp_path / "model.fast.onnx"
    beside.write_bytes(whole.replace(known, known[::-1]) if known else whole[:9999])
    with pytest.raises(Problem, match=r"model\.fast\.onnx cannot be loaded"):
        Session(beside)
    session = fastest(tmp_path / "model.onnx")
    assert session.form == "portable" and len(list(continuation(session, [1, 2], 3, Sampling(0)))) == 3


def test_a_form_that_is_not_the_model_is_taken_away(tmp_path: Path) -> None:
    shutil.copy(exported(LLAMA).path, tmp_path / "model.onnx")
    assert export_fast(tmp_path / "model.onnx", exported(LLAMA).model)["verification"]["passed"]
    assert fastest(tmp_path / "model.onnx").form == "fast"
    assert not export_fast(tmp_path / "model.onnx", randomized(exported(LLAMA).model.architecture, 5))["verification"][
        "passed"
    ]
    assert [file.name for file in tmp_path.iterdir()] == ["model.onnx"]
