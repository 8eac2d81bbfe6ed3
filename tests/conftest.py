"""What all tests share: one browser, and the promise that browser tests are never left out in silence."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest
from chromium import ARGUMENTS, find_chromium, why_not
from playwright.sync_api import Browser, sync_playwright
from xdist.scheduler import LoadScopeScheduling

# The tests need nothing from outside the repository: a library that tries the network fails at once instead of waiting.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
# One thread a run, as `compare` has it: on shared cores two threads are slower, and never bit-identical to one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Nobody's own runs are touched.
HOME = tempfile.TemporaryDirectory(prefix="playground-tests-", ignore_cleanup_errors=True)
os.environ["PLAYGROUND_HOME"] = HOME.name

NOT_RUN = "browser tests not run"
SPREAD = {"test_export", "test_pairwise_export"}  # files whose tests share nothing


class FileByFile(LoadScopeScheduling):
    """Processes that share the work (`-n 2`) take a file at a time, the largest first; one takes the browser's all."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.partition("::")[0])
        if file.stem in SPREAD:
            return nodeid
        return str(file.parent if file.parent.name == "browser" else file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileByFile:
    """How the tests are dealt out."""
    return FileByFile(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a browser its tests are skipped and counted aloud; where `CI` is set they fail."""
    if item.get_closest_marker("browser") and why_not():
        if os.environ.get("CI"):
            pytest.fail(f"{NOT_RUN}, and CI must run them: {why_not()}", pytrace=False)
        pytest.skip(f"{NOT_RUN}: {why_not()}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many browser tests were left out, if any, and what tests found that is worth reading."""
    for outcome in ("skipped", "error"):
        reports = [report for report in terminalreporter.stats.get(outcome, []) if NOT_RUN in str(report.longrepr)]
        if reports:
            why = str(reports[0].longrepr).partition(NOT_RUN)[2].rstrip("'\")\n")
            terminalreporter.write_line(f"{len(reports)} {NOT_RUN}{why}", yellow=True)
    for report in terminalreporter.stats.get("passed", []):
        for name, text in report.user_properties:
            if name == "found":
                terminalreporter.write_line(text)


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
