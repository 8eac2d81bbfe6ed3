"""The page from start to end: usable, first point, updates, Stop, memory. One server and one browser, a few rounds.

Needs playwright and a Chromium (environment variable CHROMIUM, else /usr/bin/chromium). There is no peer to measure.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playground.bench.measure import Report, Spread

ROUNDS = 5
LONG = "v=1&a=gpt-2&b=llama-3&recipe.tokens=20000000"
APP = Path(__file__).parents[2] / "app.py"
WAIT = 120_000  # ms
WATCHED = 5.0  # seconds in which updates are counted

# The chart shows the run that was started, not the experiment that was there before, and a point of it.
FIRST_POINT = """() => { const plot = document.querySelector('.plot'), id = plot?.dataset.shows;
  return id && location.search.includes(id) && plot.data.some(line => line.showlegend && line.x?.length); }"""
WATCH = """() => { window.drawn = 0;
  document.querySelector('.plot').on('plotly_afterplot', () => window.drawn++); }"""


def report() -> Report:
    """Seconds to a usable page and to the first point, updates a second, seconds to Stop, resident bytes."""
    found = Report()
    started: list[float] = []
    rounds: list[dict[str, float]] = []
    memory: dict[str, float] = {}
    for _ in range(3):
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,  # workers end a moment after the server
            served(Path(home)) as (url, process, begun),
            opened(url) as page,
        ):
            started.append(time.perf_counter() - begun)
            if not rounds:
                idle = resident_bytes(process.pid)
                rounds = [one_round(page, url) for _ in range(ROUNDS)]
                memory = {"server_idle": idle, "server_after": resident_bytes(process.pid)}
                memory["worker_after"] = max(map(resident_bytes, children(process.pid)))
    found.add("page", "seconds_to_usable", {"page": Spread.of(started)}, ours="page")
    for metric in rounds[0]:
        found.add("page", metric, {"page": Spread.of(one[metric] for one in rounds)}, ours="page")
    for who, size in memory.items():
        found.add(who, "resident_bytes", {"page": Spread.of([size])}, ours="page")
    return found


def one_round(page: Any, url: str) -> dict[str, float]:
    """Train the default pair, watch it for a while, stop it."""
    page.goto(f"{url}?{LONG}")
    page.wait_for_selector("#playground[data-ready]")
    page.wait_for_function("() => document.querySelector('#playground').dataset.described === 'now'")
    begun = time.perf_counter()
    page.locator("button.train").click()
    page.wait_for_function(FIRST_POINT)
    first = time.perf_counter() - begun
    page.evaluate(WATCH)
    page.wait_for_timeout(1000 * WATCHED)
    updates = page.evaluate("window.drawn") / WATCHED
    begun = time.perf_counter()
    page.locator("button.stop").click()
    page.wait_for_function("() => document.querySelector('.says').textContent.includes('Stopped')")
    return {
        "seconds_to_first_point": first,
        "updates_per_second": updates,
        "seconds_to_stop": time.perf_counter() - begun,
    }


@contextmanager
def served(home: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], float]]:
    """A server over an empty home: its address, its process, and when it was started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "PLAYGROUND_HOME": str(home),
        "PLAYGROUND_PROFILE": "local",
        "GRADIO_SERVER_PORT": str(port),
    }
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, str(APP)], env=environment, stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}/"
        while not answers(url):
            if process.poll() is not None:
                raise RuntimeError(f"the server ended with {process.returncode}")
            time.sleep(0.05)
        yield url, process, begun
    finally:
        process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    """Does the server answer yet?"""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextmanager
def opened(url: str) -> Iterator[Any]:
    """A page of a fresh browser at `url`, once it can be used."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-US")
        page.set_default_timeout(WAIT)
        page.goto(url)
        page.wait_for_selector("#playground[data-ready]")
        yield page
        browser.close()


def children(pid: int) -> list[int]:
    """The processes that `pid` has started, from whichever of its threads (Linux)."""
    return [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]


def resident_bytes(pid: int) -> int:
    """Memory that a process holds (Linux)."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return 1024 * int(line.split()[1])
