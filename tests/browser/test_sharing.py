"""A finished experiment goes three ways: by link, as a report without a server, as an archive elsewhere."""

import re
from pathlib import Path

import pytest
import shared
from panels import Server
from playwright.sync_api import Browser, Page, expect
from visitor import Site

pytestmark = pytest.mark.browser


def test_a_shared_experiment_shows_the_same_numbers_everywhere(
    browser: Browser, server: Server, site: Site, tmp_path: Path
) -> None:
    id = shared.submit(server.store)
    page = browser.new_context(locale="en-US").new_page()
    page.goto(f"{server.url}?{shared.QUERY}&run={id}")
    verdict = said(page)
    assert "± 0." in verdict and "over 3 seeds" in verdict
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.locator("img.result-card")).to_be_visible()
    assert page.locator("img.result-card").evaluate("image => image.decode().then(() => image.naturalWidth)") == 1200
    saved = {name: tmp_path / name for name in ("report.html", "experiment.zip", "card.png")}
    for name, path in saved.items():
        with page.expect_download() as download:
            page.locator(".card-png" if name == "card.png" else f"[data-file='{name}']").click()
        download.value.save_as(path)
    assert saved["card.png"].read_bytes()[:4] == b"\x89PNG" and saved["card.png"].stat().st_size > 20_000

    fresh = browser.new_context(locale="en-US").new_page()
    fresh.goto(page.get_by_role("textbox", name="Link with results").input_value())
    assert said(fresh) == verdict

    alone = browser.new_context(locale="en-US", offline=True).new_page()
    alone.goto(saved["report.html"].as_uri())
    expect(alone.locator(".verdict .en")).to_have_text(verdict)
    ends = [f"{sum(shared.loss(n, seed, 80) for seed in range(3)) / 3:.4f}" for n in range(2)]
    for end in ends:
        expect(alone.locator("tbody").get_by_text(f"{end} ± ")).to_be_visible()
    alone.locator(".chart svg:not([hidden])").first.hover()
    expect(alone.locator(".tip")).to_contain_text("validation")
    alone.get_by_role("button", name="中文").click()
    expect(alone.locator(".verdict .zh")).to_be_visible()

    elsewhere = browser.new_context(locale="en-US").new_page()
    elsewhere.goto(site.url)
    (tmp_path / "other.zip").write_bytes(b"no zip at all")
    elsewhere.locator(".verdict .import input").set_input_files(tmp_path / "other.zip")
    refusal = elsewhere.locator(".verdict .refusal")
    expect(refusal).to_contain_text("no zip that can be read")
    for language in ("中文", "EN"):  # the verdict is drawn anew
        elsewhere.get_by_role("button", name=language).click()
    expect(refusal).to_contain_text("no zip that can be read")
    elsewhere.locator(".verdict .import input").set_input_files(saved["experiment.zip"])
    expect(elsewhere.locator(".verdict")).to_contain_text(verdict)
    expect(elsewhere).to_have_url(re.compile("a=gpt-2&b=llama-3,position=alibi"))


def said(page: Page) -> str:
    """The verdict of the experiment shown, once it is there."""
    first = page.locator(".verdict .words b").first
    expect(first).to_contain_text("over 3 seeds")
    return first.inner_text()
