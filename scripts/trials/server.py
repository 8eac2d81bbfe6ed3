"""A server of its own for a trial: a home and a log in a folder, loopback only, ended by its process id."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 120.0  # seconds until a server that does not come up is given up


class Server:
    """`python app.py` over the home in `folder`; a context manager. `start` again after it was killed."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = {}, profile: str = "public-cpu") -> None:
        self.folder, self.home, self.log = folder, folder / "home", folder / "log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        scratch = folder / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **os.environ,
            "GRADIO_SERVER_PORT": str(self.port),
            "GRADIO_SERVER_NAME": "127.0.0.1",
            "GRADIO_ANALYTICS_ENABLED": "False",
            "GRADIO_TEMP_DIR": str(scratch),
            "HF_HUB_OFFLINE": "1",
            "PLAYGROUND_HOME": str(self.home),
            "PLAYGROUND_PROFILE": profile,
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it, and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            assert self.alive, self.said()
            assert time.monotonic() < deadline, "the server did not come up"
            time.sleep(0.1)
        return self

    def answers(self) -> bool:
        """Does it answer?"""
        try:
            return httpx.get(f"{self.url}/gradio_api/startup-events", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False

    @property
    def alive(self) -> bool:
        """Is its process there?"""
        return self.process is not None and self.process.poll() is None

    def end(self, by: signal.Signals = signal.SIGTERM) -> None:
        """End it by a signal, and wait until it is gone."""
        if self.process is not None:
            self.process.send_signal(by)
            self.process.wait(PATIENCE)

    def said(self) -> str:
        """Its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        assert self.process is not None
        return [pid for pid in children(self.process.pid) if b"playground.worker" in _file(pid, "cmdline")]

    def memory(self) -> int:
        """Bytes of its own process, without the workers'; Linux alone says."""
        assert self.process is not None
        pages = _file(self.process.pid, "statm").split()
        return int(pages[1]) * os.sysconf("SC_PAGE_SIZE") if pages else 0

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        workers = self.workers()
        self.end()
        while any(b"playground.worker" in _file(pid, "cmdline") for pid in workers):  # they end by themselves
            time.sleep(0.05)


def children(pid: int) -> list[int]:
    """The processes that this one has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        fields = _file(int(path.name), "stat").rpartition(b")")[2].split()
        if len(fields) > 1 and int(fields[1]) == pid:
            found.append(int(path.name))
    return found


def _file(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:  # it has just ended, or there is no /proc
        return b""
