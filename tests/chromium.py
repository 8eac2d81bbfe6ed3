"""Which Chromium the browser tests use, if one starts here. Knows nothing of the page."""

import os
import shutil
import sys
from functools import cache

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# A container has no user namespaces and a small /dev/shm; background networking only fills offline logs with failures.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """The path of the environment's `CHROMIUM`, else of the system's Chromium; None stands for playwright's own."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@cache
def why_not() -> str | None:
    """None if a page can be opened, else the reason: a program on the path may be an empty shell around a snap."""
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
            browser.new_page().goto("about:blank")
            browser.close()
    except Exception as error:  # playwright has no narrower one for a driver that does not run; it is told, not lost
        return str(error).strip().splitlines()[0]
    return None


if __name__ == "__main__":
    sys.exit(why_not())
