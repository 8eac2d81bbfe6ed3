"""Files that are kept open: shared, opened anew when written anew, and never more than may be."""

import os
import shutil
import threading
from pathlib import Path

import onnxruntime as ort
import pytest
from exported import exported

from playground import cuda_libraries
from playground import sessions as module
from playground.fast import write_fast
from playground.problem import Problem
from playground.session import CPU, CUDA, FAST_SUFFIX, Session
from playground.sessions import Sessions, opened

ROPE = "position=rope,norm=rmsnorm,feed_forward=swiglu,heads.kv=2"


def copies(folder: Path, count: int) -> list[Path]:
    return [Path(shutil.copy(exported(ROPE).path, folder / f"{number}.onnx")) for number in range(count)]


def test_a_file_is_opened_once(tmp_path: Path) -> None:
    (path,) = copies(tmp_path, 1)
    sessions = Sessions()
    assert sessions.open(path) is sessions.open(path) and len(sessions) == 1


def test_many_who_ask_at_once_share_one_session(tmp_path: Path) -> None:
    (path,) = copies(tmp_path, 1)
    sessions, found = Sessions(), list[Session]()
    threads = [threading.Thread(target=lambda: found.append(sessions.open(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(map(id, found))) == 1


def test_who_asks_for_one_file_does_not_wait_for_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, quick = copies(tmp_path, 2)
    sessions, begun, others = Sessions(), threading.Event(), threading.Event()
    waited = list[bool]()

    def fastest(path: Path) -> Session:
        if path == slow:
            begun.set()
            waited.append(others.wait(20))
        return Session(path)

    monkeypatch.setattr(module, "fastest", fastest)
    thread = threading.Thread(target=sessions.open, args=(slow,))
    thread.start()
    begun.wait()
    sessions.open(quick)
    others.set()
    thread.join()
    assert waited == [True] and len(sessions) == 2


def test_a_file_written_anew_is_opened_anew(tmp_path: Path) -> None:
    (path,) = copies(tmp_path, 1)
    sessions = Sessions()
    first = sessions.open(path)
    os.utime(path, ns=(1, 1))
    second = sessions.open(path)
    assert second is not first and sessions.open(path) is second and len(sessions) == 1
    shutil.copy(exported().path, path)
    os.utime(path, ns=(1, 1))  # other bytes at the same time
    assert sessions.open(path).positions == 16


def test_a_fast_form_that_comes_later_is_opened_from_then_on(tmp_path: Path) -> None:
    """An export writes the file, verifies it, and only then writes its fast form."""
    (path,) = copies(tmp_path, 1)
    sessions = Sessions()
    assert sessions.open(path).form == "portable"
    write_fast(path, path.with_suffix(FAST_SUFFIX))
    fast = sessions.open(path)
    assert fast.form == "fast" and sessions.open(path) is fast and len(sessions) == 1
    path.with_suffix(FAST_SUFFIX).unlink()
    assert sessions.open(path).form == "portable"


def test_those_not_asked_for_longest_go_first(tmp_path: Path) -> None:
    one, two, three = copies(tmp_path, 3)
    sessions = Sessions(most=2)
    first, second = sessions.open(one), sessions.open(two)
    assert sessions.open(one) is first
    sessions.open(three)
    assert len(sessions) == 2 and sessions.open(one) is first and sessions.open(two) is not second


def test_bytes_are_bounded_too_but_the_last_one_stays(tmp_path: Path) -> None:
    one, two, three = copies(tmp_path, 3)
    size = one.stat().st_size
    roomy, narrow = Sessions(most_bytes=2 * size), Sessions(most_bytes=size // 2)
    for path in (one, two, three):
        roomy.open(path)
        kept = narrow.open(path)
        assert len(narrow) == 1 and narrow.open(path) is kept
    assert len(roomy) == 2


def test_what_cannot_be_opened_is_not_kept(tmp_path: Path) -> None:
    sessions = Sessions()
    (tmp_path / "x.onnx").write_bytes(b"no model")
    for name in ("x.onnx", "nothing.onnx"):
        with pytest.raises(Problem):
            sessions.open(tmp_path / name)
    assert len(sessions) == 0
    (path,) = copies(tmp_path, 1)
    sessions.open(path)
    path.unlink()
    with pytest.raises(Problem, match="There is no file"):
        sessions.open(path)
    assert len(sessions) == 0


def test_a_device_is_what_was_asked_for_or_refused() -> None:
    """On a machine with a GPU `auto` and `cuda` use it; elsewhere `auto` says CPU and `cuda` refuses."""
    path = exported(ROPE).path
    assert opened(path, "cpu").provider == CPU
    found = opened(path, "auto").provider
    if found == CUDA:
        assert opened(path, "cuda").provider == CUDA
    else:
        with pytest.raises(Problem, match="There is no GPU here"):
            opened(path, "cuda")


def test_a_runtime_built_without_cuda_is_not_asked_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would warn on the console."""
    monkeypatch.setattr(ort, "get_available_providers", lambda: [CPU])
    assert opened(exported(ROPE).path, "auto").provider == CPU
    with pytest.raises(Problem, match="--device cpu"):
        opened(exported(ROPE).path, "cuda")


def test_without_a_driver_the_file_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime's package for GPUs names the provider on any machine."""
    begun = list[object]()

    def fastest(*given: object) -> Session:
        begun.append(given)
        return Session(exported(ROPE).path)

    monkeypatch.setattr(ort, "get_available_providers", lambda: [CUDA, CPU])
    monkeypatch.setattr(cuda_libraries, "loaded", lambda: False)
    monkeypatch.setattr(module, "Session", lambda *_, **__: pytest.fail("opened to be thrown away"))
    monkeypatch.setattr(module, "fastest", fastest)
    path = exported(ROPE).path
    assert opened(path).provider == CPU and begun == [(path, 1)]
    with pytest.raises(Problem, match="There is no GPU here"):
        opened(path, "cuda")
