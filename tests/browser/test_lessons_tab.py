"""The lessons tab: a claim is opened, run here to its verdict, found again after a reload, and stopped."""

import pytest
from playwright.sync_api import Page, expect
from visitor import DESKTOP, PHONE, Visit, settled

pytestmark = pytest.mark.browser
SHORT, LONG = "half-softmax", "warmup"


def opened(visit: Visit, lesson: str) -> Page:
    page = visit(f"?tab=lessons#{lesson}")
    expect(page.locator(f"#lesson-{lesson}[open] .lesson-body")).to_be_visible()
    return page


def test_a_lesson_runs_from_button_to_verdict_and_is_found_again(visit: Visit) -> None:
    page = opened(visit, SHORT)
    card = page.locator(f"#lesson-{SHORT}")
    card.get_by_role("button", name="Run it here").click()
    expect(card.locator("summary .badge").first).to_have_text("running")
    expect(card.locator(".says")).to_contain_text("runs done")
    expect(card.locator(".says")).to_contain_text("the result below is yours", timeout=240_000)
    expect(card.locator("summary .badge").first).to_have_text("confirmed")
    expect(card.locator(".verdict-line")).to_contain_text("At this scale: confirmed (3 seeds)")
    expect(card.locator(".findings tr")).to_have_count(2)
    expect(card.locator(".lesson-result .note")).to_contain_text("Your run, quick setting")
    expect(card.locator(".plot .scatterlayer .trace").first).to_be_attached()
    page.reload()
    page.wait_for_selector("#playground[data-ready]")
    expect(page.locator(f"#lesson-{SHORT} .lesson-result .note")).to_contain_text("Your run")


def test_a_lesson_is_followed_again_after_a_reload_and_stops(visit: Visit) -> None:
    page = opened(visit, LONG)
    page.locator(f"#lesson-{LONG}").get_by_role("button", name="Run it here").click()
    expect(page.locator(f"#lesson-{LONG} summary .badge").first).to_have_text("running")
    page.reload()
    page.wait_for_selector("#playground[data-ready]")
    card = page.locator(f"#lesson-{LONG}")
    expect(card.locator("summary .badge").first).to_have_text("running")
    card.get_by_role("button", name="Stop").click()
    expect(card.locator(".says")).to_contain_text("without all runs there is no verdict")
    expect(card.get_by_role("button", name="Run it here")).to_be_enabled()


def test_an_experiment_of_a_lesson_opens_in_compare(visit: Visit) -> None:
    page = opened(visit, LONG)
    page.locator(f"#lesson-{LONG}").get_by_role("link", name="Open in Compare 1").click()
    settled(page)
    assert "recipe.warmup=0" in page.url and page.locator("#tab-compare").get_attribute("aria-selected") == "true"


@pytest.mark.parametrize("lesson", ["warmup", "weight-decay"])
def test_a_lesson_that_an_address_names_stands_at_the_top(visit: Visit, lesson: str) -> None:
    """Under the bar, whose place is kept free: 72 pixels."""
    page = opened(visit, lesson)
    page.wait_for_function(
        "id => Math.abs(document.getElementById(id).getBoundingClientRect().top - 72) < 2", arg=f"lesson-{lesson}"
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_nothing_sticks_out_and_no_text_is_missing(visit: Visit, size: tuple[int, int], language: str) -> None:
    page = visit(f"?tab=lessons#{SHORT}", size=size, locale=language)
    expect(page.locator(f"#lesson-{SHORT}[open] .lesson-body")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert "undefined" not in page.locator("[data-tab=lessons]").inner_text()


def test_no_name_is_given_twice_on_the_page(visit: Visit) -> None:
    """Lessons and corrections share addresses such as `#weight-decay`: each tab has its own."""
    page = visit("?tab=lessons")
    expect(page.locator(".lesson").first).to_be_visible()
    page.get_by_role("tab", name="Corrections").click()
    expect(page.locator(".entry").first).to_be_visible()
    names = page.locator("[id]:not([id=''])").evaluate_all("found => found.map(({ id }) => id)")
    assert len(names) > 50 and sorted(names) == sorted({*names})
