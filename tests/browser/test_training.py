"""Training on the page: the curve grows, Stop stops, a reload finds it again, visitors do not mix, texts are read."""

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from visitor import DESKTOP, PHONE, Site, Visit, drawn, ended, inside, settled, started

pytestmark = pytest.mark.browser
TINY = "a=gpt-2,shape.layers=1,shape.width=32&b=llama-3,shape.layers=1,shape.width=32"
SHORT = f"?{TINY}&recipe.tokens=20000"
LONG = f"?{TINY}&recipe.tokens=50000000"


POINTS = (
    "() => { const run = new URLSearchParams(location.search).get('run'), plot = document.querySelector('.plot');"
    " return Math.max(0, ...(plot?.dataset.shows === run ? plot.data : []).map(line => line.x.length)); }"
)


def points(page: Page) -> int:
    """Points of the longest loss curve of the experiment that the address names."""
    return page.evaluate(POINTS)


def state(page: Page) -> str:
    return page.locator(".says").inner_text()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("more", ["", "&c=palm,shape.layers=1,shape.width=32&d=mistral,shape.layers=1,shape.width=32"])
def test_what_matters_is_in_the_window_while_training(visit: Visit, size: tuple[int, int], more: str) -> None:
    page = visit(LONG + more, size=size)
    started(page)
    for selector in (".chart", ".progress", ".says", "button.train", "button.stop"):
        assert inside(page, selector), selector
    assert page.evaluate("scrollY") == 0 and page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("button.stop").click()
    ended(page, "Stopped")


def test_the_curve_grows_to_the_end_and_a_verdict_is_given(visit: Visit) -> None:
    page = visit(SHORT)
    started(page)
    ended(page, "Finished")
    page.wait_for_function(f"() => ({POINTS})() >= 20")  # drawn when its turn comes, a moment after the end
    expect(page.locator(".verdict")).to_contain_text("one seed")
    assert page.locator(".progress").get_attribute("aria-valuenow") == "100"
    page.get_by_role("button", name="Edit variant A").click()
    expect(page.locator(".variant[data-letter=A]")).to_be_visible()


def test_stop_stops_and_keeps_what_there_is(visit: Visit) -> None:
    page = visit(LONG)
    started(page)
    page.locator("button.stop").click()
    ended(page, "Stopped")
    assert points(page) > 0 and page.locator("button.stop").is_disabled() and page.locator("button.train").is_enabled()
    expect(page.locator(".verdict")).to_contain_text("stopped at step")


def test_a_reload_finds_the_run_again(visit: Visit) -> None:
    page = visit(LONG)
    started(page)
    before, address = points(page), page.url
    page.reload()
    page.wait_for_selector("#playground[data-ready]")
    drawn(page)
    assert page.url == address and points(page) >= before
    page.locator("button.stop").click()
    ended(page, "Stopped")


def test_train_pressed_twice_starts_once(visit: Visit) -> None:
    page = visit(LONG)
    page.evaluate("() => { const train = document.querySelector('button.train'); train.click(); train.click(); }")
    page.wait_for_function("() => location.search.includes('run=')")
    first = page.url
    page.locator("button.train").click()
    expect(page.locator("button.train")).to_be_enabled()
    assert page.url == first
    page.locator("button.stop").click()
    ended(page, "Stopped")


def test_two_visitors_do_not_mix(visit: Visit) -> None:
    one, other = visit(LONG), visit(f"?{TINY}&recipe.tokens=40000000&recipe.data=tales-zh")
    for page in (one, other):
        page.locator("button.train").click()
        page.wait_for_function("() => location.search.includes('run=')")
    assert one.url != other.url
    one.locator("button.stop").click()
    ended(one, "Stopped")
    assert "Stopped" not in state(other)
    other.locator("button.stop").click()
    ended(other, "Stopped")


def test_earlier_curves_stay_as_ghosts_until_dismissed(visit: Visit) -> None:
    page = visit(f"?{TINY}&recipe.tokens=5000")
    started(page)
    ended(page, "Finished")
    page.locator("button.train").click()
    expect(page.get_by_role("button", name="Remove earlier curves")).to_be_visible()
    ended(page, "Finished")
    page.get_by_role("button", name="Remove earlier curves").click()
    expect(page.get_by_role("button", name="Remove earlier curves")).to_be_hidden()


