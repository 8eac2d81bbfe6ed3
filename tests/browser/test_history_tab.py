"""The history on the page: found, put together in one chart, deleted after a question, opened again."""

import re
from typing import Any

import pytest
import shared
from panels import Server
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


def arrived(browser: Browser, server: Server, **context: Any) -> Page:
    page = browser.new_context(**{"locale": "en-US", **context}).new_page()
    page.goto(f"{server.url}?tab=history")
    page.wait_for_selector(".past-row")
    return page


def test_experiments_are_found_compared_deleted_and_opened(browser: Browser, server: Server) -> None:
    shared.submit(server.store)
    gone = shared.submit(server.store, shared.experiment("v=1&a=opt,norm=rmsnorm&recipe.data=recall"))
    page = arrived(browser, server)
    search, rows = page.get_by_role("searchbox"), page.locator(".past-row")
    search.fill("opt RMSNorm")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("OPT · RMSNorm")
    rows.get_by_role("checkbox").check()
    search.fill("ALiBi")
    expect(rows.first).to_contain_text("LLaMA 3 · ALiBi")
    rows.first.get_by_role("checkbox").check()
    together = page.locator(".past-together")
    page.get_by_role("button", name="Show 2 together").click()
    expect(together.locator(".past-table tbody tr")).to_have_count(3)
    expect(together.locator(".refusal")).to_have_count(0)  # the runs say that they read the same text
    expect(together.locator(".unseen th[scope=col]")).to_have_count(4)
    assert together.locator(".plot .scatterlayer .trace").count() == 3
    together.get_by_role("radio", name="steps").check()
    expect(together.locator(".xtitle")).to_contain_text("steps")

    search.fill("opt")
    rows.get_by_role("button", name="Delete: OPT").press("Enter")
    rows.get_by_role("button", name="Cancel").press("Enter")
    assert server.store.experiment(gone) is not None
    rows.get_by_role("button", name="Delete: OPT").press("Enter")
    rows.get_by_role("button", name="Delete", exact=True).press("Enter")
    expect(page.locator(".past-list .nothing")).to_contain_text("No experiment has all of these words")
    assert server.store.experiment(gone) is None
    search.fill("ALiBi")
    rows.first.get_by_role("button", name="Open: ").click()
    expect(page).to_have_url(re.compile("b=llama-3,position=alibi.*run=[0-9a-f]{32}"))
    expect(page.locator(".verdict")).to_contain_text("over 3 seeds")
    page.context.close()
