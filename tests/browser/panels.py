"""A server over a home in which one experiment has been trained, and the panels that show it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import trained
from playwright.sync_api import Browser, Locator, Page, expect
from source import ROOT

from playground.home import Home
from playground.store import Store


class Server:
    """A server over a home in which one experiment has been trained."""

    def __init__(self, folder: Path) -> None:
        home = Home(folder)
        self.store = Store(home.database, check=True)
        self.id = trained.submit(self.store, folder / "runs")
        trained.finish(self.store, self.id)
        self.windowed = trained.submit(self.store, folder / "runs", changes=trained.WINDOWED)
        trained.finish(self.store, self.windowed)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = os.environ | {"PLAYGROUND_HOME": str(folder), "GRADIO_SERVER_PORT": str(port)}
        self.process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment)
        self.url = f"http://127.0.0.1:{port}/"

    def wait(self) -> None:
        """Until the page is served."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                assert self.process.poll() is None, "the server ended"
                time.sleep(0.2)
        raise AssertionError("the server did not come up")

    def folder(self, variant: int) -> Path:
        """Where the run of a variant lies."""
        return self.store.runs(self.id)[variant].folder


def opened(browser: Browser, server: Server, errors: list[str], id: str = "", **context: Any) -> Page:
    """The page in a new browser profile, with the experiment and its maps shown; what it logs goes to `errors`."""
    page = browser.new_context(**{"locale": "en-US", **context}).new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(f"{server.url}?run={id or server.id}")
    expect(page.locator(".maps canvas").first).to_be_visible(timeout=60_000)
    return page


def panel(page: Page, title: str) -> Locator:
    return page.locator("article.panel", has=page.get_by_role("heading", name=title, exact=True))


def click(locator: Locator) -> None:
    """Clicks in the middle of the window: at its top, header and recipe stay in view and cover what is below."""
    locator.evaluate("element => element.scrollIntoView({block: 'center'})")
    locator.click()
