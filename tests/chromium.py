"""Where a Chromium is on this machine. Knows nothing of the page."""

import os
import shutil
from pathlib import Path

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
    """The path of the environment's `CHROMIUM`, else of the system's, else of playwright's own; None without any."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    if on_path:
        return on_path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


def starts(path: str) -> bool:
    """Whether the Chromium at `path` opens a page: on Ubuntu the package may be an empty shell around a snap."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        except Exception as error:  # whatever playwright raises here, the answer is no, and the reason is printed
            print(f"{path} does not start: {str(error).strip().splitlines()[0]}")
            return False
        browser.new_page().goto("about:blank")
        browser.close()
    return True


if __name__ == "__main__":
    found = find_chromium()
    raise SystemExit(0 if found and starts(found) else 1)
