"""Choosing: controls, chips, diagram, differences, refusals, links, languages, keyboard."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from visitor import DESKTOP, PHONE, Site, Visit, card, chip, choose, inside, ready, settled

from playground.link import variant
from playground.source import of_variant

pytestmark = pytest.mark.browser


def pills(page: Page) -> list[str]:
    return page.locator(".difference .pill").all_inner_texts()


def test_a_choice_changes_chips_diagram_and_differences(visit: Visit) -> None:
    page = visit("?a=gpt-2&b=gpt-2")
    assert pills(page) == []
    before = chip(page, "B", "parameters"), card(page, "B").locator("svg.diagram").inner_html()
    choose(page, "B", "norm", "rmsnorm")
    assert chip(page, "B", "parameters") != before[0] == chip(page, "A", "parameters")
    assert card(page, "B").locator("svg.diagram").inner_html() != before[1]
    assert pills(page) == ["LayerNorm → RMSNorm"]
    for letter in "AB":
        assert "changed" in (card(page, letter).locator("[data-axis=norm]").get_attribute("class") or "")
        assert "changed" not in (card(page, letter).locator("[data-axis=position]").get_attribute("class") or "")


def test_a_chip_says_what_its_number_is_made_of(visit: Visit) -> None:
    page = visit("?a=gpt-2")
    tip = page.locator(".tip")
    for name, said in {"parameters": "attention", "flops": "scores", "cache": "every byte", "memory": "AdamW"}.items():
        card(page, "A").locator(f"[data-chip={name}]").hover()
        expect(tip).to_contain_text(said)
        expect(tip).not_to_contain_text("part_")


def test_every_click_is_answered_at_once(visit: Visit) -> None:
    """The chosen option is shown by the browser itself, before any answer of the server."""
    page = visit("?a=gpt-2&b=gpt-2")
    shown = page.evaluate(
        """() => { const input = document.querySelector(".variant[data-letter=B] input[value=rmsnorm]"); input.click();
        return [input.checked, getComputedStyle(input.nextElementSibling).fontWeight]; }"""
    )
    assert shown == [True, "600"]


def test_an_option_shows_its_own_numbers(visit: Visit) -> None:
    page = visit("?a=gpt-2&b=mistral")
    assert card(page, "B").get_by_role("textbox", name="window").is_visible()
    assert not card(page, "A").get_by_role("textbox", name="window").is_visible()


def test_what_cannot_be_built_says_why_and_loses_nothing(visit: Visit) -> None:
    page = visit()
    kv = card(page, "A").get_by_role("textbox", name="key/value heads")
    kv.fill("3")
    kv.press("Tab")
    settled(page)
    refusal = card(page, "A").locator(".refusal")
    expect(refusal).to_contain_text("heads.kv=3")
    expect(kv).to_have_attribute("aria-invalid", "true")
    train = page.locator("button.train")
    assert train.is_disabled() and "heads.kv=3" in (train.get_attribute("title") or "")
    choose(page, "A", "norm", "rmsnorm")
    assert kv.input_value() == "3" and card(page, "A").locator("input[value=rmsnorm]").first.is_checked()
    kv.fill("2")
    kv.press("Tab")
    settled(page)
    assert not refusal.is_visible() and train.is_enabled()
    assert "MHA" not in pills(page)[0] and card(page, "A").locator("input[value=rmsnorm]").first.is_checked()


def test_words_for_numbers_are_refused(visit: Visit) -> None:
    page = visit()
    rate = page.locator(".bar").get_by_role("textbox", name="Learning rate")
    for word in ("NaN", "-3", "0", "many", "1e400", "<img src=x onerror=alert(1)>"):
        rate.fill(word)
        rate.press("Tab")
        settled(page)
        expect(page.locator(".says")).to_contain_text("recipe.lr")
        assert page.locator("button.train").is_disabled(), word
    rate.fill("1e-3")
    rate.press("Tab")
    settled(page)
    assert page.locator("button.train").is_enabled()


def test_variants_are_added_swapped_and_removed(visit: Visit) -> None:
    page = visit("?a=gpt-2&b=llama-3,heads.kv=1")
    page.get_by_role("button", name="Add a variant").click()
    settled(page)
    assert page.locator(".table thead select").evaluate_all("all => all.map(e => e.value)") == [
        "gpt-2",
        "llama-3",
        "llama-3",
    ]
    page.get_by_role("button", name="More for variant A").click()
    page.get_by_role("menuitem", name="Swap").click()
    settled(page)
    assert page.locator(".table thead select").first.input_value() == "llama-3"
    page.get_by_role("button", name="More for variant C").click()
    page.get_by_role("menuitem", name="Remove").click()
    settled(page)
    assert page.locator(".variant").count() == 2
    assert page.url.endswith("?v=1&a=llama-3,heads.kv=1&b=gpt-2")


def test_the_link_brings_the_same_choices_to_somebody_else(visit: Visit) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    choose(page, "A", "position", "alibi")
    tokens = page.locator(".bar").get_by_role("textbox", name="Tokens")
    tokens.fill("60 k")
    tokens.press("Tab")
    settled(page)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"\?v=1&a=gpt-2,position=alibi&b=llama-3&recipe\.tokens=60000&seeds=3$", link)
    other = visit(link[link.index("?") :])
    assert card(other, "A").locator("[data-axis=position] input[value=alibi]").is_checked()
    assert other.locator(".bar").get_by_role("textbox", name="Tokens").input_value() == "60 k"
    assert pills(other) == pills(page)


@pytest.mark.parametrize(
    "query",
    [
        "?a=gtp-2",
        "?v=99&a=gpt-2",
        "?a=gpt-2,heads.kv=3",
        "?a=%00%ff<script>alert(1)</script>",
        "?" + "a=" * 9000,
        "?run=x&a=gpt-2",
    ],
)
def test_a_bad_link_is_named_and_the_page_works(visit: Visit, query: str) -> None:
    page = visit(query)
    expect(page.locator(".notice.bad").first).to_be_visible()
    choose(page, "A", "norm", "none")
    assert page.locator("button.train").is_enabled()


def test_languages_switch_at_once_and_are_remembered(visit: Visit) -> None:
    page = visit("?a=gpt-2&b=llama-3")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.get_by_role("button", name="中文").click()
    expect(page.locator("button.train")).to_have_text("训练")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    settled(page)
    expect(card(page, "A").locator(".diagram")).to_contain_text("层")
    page.reload()
    ready(page)
    expect(page.locator("button.train")).to_have_text("训练")


def test_the_browser_s_language_is_taken(visit: Visit) -> None:
    page = visit(locale="zh-CN")
    assert page.locator("button.train").inner_text() == "训练"
    assert not re.findall(r"undefined|\{\w+\}", page.locator("#playground").inner_text())


def test_the_keyboard_chooses_and_help_is_shown(visit: Visit) -> None:
    page = visit("?a=gpt-2&b=gpt-2")
    card(page, "A").locator("input[value=layernorm]").focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    assert card(page, "A").locator("input[value=rmsnorm]").is_checked()
    expect(page.locator(".tip")).to_contain_text("mean(x²)")
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_be_hidden()


def test_exact_details_hold_every_other_field(visit: Visit) -> None:
    page = visit("?a=gpt-2&b=llama-3")
    card(page, "B").locator("summary").click()
    theta = card(page, "B").get_by_role("textbox", name="base θ", exact=True)
    expect(theta).to_have_value("500 k")
    theta.fill("10000")
    theta.press("Tab")
    settled(page)
    assert "position.theta=10000" in page.url
    card(page, "A").locator("summary").click()
    bias = card(page, "A").get_by_role("checkbox", name="norm bias")
    expect(bias).to_be_checked()
    assert bias.evaluate("box => getComputedStyle(box).appearance") != "none", "a ticked box must look ticked"


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_nothing_sticks_out(visit: Visit, size: tuple[int, int], language: str) -> None:
    page = visit("?a=gpt-2&b=llama-3&c=gemma-2&d=palm", size=size, locale=language)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.locator("h1").count() == 1
    assert inside(page, "button.train") and inside(page, "button.stop")


def test_a_server_that_cannot_answer_yet_is_asked_again(visit: Visit) -> None:
    page = visit()
    address, asked = page.url, list[str]()
    page.goto("about:blank")  # so that what it may still ask is not taken for the next page's first question

    def once(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=200, json=None) if len(asked) == 1 else route.continue_()

    page.route("**/component_server/", once)
    page.goto(address)
    expect(page.get_by_role("alert")).to_contain_text("did not answer")
    ready(page)
    assert page.locator(".variant").count() == 2


def test_no_request_leaves_for_another_host(visit: Visit, site: Site) -> None:
    page = visit()
    hosts = page.evaluate("performance.getEntriesByType('resource').map(e => new URL(e.name).host)")
    assert set(hosts) == {site.url.removeprefix("http://")}
    assert page.locator("footer").count() == 0 or not page.locator("footer").first.is_visible()


def test_the_code_of_a_variant_and_what_differs_in_it(visit: Visit) -> None:
    """What is shown is the file, and what is downloaded too; two variants stand beside each other."""
    page = visit("?a=gpt-2&b=gpt-2,norm=rmsnorm")
    card(page, "B").get_by_role("button", name="Code of variant B").click()
    sheet = page.get_by_role("dialog", name="Code")
    expect(sheet.locator("code", has_text="class RMSNorm")).to_have_count(1)
    with page.expect_download() as waiting:
        sheet.get_by_role("button", name="Download").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert waiting.value.suggested_filename == "gpt_2_norm_rmsnorm.py"
    assert text == of_variant(variant("gpt-2,norm=rmsnorm"))
    assert sheet.locator("code").all_text_contents() == text.splitlines()
    sheet.get_by_role("checkbox", name="A GPT-2").check()
    expect(sheet.locator(".changed code[data-letter=A]", has_text="class LayerNorm")).to_have_count(1)
    expect(sheet.locator(".changed code[data-letter=B]", has_text="class RMSNorm")).to_have_count(1)
    expect(sheet.locator(".changed", has_text="class Attention")).to_have_count(0)


def test_a_part_of_the_diagram_explains_itself_and_the_whole_is_saved(visit: Visit) -> None:
    page = visit("?a=gpt-2")
    card(page, "A").locator(".picture g.d-box", has_text="LayerNorm").first.hover()
    expect(page.locator(".tip")).to_contain_text("mean(x)")
    expect(page.locator(".tip")).to_contain_text("arXiv:1607.06450")
    with page.expect_download() as waiting:
        card(page, "A").get_by_role("button", name="as SVG").click()
    saved = ElementTree.parse(waiting.value.path()).getroot()
    assert waiting.value.suggested_filename == "gpt-2.svg" and saved.get("role") == "img"