def test_zoom_and_switches_survive_updates(visit: Visit) -> None:
    page = visit(LONG)
    started(page)
    page.evaluate("() => Plotly.relayout(document.querySelector('.plot'), {'yaxis.range[0]': 1, 'yaxis.range[1]': 5})")
    longest = "Math.max(...document.querySelector('.plot').data.map(line => line.x.length))"
    before = page.evaluate(longest)
    page.wait_for_function(f"before => {longest} > before + 2", arg=before)
    assert page.evaluate("() => document.querySelector('.plot').layout.yaxis.range") == [1, 5]
    page.get_by_role("radio", name="steps").check()
    page.wait_for_function("() => document.querySelector('.plot').layout.xaxis.title.text.includes('steps')")
    page.locator("button.stop").click()
    ended(page, "Stopped")


def test_one_cursor_runs_over_all_charts(visit: Visit) -> None:
    page = visit(f"?{TINY}&recipe.tokens=5000")
    started(page)
    ended(page, "Finished")
    page.locator(".plot .nsewdrag").first.hover()
    page.wait_for_function(
        "() => { const layers = [...document.querySelectorAll('.plot .hoverlayer')];"
        " const said = layers.map(layer => layer.textContent).filter(Boolean);"
        " return said.length > 1 && said.every(text => text.includes('GPT-2') && text.includes('LLaMA 3')); }"
    )


def test_a_press_on_try_this_trains_it_and_says_what_to_see(visit: Visit) -> None:
    page = visit(size=PHONE)
    page.locator(".tries button").first.click()
    drawn(page)
    expect(page.locator(".verdict")).to_contain_text("two steps of attention")
    for selector in (".chart", ".progress", "button.stop"):
        assert inside(page, selector), selector
    assert "recipe.data=recall" in page.url


def test_a_diverged_run_is_said_plainly(visit: Visit) -> None:
    page = visit(f"?{TINY}&recipe.tokens=200000&recipe.lr=100&recipe.clip=none&recipe.precision=fp16&recipe.warmup=0")
    page.locator("button.train").click()
    ended(page, "diverged")
    expect(page.locator(".verdict")).to_contain_text("diverged at step")
    page.locator(".leads").get_by_role("button", name="Stability lab").click()
    expect(page.get_by_role("heading", name="Stability lab")).to_be_in_viewport()


def test_a_text_that_cannot_be_used_is_refused_in_words(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    page.locator(".bar").get_by_role("combobox", name="Data").select_option("text")
    for content, word in (
        (b"", "empty"),
        (b"ab\0cd" * 100, "NUL"),
        (b"caf\xe9 " * 100, "UTF-8"),
        (b"aaaa" * 500, "again and again"),
    ):
        offer(page, tmp_path, content)
        expect(page.locator("dialog .refusal")).to_contain_text(word)
    page.get_by_role("button", name="Cancel").click()
    assert page.locator("button.train").is_enabled()


def test_an_uploaded_text_is_trained_on(visit: Visit, tmp_path: Path) -> None:
    page = visit(f"?{TINY}&recipe.tokens=5000")
    page.locator(".bar").get_by_role("combobox", name="Data").select_option("text")
    offer(page, tmp_path, "Überall dieselbe alte Leier, immer wieder von vorn.\n".encode() * 200)
    expect(page.locator("dialog[open]")).to_have_count(0)
    settled(page)
    assert "recipe.data=text" in page.url
    started(page)
    ended(page, "Finished")


def offer(page: Page, folder: Path, content: bytes) -> None:
    file = folder / "own.txt"
    file.write_bytes(content)
    page.locator("dialog input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name="Use this text").click()


def test_a_run_that_is_not_there_is_said(visit: Visit) -> None:
    page = visit(f"{SHORT}&run={'0' * 32}")
    expect(page.locator(".notice.bad")).to_contain_text("not on this server")
    assert "run=" not in page.url


def test_a_killed_worker_hurts_one_run_and_the_next_one_works(visit: Visit, site: Site) -> None:
    page = visit(LONG)
    started(page)
    for worker in site.workers():
        os.kill(worker, signal.SIGKILL)
    ended(page, "failed")
    expect(page.locator(".verdict")).to_contain_text("SIGKILL")
    page.get_by_role("button", name="Edit variant A").click()
    tokens = page.locator(".bar").get_by_role("textbox", name="Tokens")
    tokens.fill("5000")
    tokens.press("Tab")
    settled(page)
    started(page)
    ended(page, "Finished")


def test_the_context_of_a_visitor_is_their_own(visit: Visit) -> None:
    keys = {visit().evaluate("localStorage.getItem('playground.owner')") for _ in range(2)}
    assert len(keys) == 2
