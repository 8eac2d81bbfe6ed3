"""Tabs, the table of systems, the corrections, and a config.json on the page."""

import json

import pytest
from playwright.sync_api import Page, expect
from visitor import PATIENCE, PHONE, Visit, card, choose, inside, ready, settled

pytestmark = pytest.mark.browser

GEMMA_2 = {
    "model_type": "gemma2", "vocab_size": 256000, "hidden_size": 3584, "intermediate_size": 14336,
    "num_hidden_layers": 42, "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 256,
}  # fmt: skip


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def names(page: Page) -> list[str]:
    return page.locator(".systems-card tbody button.name").all_inner_texts()


def paste(page: Page, content: str) -> None:
    dialog = page.get_by_role("dialog", name="config.json")
    dialog.get_by_role("textbox").fill(content)
    dialog.get_by_role("button", name="Make it a variant").click()


def taken(page: Page) -> None:
    """Wait until what was pasted has become a variant."""
    expect(page.locator("dialog[open]")).to_have_count(0)
    settled(page)


def test_a_tab_has_an_address_and_leaves_the_others_alone(visit: Visit) -> None:
    page = visit("?a=gpt-2&b=llama-3")
    choose(page, "A", "position", "alibi")
    before = page.url
    page.locator(".tab-panels").evaluate("main => { main.mark = 'the same page'; scrollTo(0, 120); }")
    tab(page, "Systems")
    assert "tab=systems" in page.url and "position=alibi" in page.url
    expect(page.locator(".systems-card")).to_be_visible(timeout=1000 * PATIENCE)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Lessons")).to_be_focused()
    assert "tab=lessons" in page.url
    page.keyboard.press("Home")
    assert page.url == before and page.evaluate("scrollY") == 120
    assert card(page, "A").locator("input[value=alibi]").is_checked()
    page.go_back()
    expect(page.get_by_role("tab", name="Lessons")).to_have_attribute("aria-selected", "true")
    assert page.locator(".tab-panels").evaluate("main => main.mark") == "the same page"
    page.reload()
    ready(page)
    expect(page.get_by_role("tab", name="Lessons")).to_have_attribute("aria-selected", "true")


def test_the_table_is_searched_filtered_and_sorted(visit: Visit) -> None:
    page = visit("?tab=systems")
    assert page.url.endswith("?tab=systems")
    everyone = names(page)
    page.get_by_role("searchbox", name="Search").fill("google swiglu")
    assert names(page) == ["PaLM"]
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_role("combobox", name="Filter by Placement").select_option("post")
    some = names(page)
    assert "Original Transformer" in some and "GPT-2" not in some and len(some) < len(everyone)
    page.get_by_role("button", name="Clear filters").click()
    head = page.locator("th[data-column=name]")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    rising = names(page)
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert rising == names(page)[::-1] and sorted(rising) == sorted(everyone) and rising != everyone


def test_a_cell_says_where_it_was_read_to_mouse_and_keyboard(visit: Visit) -> None:
    page = visit("?tab=systems")
    cell = page.locator("tr[data-system=mistral] td[data-column=heads]")
    cell.hover()
    expect(page.locator(".tip")).to_contain_text("arXiv:2310.06825, §2")
    cell.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("tr[data-system=mistral] td[data-column=span]")).to_be_focused()
    assert page.locator(".systems-card tbody td[tabindex='0']").count() == 1


def test_a_tap_says_where_it_was_read(visit: Visit) -> None:
    page = visit("?tab=systems", size=PHONE, has_touch=True)
    page.locator("tr[data-system=gpt-1] td[data-column=norm]").tap(timeout=1000 * PATIENCE)
    expect(page.locator(".tip")).to_contain_text("Radford et al. 2018")


def test_a_system_is_put_into_a_variant(visit: Visit) -> None:
    page = visit("?tab=systems")
    page.get_by_role("button", name="Put Gemma 2 into B").click()
    settled(page)
    expect(card(page, "B")).to_be_visible()
    assert card(page, "B").locator(".top select").input_value() == "gemma-2"
    assert page.url.endswith("?v=1&a=gpt-2&b=gemma-2&recipe.tokens=200000&seeds=3")
    tab(page, "Systems")
    assert page.get_by_role("button", name="Put Gemma 2 into B").get_attribute("aria-pressed") == "true"
    barred = page.get_by_role("button", name="Put Mixtral into A")
    assert barred.get_attribute("aria-disabled") == "true"
    barred.press("Enter")
    expect(page.locator(".notice.bad")).to_contain_text("mixture of experts")
    expect(page.get_by_role("tab", name="Systems")).to_have_attribute("aria-selected", "true")


