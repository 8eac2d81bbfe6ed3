"""The stability lab on a real page: what float16 cannot bear is named with its tensor, and the sweep stays behind."""

import re

import pytest
from playwright.sync_api import expect
from visitor import Visit, settled

pytestmark = pytest.mark.browser
TINY = "?a=gpt-2,shape.layers=1,shape.width=16,shape.context=16&recipe.tokens=4000"
LINES = "[...document.querySelectorAll('.plot')].flatMap(plot => plot.data ?? [])"
HALF = "float16 without a safety net"


def test_what_breaks_is_named_and_the_earlier_sweep_stays(visit: Visit) -> None:
    page = visit(TINY)
    lab = page.locator("article.panel", has=page.get_by_role("heading", name="Stability lab", exact=True))
    train = lab.get_by_role("button", name="Train the sweep")
    expect(train).to_be_disabled()
    lab.get_by_role("button", name=HALF).click()
    settled(page)
    expect(lab.get_by_role("button", name=HALF)).to_have_attribute("aria-pressed", "true")
    assert "recipe.precision=fp16" in page.url and "sweep=recipe.lr:0.01~0.1~0.3~1~3" in page.url
    address, _, query = page.url.partition("?")
    harder = query.replace("0.01~0.1~0.3~1~3", "0.01~30~100")
    page.goto(f"{address}?{re.sub(r'recipe.tokens=[0-9]+', 'recipe.tokens=4000', harder)}")
    page.wait_for_selector("#playground[data-ready]")
    train.click()
    findings = lab.locator(".sentences")
    expect(findings).to_contain_text(re.compile(r"A Learning rate 100: First overflow of float16 in step \d+, "))
    expect(findings).to_contain_text("The loss was no longer a number at step")
    expect(page.locator(".troubles")).to_contain_text("A at 100: 1 of 1 runs diverged")
    page.wait_for_function(f"() => {LINES}.some(line => line.marker?.symbol === 'x' && line.x.at(-1) === 100)")
    lab.locator(".lab-flip", has_text="QK norm").locator("label", has_text="QK norm").click()
    settled(page)
    train.click()
    before = f"{LINES}.filter(line => line.name?.includes('A before')).map(line => line.name)"
    page.wait_for_function(f"() => {before}.length === 1")
    assert "without QK norm" in page.evaluate(before)[0]
