"""One at a time in a folder: threads and processes wait for each other, and a run is exported once."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from source import ROOT
from test_export_run import save

from models.text import Refusal
from playground import export_precisions, export_run
from playground.alone import alone

HOLDER = """
import sys
from pathlib import Path
from playground.alone import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def at_once(count: int, work: Any) -> None:
    """Let so many threads begin together, and wait for all of them."""
    begin = threading.Barrier(count)
    threads = [threading.Thread(target=lambda: (begin.wait(), work())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_are_alone_one_after_the_other(tmp_path: Path) -> None:
    inside, met = list[int](), list[int]()

    def work() -> None:
        with alone(tmp_path):
            inside.append(1)
            time.sleep(0.01)
            met.append(len(inside))
            inside.clear()

    at_once(5, work)
    assert met == [1] * 5


def test_another_process_is_waited_for_and_what_it_held_is_free_when_it_is_gone(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    (tmp_path / "other").mkdir()
    with alone(tmp_path / "other"), pytest.raises(Refusal, match="is still exporting the run in"), alone(tmp_path, 0):
        raise AssertionError("two in one folder")
    holder.kill()
    holder.communicate()
    with alone(tmp_path, 0):
        pass


def test_what_fails_leaves_the_folder_free(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="x"), alone(tmp_path):
        raise ValueError("x")
    with alone(tmp_path, 0):
        pass


def test_a_run_that_two_workers_export_is_exported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One by itself, the other on its way to compare precisions; the files of neither are half the other's."""
    save(tmp_path)
    made, found = list[Path](), list[dict[str, Any]]()

    def export_and_time(folder: Path, *_: object) -> dict[str, Any]:
        made.append(folder)
        time.sleep(0.05)
        (folder / "model.onnx").write_bytes(b"a file")
        return {"bytes": 6}

    def compare(files: dict[str, Path], *_: object) -> dict[str, Any]:
        for file in files.values():
            file.write_bytes(b"a file")
        return {"precisions": []}

    monkeypatch.setattr(export_run, "_export_and_time", export_and_time)
    monkeypatch.setattr(export_precisions, "_made", compare)
    monkeypatch.setattr(export_precisions, "stretch", lambda *_: [])
    work = [lambda: export_run.export_run(tmp_path), lambda: export_precisions.compare_run(tmp_path)] * 2
    at_once(4, lambda: found.append(work.pop()()))
    assert made == [tmp_path] and found.count({"bytes": 6}) == found.count({"precisions": []}) == 2
