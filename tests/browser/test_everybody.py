"""For everybody: the main job by keyboard on a phone in Chinese, a tour, a lecture's link, a pause, no other host."""

from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, expect
from visitor import PHONE, Visit, ended, settled

pytestmark = pytest.mark.browser
TINY = "?a=gpt-2,shape.layers=1,shape.width=32&b=llama-3,shape.layers=1,shape.width=32&recipe.tokens=20000"
MOST_TABS = 400


def reach(page: Page, selector: str, back: bool = False) -> None:
    """Press Tab until such an element has the focus, and see that it is seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            box = page.evaluate("() => document.activeElement.getBoundingClientRect().toJSON()")
            assert box["width"] > 0 and box["bottom"] > 0
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_keyboard_alone_does_the_main_job_on_a_phone_in_chinese(visit: Visit) -> None:
    hosts: set[str] = set()
    page = visit(TINY, size=PHONE, locale="zh-CN", permissions=["clipboard-read", "clipboard-write"])
    page.context.on("request", lambda request: hosts.add(urlparse(request.url).netloc))
    reach(page, ".tour-offer button.plain")
    page.keyboard.press("Enter")
    expect(page.locator(".tour-offer")).to_have_count(0)
    reach(page, ".variant[data-letter=A] .axis[data-axis=placement] input[type=radio]")
    page.keyboard.press("ArrowRight")
    settled(page)
    assert "placement=double" in page.url
    reach(page, "button.train")
    page.keyboard.press("Enter")
    ended(page, "训练完成")
    reach(page, "button.share")
    page.keyboard.press("Enter")
    reach(page, ".link-row button")
    page.keyboard.press("Enter")
    expect(page.locator(".link-row button")).to_have_text("已复制")
    assert "placement=double" in page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    reach(page, ".tour-button", back=True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.evaluate("document.activeElement.className") == "icon tour-button"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    table = page.locator("[data-panel=loss] .unseen table")
    assert table.locator("th[scope=col]").count() >= 3 and table.locator("tbody tr").count() >= 5
    assert hosts == {urlparse(page.url).netloc}


def test_a_lectures_link_plays_a_finished_result_as_its_flags_say(visit: Visit) -> None:
    page = visit("?run=recall&lang=zh&stage=1&autoplay=3&hide=gradient,norm,nonsense")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    expect(page.locator("#playground.stage .replay")).to_be_visible()
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.wait_for_function("wide => document.documentElement.scrollWidth === wide", arg=PHONE[0])
    expect(page.locator(".notice.bad")).to_contain_text("nonsense")
    expect(page.locator("[data-panel=gradient]")).to_be_hidden()
    expect(page.locator("[data-panel=loss]")).to_be_visible()
    page.wait_for_function("() => document.querySelector('.replay input').value === '100'")
    expect(page.locator(".verdict > .words > b")).to_contain_text("B")
    page.locator(".replay input").press("Home")
    page.locator(".replay").get_by_role("button", name="单步").click()
    expect(page.locator(".replay .note")).to_contain_text("1%")
    expect(page.locator(".verdict > .words > b")).to_have_count(0)  # what came of it is not known yet
    page.locator(".replay").get_by_role("button", name="跳到结尾").click()
    expect(page.locator(".replay")).to_be_hidden()
    assert "stage=1" in page.url and "shape.layers=2" in page.url
    assert page.evaluate("localStorage.getItem('playground.language')") is None


def test_training_pauses_steps_and_goes_on(visit: Visit) -> None:
    page = visit(TINY.replace("20000", "50000000"))
    page.locator("button.train").click()
    page.locator("button.pause").click()
    ended(page, "Paused at step")
    before = page.locator(".says").inner_text()
    page.locator("button.once").click()
    page.wait_for_function("before => document.querySelector('.says').textContent !== before", arg=before)
    ended(page, "Paused at step")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_function("() => !document.querySelector('.says').textContent.includes('Paused')")
    page.locator("button.stop").click()
    ended(page, "Stopped")
