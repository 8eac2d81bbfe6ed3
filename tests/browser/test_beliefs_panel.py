"""What each variant expects, on a real page: the probabilities shown are the models' own."""

from collections.abc import Iterator

import pytest
import torch
from panels import Server, click, opened, panel
from playwright.sync_api import Browser, Page, expect

from playground import runs

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(browser: Browser, server: Server) -> Iterator[Page]:
    errors: list[str] = []
    page = opened(browser, server, errors, viewport={"width": 1280, "height": 900})
    yield page
    page.context.close()
    assert errors == []


def test_what_each_expects_is_the_model_s_own_probability(page: Page, server: Server) -> None:
    expects = panel(page, "What each expects")
    expects.get_by_label("A sentence to read").fill("She had a kite")
    click(expects.get_by_role("button", name="Look", exact=True))
    expect(expects.locator(".read")).to_have_count(2 * (len("She had a kite") + 1))
    click(expects.locator(".reading").first.locator(".read").nth(10))  # the k of kite, in both columns
    for variant in (0, 1):
        model, tokenizer = runs.load_model(server.folder(variant))
        with torch.no_grad():
            p_V = model(torch.tensor([tokenizer.encode("She had a ")]))[0, -1].softmax(-1)
        column = expects.locator(".column").nth(variant)
        best = column.locator(".likeliest li").first
        expect(best.locator("b")).to_have_text(f"{100 * float(p_V.max()):.1f} %")
        expect(column.locator(".chosen")).to_have_text("k")
    expects.get_by_label("Temperature").fill("0.1")
    hottest = expects.locator(".column").first.locator(".likeliest li b").first
    model, tokenizer = runs.load_model(server.folder(0))
    with torch.no_grad():
        sharp_V = (model(torch.tensor([tokenizer.encode("She had a ")]))[0, -1] / 0.1).softmax(-1)
    expect(hottest).to_have_text(f"{100 * float(sharp_V.max()):.1f} %")
    expects.locator(".reading").first.press("End")  # no such step: nothing changes
    expects.locator(".reading").first.press("ArrowDown")
    expect(expects.locator(".column").nth(1).locator(".chosen")).to_have_text("?")


def test_a_sentence_that_cannot_be_read_is_said(page: Page) -> None:
    expects = panel(page, "What each expects")
    expects.get_by_label("A sentence to read").fill("")
    click(expects.get_by_role("button", name="Look", exact=True))
    expect(expects.get_by_role("alert")).to_contain_text("Type a sentence")
    expect(expects.locator(".read").first).to_be_visible()