def test_two_systems_are_compared_in_a_sentence_and_years_show_who_chose_what(visit: Visit) -> None:
    page = visit("?tab=systems")
    page.get_by_role("combobox", name="The other system").select_option("gemma-2")
    expect(page.locator(".versus .sentence")).to_contain_text("Gemma 2 in")
    page.locator(".years-card input[value=norm]").check()
    rows = page.locator(".years tbody th").all_inner_texts()
    assert [row.split("\n")[0] for row in rows][:2] == ["LayerNorm", "RMSNorm"]
    page.locator(".years td[tabindex]").first.hover()
    expect(page.locator(".tip")).to_contain_text("Original Transformer")


def test_a_config_becomes_a_variant(visit: Visit) -> None:
    page = visit("?a=gpt-2&b=llama-3")
    page.get_by_role("button", name="More for variant B").click()
    page.get_by_role("menuitem", name="From a config.json").click()
    paste(page, json.dumps(GEMMA_2))
    taken(page)
    assert card(page, "B").locator(".top select").input_value() == "gemma-2"
    expect(card(page, "B").locator(".rounded")).to_contain_text("9,241,705,984 parameters at full size")
    assert card(page, "A").locator(".top select").input_value() == "gpt-2"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{'model_type': 'gpt2'}", "line 1, column 2"),
        ('{"model_type": "mixtral"}', "mixtral"),
        ('{"model_type": "llama", "hidden_act": "mish"}', "mish"),
        ("x" * 70_000, "70,000 bytes"),
    ],
)
def test_a_bad_config_says_why_and_changes_nothing(visit: Visit, content: str, said: str) -> None:
    page = visit("?tab=systems")
    page.get_by_role("button", name="From a config.json").click()
    paste(page, content)
    expect(page.get_by_role("dialog", name="config.json").get_by_role("alert")).to_contain_text(said)
    page.get_by_role("button", name="Cancel").click()
    assert page.url.endswith("?tab=systems")
    tab(page, "Compare")
    assert [card(page, letter).locator(".top select").input_value() for letter in "AB"] == ["gpt-2", "llama-3"]


def test_a_configuration_is_saved_and_read_again(visit: Visit) -> None:
    page = visit("?a=gpt-2,norm=rmsnorm,shape.layers=6&b=llama-3")
    with page.expect_download() as download:
        page.get_by_role("button", name="More for variant A").click()
        page.get_by_role("menuitem", name="Save as architecture.json").click()
    assert download.value.suggested_filename == "architecture.json"
    page.get_by_role("button", name="More for variant B").click()
    page.get_by_role("menuitem", name="From a config.json").click()
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(download.value.path())
    page.get_by_role("button", name="Make it a variant").click()
    taken(page)
    assert page.url.endswith("?v=1&a=gpt-2,shape.layers=6,norm=rmsnorm&b=gpt-2,shape.layers=6,norm=rmsnorm")
    page.get_by_role("button", name="More for variant A").click()
    page.get_by_role("menuitem", name="Save as config.json").click()
    expect(page.locator(".notice.bad")).to_contain_text("norm")


def test_a_correction_is_quoted_and_tried(visit: Visit) -> None:
    page = visit("?tab=corrections#rmsnorm-mean")
    expect(page.locator("#rmsnorm-mean")).to_have_class("card entry here")
    assert inside(page, "#rmsnorm-mean .claim") and page.url.endswith("?tab=corrections#rmsnorm-mean")
    page.locator("#rmsnorm-mean").get_by_role("link", name="Try it").click()
    settled(page)
    assert page.url.endswith("?v=1&a=gpt-2&b=gpt-2,norm=rmsnorm")
    assert card(page, "B").locator("input[value=rmsnorm]").first.is_checked()


@pytest.mark.parametrize("name", ["Systems", "Corrections"])
@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_on_a_phone_the_tabs_stay_and_nothing_sticks_out(visit: Visit, name: str, language: str) -> None:
    page = visit(f"?tab={name.lower()}", size=PHONE, locale=language)
    expect(page.locator(".systems-card, .entry").first).to_be_attached(timeout=1000 * PATIENCE)
    page.evaluate("scrollTo(0, 600)")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert inside(page, "[role=tab][aria-selected=true]")
