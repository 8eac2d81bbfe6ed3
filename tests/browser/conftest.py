"""One server for all browser tests, and visitors who report every error the page logs."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import measurement
import pytest
from panels import Server
from playwright.sync_api import Browser, BrowserContext, Page, expect
from source import ROOT
from visitor import DESKTOP, PATIENCE, Site, Visit, ready

from playground.home import Home

# Browsers log the end of an open stream when a page is left; that is no error of the page.
HARMLESS = ("AbortError", "Connection errored out", "net::ERR_ABORTED", "Failed to fetch", "network error")

expect.set_options(timeout=1000 * PATIENCE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`python app.py`, with a home of its own; ended by its process id, and with it its workers."""
    port, home = free_port(), tmp_path_factory.mktemp("home")
    measurement.plant(home)
    log = (home / "log").open("w")
    environment = {
        **os.environ,
        "GRADIO_SERVER_PORT": str(port),
        "PLAYGROUND_HOME": str(home),
        "PLAYGROUND_PROFILE": "local",
    }
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers(url):
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.1)
        yield Site(url, process.pid, Home(home))
    finally:
        process.terminate()
        process.wait(20)
        log.close()
    said = (home / "log").read_text()
    assert "Traceback" not in said, said


@pytest.fixture(scope="module")
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile that keeps the page's files: loading them anew took half of a visit."""
    context = browser.new_context(locale="en-US")
    yield context
    context.close()


@pytest.fixture
def visit(site: Site, browser: Browser, profile: BrowserContext) -> Iterator[Visit]:
    """Opens the page as a new visitor, ready to be used: `visit(query, size=, **what a browser context takes)`."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(
        query: str = "", size: tuple[int, int] = DESKTOP, context: BrowserContext | None = None, **rest: Any
    ) -> Page:
        if context is None:
            context = browser.new_context(**{"locale": "en-US", **rest}) if contexts or rest else profile
            contexts.append(context)
        page = context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.set_default_timeout(1000 * PATIENCE)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(f"{site.url}/{query}")
        ready(page)
        return page

    yield open_page
    for context in contexts:
        if context is profile:
            forget(context, site.url)
        else:
            context.close()
    site.stop_runs()
    assert [error for error in errors if not any(word in error for word in HARMLESS)] == []


def forget(profile: BrowserContext, url: str) -> None:
    """Close the pages and forget the visitor, but for the files that the browser keeps."""
    for page in profile.pages[1:]:
        page.close()
    last = profile.pages[0]
    last.goto("about:blank")
    kinds = {"origin": url, "storageTypes": "cookies,local_storage,indexeddb,service_workers"}
    profile.new_cdp_session(last).send("Storage.clearDataForOrigin", kinds)
    last.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose home holds a trained experiment, for all tests of panels."""
    server = Server(tmp_path_factory.mktemp("panels"))
    try:
        server.wait()
        yield server
    finally:
        server.process.terminate()
        server.process.wait(20)
        server.store.close()
