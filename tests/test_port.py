"""The port of the page: the one that is named, else a free one; nonsense is a sentence and not a traceback."""

import os
import socket
import subprocess
import sys

import pytest

from models.text import Refusal
from playground.port import FIRST, LAST, port


def test_a_named_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", "8123")
    assert port() == 8123


def test_without_a_name_a_free_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADIO_SERVER_PORT", raising=False)
    found = port()
    assert FIRST <= found <= LAST
    with socket.socket() as mine:
        mine.bind(("127.0.0.1", found))
        mine.listen()
        assert port() != found


@pytest.mark.parametrize("given", ["abc", "0", "-1", "65536", "7.5", "７８６０"])
def test_what_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", given)
    with pytest.raises(Refusal, match="GRADIO_SERVER_PORT"):
        port()


def test_the_server_says_so_and_ends() -> None:
    ended = subprocess.run(
        [sys.executable, "app.py"],
        env={**os.environ, "GRADIO_SERVER_PORT": "abc"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1 and "GRADIO_SERVER_PORT" in ended.stderr and "Traceback" not in ended.stderr
