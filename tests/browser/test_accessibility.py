"""axe-core finds nothing serious or critical on any tab, in either language, either theme, at a desk and on a phone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from panels import Server, opened
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
GRAVE = ("serious", "critical")
RESULTS = {"resultTypes": ["violations"]}
# What language, theme and width can change; everything else is looked for once.
VARY = ("color-contrast", "label", "button-name", "link-name", "image-alt", "html-has-lang", "html-lang-valid")
ONLY = RESULTS | {"runOnly": {"type": "rule", "values": [*VARY, "scrollable-region-focusable", "valid-lang"]}}
LOOKS = {
    "English, light, at a desk": ("en-US", "light", 1280, 900),
    "Chinese, dark, phone": ("zh-CN", "dark", 390, 844),
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_grave_on_any_tab(browser: Browser, server: Server, look: str) -> None:
    locale, theme, width, height = LOOKS[look]
    errors: list[str] = []
    size = {"width": width, "height": height}
    page = opened(browser, server, errors, locale=locale, color_scheme=theme, viewport=size)
    tabs = page.locator(".nav [role=tab]").all()
    assert len(tabs) >= 7
    found: dict[str, list[str]] = {}
    for tab in tabs:
        tab.click()
        found[str(tab.get_attribute("id"))] = graves(page, RESULTS if theme == "light" else ONLY)
    page.evaluate("() => document.querySelector('#playground').append(document.createElement('input'))")
    assert graves(page, ONLY) != [], "axe did not look"
    page.context.close()
    assert {tab: said for tab, said in found.items() if said} == {} and errors == []


def graves(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe finds wrong on the tab that is open, once it is loaded: rule, and the first element."""
    page.wait_for_function("() => !document.querySelector('[data-tab]:not([hidden]) .loading')")
    violations = Axe().run(page, options=options).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in violations if each["impact"] in GRAVE]
