"""What a visitor does on the page, and what they look at; the server, as far as tests must know it."""

import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from playground.home import Home
from playground.store import Store

DESKTOP = (1280, 800)
PHONE = (390, 844)
PATIENCE = 180.0  # seconds: a machine under load is slow; waiting for a condition costs nothing on a quick one


@dataclass(frozen=True)
class Site:
    """A server, by its address, its process and where it keeps its runs."""

    url: str
    process: int
    home: Home

    def workers(self) -> list[int]:
        """The processes that the server started."""
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process)], capture_output=True, text=True)
        return [int(pid) for pid in listed.stdout.split()]

    def stop_runs(self) -> None:
        """Stop whatever goes on, and wait until it has: the next visitor finds free workers.

        Through the store, not by the page's button: a test may fail between pressing Train and the answer to it.
        """
        deadline = time.monotonic() + PATIENCE
        with closing(Store(self.home.database)) as store:
            while going := store.going():
                assert time.monotonic() < deadline, f"still going: {going}"
                for experiment in {run.experiment for run in going}:
                    store.stop(experiment)
                time.sleep(0.05)


Visit = Callable[..., Page]


def ready(page: Page) -> None:
    """Wait until the page can be used."""
    page.wait_for_selector("#playground[data-ready]")


def settled(page: Page) -> None:
    """Wait until the server has said what the choices amount to."""
    page.wait_for_function("() => document.querySelector('#playground').dataset.described === 'now'")


def card(page: Page, letter: str) -> Locator:
    """The card of a variant."""
    return page.locator(f".variant[data-letter={letter}]")


def choose(page: Page, letter: str, axis: str, word: str) -> None:
    """Choose an option by its radio, as a mouse or a keyboard would."""
    card(page, letter).locator(f".axis[data-axis={axis}] input[value='{word}']").check()
    settled(page)


def chip(page: Page, letter: str, name: str) -> str:
    """What a chip says."""
    return card(page, letter).locator(f"[data-chip={name}] b").inner_text()


def started(page: Page) -> None:
    """Press Train and wait for the first point of the curve."""
    page.locator("button.train").click()
    drawn(page)


def drawn(page: Page) -> None:
    """Wait until the chart shows a point of the experiment that the address names."""
    page.wait_for_function(
        "() => { const plot = document.querySelector('.plot'), run = new URLSearchParams(location.search).get('run');"
        " return run && plot?.dataset.shows === run && plot.querySelectorAll('.scatterlayer .trace').length > 0; }"
    )


def ended(page: Page, word: str) -> None:
    """Wait until the page says that the experiment has ended so."""
    page.wait_for_function("word => document.querySelector('.says').textContent.includes(word)", arg=word)


def inside(page: Page, selector: str) -> bool:
    """Is the whole box of the first such element inside the window?"""
    return page.locator(selector).first.evaluate(
        "e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 && r.top >= 0 && r.left >= 0"
        " && r.bottom <= innerHeight && r.right <= innerWidth; }"
    )
