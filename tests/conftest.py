"""What all tests share: one browser, and the promise that browser tests are never left out in silence."""

import os
import tempfile
from collections.abc import Iterator

import pytest
from chromium import ARGUMENTS, find_chromium, why_not
from playwright.sync_api import Browser, sync_playwright

# The tests need nothing from outside the repository: a library that tries the network fails at once instead of waiting.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
# One thread a run, as `compare` has it: on shared cores two threads are slower, and never bit-identical to one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Nobody's own runs are touched.
HOME = tempfile.TemporaryDirectory(prefix="playground-tests-", ignore_cleanup_errors=True)
os.environ["PLAYGROUND_HOME"] = HOME.name

NOT_RUN = pytest.StashKey[int]()


@pytest.hookimpl(trylast=True)  # after -m and -k have chosen
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped and counted aloud; where `CI` is set that is an error."""
    needing = [item for item in items if item.get_closest_marker("browser")]
    if not needing or not why_not():
        return
    if os.environ.get("CI"):
        raise pytest.UsageError(f"{len(needing)} browser tests not run, and CI must run them: {why_not()}")
    config.stash[NOT_RUN] = len(needing)
    for item in needing:
        item.add_marker(pytest.mark.skip(reason="no Chromium starts"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many browser tests were left out, if any."""
    if count := config.stash.get(NOT_RUN, 0):
        terminalreporter.write_line(f"{count} browser tests not run: {why_not()}", yellow=True)


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    HOME.cleanup()


@pytest.fixture(scope="module")  # not longer: while playwright is open, asyncio.run() refuses to start in this thread
def browser() -> Iterator[Browser]:
    """A headless Chromium; a test opens its own context in it."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        yield chromium
        chromium.close()
