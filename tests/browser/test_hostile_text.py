"""Text that others bring is text on the page, whatever it holds; and what a restart broke off is gone on with."""

from pathlib import Path
from urllib.parse import quote

import pytest
import shared
from panels import Server, click
from playwright.sync_api import Browser, Page, expect

from playground.rows import FREE, Ended, ExperimentRow
from playground.share.archive import take_in
from scripts.trials.archives import sound
from scripts.trials.odd import MARKUP

pytestmark = pytest.mark.browser
TINY = "a=gpt-2,shape.layers=1,shape.width=16&recipe.tokens=20000"


def opened(browser: Browser, server: Server, query: str, refused: list[str]) -> Page:
    """The page; what its security policy refuses, and what its scripts break, goes to `refused`."""
    page = browser.new_context(locale="en-US").new_page()
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.goto(f"{server.url}?{query}")
    expect(page.locator("#playground[data-ready]")).to_be_attached(timeout=60_000)
    return page


def test_no_text_that_others_bring_is_executed(browser: Browser, server: Server, tmp_path: Path) -> None:
    written = "".join(MARKUP)
    id = take_in(server.store, Path("runs"), sound(written), "leo", "e" * 32)
    refused: list[str] = []
    bad = "&".join(f"{quote(mark)}={quote(mark)}" for mark in MARKUP)
    page = opened(browser, server, f"{bad}&a=gpt-2,{quote(MARKUP[0])}=1&run={id}", refused)
    expect(page.get_by_text("window.pwned=1").first).to_be_visible()  # what of the link was not read is said, as text
    file = tmp_path / f"{MARKUP[1].replace('/', '')}.txt"
    file.write_text(written * 20)
    page.locator(".bar").get_by_role("combobox", name="Data").select_option("text")
    page.locator("dialog input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name="Use this text").click()
    expect(page.get_by_text("ready to train on")).to_be_visible()
    assert page.evaluate("typeof window.pwned") == "undefined"
    report = browser.new_context(locale="en-US").new_page()
    answer = report.request.get(f"{server.url}share/{id}/report.html")
    report.set_content(answer.text())
    assert "pwned" in report.content() and report.evaluate("typeof window.pwned") == "undefined"
    assert refused == []


def test_what_broke_off_is_gone_on_with(browser: Browser, server: Server) -> None:
    made = shared.experiment(TINY)
    row = ExperimentRow("f" * 32, "leo", 1.0, made.to_json(), FREE)
    broken = Ended(0, 0, "interrupted", None, 1.0, 2.0, 4, ())
    id = server.store.adopt(row, [broken], server.store.path.parent / "runs" / row.id)
    refused: list[str] = []
    page = opened(browser, server, f"run={id}", refused)
    resume = page.get_by_role("button", name="Resume", exact=True)
    expect(resume).to_be_visible()
    expect(page.locator(".bar button.stop")).to_be_hidden()
    click(resume)
    expect(page.locator(".says").first).to_contain_text("Finished", timeout=120_000)
    expect(resume).to_be_hidden()
    assert [run.state for run in server.store.runs(id)] == ["finished"] and refused == []
