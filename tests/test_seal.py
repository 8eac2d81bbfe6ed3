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
from playground.seal import BLANK, DIGEST, UNSEALED, intact, write_whole
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


def rewritten(path: Path, **properties: str | None) -> Path:
    """The exported file, saved by other tools with these metadata; None takes an entry away."""
    model = onnx.load(exported(ROPE).path)
    kept = {one.key: one.value for one in model.metadata_props}
    kept |= {f"playground.{key}": value for key, value in properties.items()}
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {key: value for key, value in kept.items() if value is not None})
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("version", [None, "0.1", "0.1.3"])
def test_a_file_written_before_there_were_digests_opens(version: str | None, tmp_path: Path) -> None:
    assert Session(rewritten(tmp_path / "before.onnx", digest=None, version=version)).context == 16


@pytest.mark.parametrize("version", ["0.2", "0.10", "1.1", ""])
def test_a_file_that_must_have_a_digest_is_refused_without(version: str, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="its digest is no longer that of its bytes, or gone"):
        Session(rewritten(tmp_path / "without.onnx", digest=None, version=version))


def test_who_changes_a_file_and_means_to_says_so(tmp_path: Path) -> None:
    assert UNSEALED == "none"  # as docs/onnx.md has it
    assert Session(rewritten(tmp_path / "changed.onnx", digest="none", producer="somebody")).context == 16
    for said in ("", "None", "0" * 64):
        with pytest.raises(Problem, match="damaged, or was changed"):
            Session(rewritten(tmp_path / "changed.onnx", digest=said))


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
