"""Ladders and sweeps on the page: from the button to dots with intervals, and back from the link."""

import pytest
from playwright.sync_api import expect
from visitor import PHONE, Visit, ended, settled, started

pytestmark = pytest.mark.browser
TINY = "shape.layers=1,shape.width=16"
PAIR = f"?a=gpt-2,{TINY}&b=gpt-2,{TINY},norm=rmsnorm,heads.kv=1&recipe.tokens=10000&seeds=2"


def test_a_ladder_from_the_button_to_the_dots_and_back_from_its_link(visit: Visit) -> None:
    page = visit(PAIR)
    started(page)
    ended(page, "Finished")
    page.get_by_role("button", name="Which change did it?").click()
    ladder = page.get_by_role("table", name="Which change did it?")
    expect(ladder.locator(".ladder-change")).to_have_count(3)  # two changes, and all of them
    expect(page.locator(".verdict")).to_contain_text("Of the 2 changes from A to B")
    # On the way and alone, in loss, speed, cache and parameters; the whole once.
    expect(ladder.locator(".ladder-dot")).to_have_count((2 + 2 + 1) * 4)
    heads = ladder.locator(".ladder-change", has_text="MHA 4 → MQA 4/1").locator("[data-column=cache]").first
    expect(heads).to_contain_text("−96 B")  # one layer, keys and values, 4 heads of 4 become 1, 4 bytes each
    expect(ladder.locator("[data-column=loss]").first).to_contain_text("±")
    assert "ladder=on" in page.url
    page.reload()
    page.wait_for_selector("#playground[data-ready]")
    expect(page.locator(".ladder-dot")).to_have_count(20)
    page.get_by_role("button", name="Back to the variants alone").click()
    settled(page)
    assert "ladder" not in page.url


def test_a_sweep_from_the_dialog_to_the_plot(visit: Visit) -> None:
    page = visit(f"?a=gpt-2,{TINY}&recipe.tokens=8000", size=PHONE)
    page.get_by_role("button", name="Sweep …").click()
    dialog = page.get_by_role("dialog", name="Sweep one number")
    dialog.get_by_role("button", name="Scaling with width").click()
    values = dialog.get_by_label("Values")
    expect(values).to_have_value("4, 8, 16, 32")
    values.fill("0, 8, 16")
    expect(dialog.get_by_role("alert")).to_contain_text("at least 2")
    expect(dialog.get_by_role("button", name="Use this sweep")).to_be_disabled()
    values.fill("8, 10, 16, 24")
    expect(dialog).to_contain_text("A at 10: shape.width=10 is not divisible")
    dialog.get_by_role("button", name="Use this sweep").click()
    settled(page)
    page.locator("button.train").click()
    expect(page.locator(".verdict")).to_contain_text("A is best with width ")
    expect(page.locator(".troubles")).to_contain_text("A at 10")
    lines = "[...document.querySelectorAll('.plot')].flatMap(plot => plot.data ?? [])"
    page.wait_for_function(f"() => {lines}.find(line => line.error_y)?.x.length === 3")
    page.get_by_role("radio", name="parameters").check()
    expect(page.get_by_role("button", name="Which change did it?")).to_have_count(0)
