"""A file whose weights were damaged is not run, in whichever form and precision; nor is half a file left behind."""

import shutil
from pathlib import Path

import onnx
import pytest
from exported import exported

from playground.export import Metadata, export
from playground.fast import write_fast
from playground.problem import Problem
from playground.quantize import quantize
from playground.seal import BLANK, DIGEST, intact, write_whole
from playground.session import Session, fastest

ROPE = "position=rope,norm=rmsnorm,feed_forward=swiglu,heads.kv=2,heads.head_dim=16"
KINDS = ("fp32", "fast", "fp16", "int8", "int4")


def written(kind: str, folder: Path) -> Path:
    """An exported file, its fast form, or one in fewer bits."""
    source, path = exported(ROPE).path, folder / f"{kind}.onnx"
    if kind == "fp32":
        return Path(shutil.copy(source, path))
    if kind == "fast":
        write_fast(source, path)
    else:
        quantize(source, path, kind)
    return path


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0x40
    path.write_bytes(content)


def weights_at(path: Path) -> int:
    """Somewhere in the largest tensor."""
    raw = max((tensor.raw_data for tensor in onnx.load(path).graph.initializer), key=len)
    return path.read_bytes().index(raw) + len(raw) // 2


@pytest.mark.parametrize("kind", KINDS)
def test_one_wrong_bit_in_the_weights_is_noticed(kind: str, tmp_path: Path) -> None:
    path = written(kind, tmp_path)
    Session(path)
    flip(path, weights_at(path))
    with pytest.raises(Problem, match=f"{kind}.onnx is damaged, or was changed after it was exported") as caught:
        Session(path)
    assert caught.value.text.zh.endswith("请重新导出。")


def test_a_digest_that_was_damaged_itself_is_noticed(tmp_path: Path) -> None:
    path = written("fp32", tmp_path)
    flip(path, path.read_bytes().rindex(DIGEST.encode()) + len(DIGEST) + 2 + 30)
    with pytest.raises(Problem, match="its digest is no longer that of its bytes"):
        Session(path)


def test_a_damaged_fast_form_is_not_used_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    path, fast = Path(shutil.copy(exported(ROPE).path, tmp_path / "model.onnx")), tmp_path / "model.fast.onnx"
    write_fast(path, fast)
    assert fastest(path).form == "fast"
    flip(fast, weights_at(fast))
    assert fastest(path).form == "portable"
    flip(path, weights_at(path))
    with pytest.raises(Problem, match=r"model\.onnx is damaged"):
        fastest(path)


def test_a_file_written_before_there_were_digests_opens(tmp_path: Path) -> None:
    model = onnx.load(exported(ROPE).path)
    before = {one.key: one.value for one in model.metadata_props if one.key != DIGEST}
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, before)
    onnx.save(model, tmp_path / "before.onnx")
    assert Session(tmp_path / "before.onnx").context == 16


def test_the_digest_is_of_every_byte_but_its_own(tmp_path: Path) -> None:
    entry = DIGEST.encode() + b"\x12\x40"
    write_whole(tmp_path / "x", lambda path: path.write_bytes(b"before" + entry + BLANK.encode() + b"after"))
    content = (tmp_path / "x").read_bytes()
    digest = content[len(b"before" + entry) : -len(b"after")].decode()
    assert content == b"before" + entry + digest.encode() + b"after" and digest != BLANK
    for at in (0, 8, len(content) - 1):
        assert intact(tmp_path / "x", digest)
        flip(tmp_path / "x", at)
        assert not intact(tmp_path / "x", digest)
        flip(tmp_path / "x", at)


@pytest.mark.parametrize("kind", ["export", "fast", "int8"])
def test_a_full_disk_leaves_nothing_behind(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, path = exported(ROPE), tmp_path / "model.onnx"

    def full(_: object, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr("onnx_ir.save", full)
    monkeypatch.setattr("onnx.save", full)
    with pytest.raises(OSError, match="no space left"):
        if kind == "export":
            export(made.model, path, Metadata(made.tokenizer))
        elif kind == "fast":
            write_fast(made.path, path)
        else:
            quantize(made.path, path, kind)
    assert not list(tmp_path.iterdir())
