"""What `generate` says of itself, and how it ends where nobody takes what it writes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest
from exported import exported
from source import ROOT

from playground.fast import write_fast
from playground.session import FAST_SUFFIX

ROPE = "position=rope,norm=rmsnorm,feed_forward=swiglu,heads.kv=2,heads.head_dim=16"
PIPE: int = subprocess.PIPE


def command(*arguments: str, to: int | IO[str] = PIPE, buffered: bool = True) -> "subprocess.CompletedProcess[str]":
    asked = [sys.executable, "-m", "playground", "generate", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "" if buffered else "1"}
    return subprocess.run(asked, stdout=to, stderr=PIPE, cwd=ROOT, env=environment, text=True)


@pytest.mark.parametrize("form", ["portable", "fast"])
def test_the_command_says_which_form_it_ran(form: str, tmp_path: Path) -> None:
    path = Path(shutil.copy(exported(ROPE).path, tmp_path / "model.onnx"))
    if form == "fast":
        write_fast(path, path.with_suffix(FAST_SUFFIX))
    given = [str(path), "--prompt", "hello", "--tokens", "3", "--device", "cpu"]
    assert command(*given).stderr.endswith(f" tokens/s on CPUExecutionProvider · {form} form\n")
    assert json.loads(command(*given, "--json").stdout)["form"] == form


MORE = {"text": ["--tokens", "20000"], "json": ["--tokens", "2", "--json"]}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("more", MORE.values(), ids=MORE)
def test_output_that_nobody_takes_ends_the_command_quietly(more: list[str], buffered: bool) -> None:
    """A reader that has left, as `| head` does, gets no word; a full disk a sentence."""
    given = [str(exported(ROPE).path), "--prompt", "hello", *more]
    read, write = os.pipe()
    os.close(read)
    left = command(*given, to=write, buffered=buffered)
    os.close(write)
    assert (left.returncode, left.stderr) == (141, "")
    with Path("/dev/full").open("w") as full:
        said = command(*given, to=full, buffered=buffered)
    assert (said.returncode, said.stderr) == (1, "Standard output cannot be written: No space left on device.\n")
