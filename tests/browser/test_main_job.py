"""The whole main job, as a newcomer does it: toggle, train, stop, train again, look, export, run, download, share."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from playwright.sync_api import Locator, Page, expect
from visitor import Visit, choose, ended, settled, started

from playground.data import load

pytestmark = pytest.mark.browser
EXPORTED = 180_000  # ms: two exports on a slow shared machine
SMALL = "a=gpt-2,shape.layers=2,shape.width=64&b=llama-3,shape.layers=2,shape.width=64&recipe.tokens=40000"


def panel(page: Page, title: str) -> Locator:
    return page.locator("article.panel", has=page.get_by_role("heading", name=title, exact=True))


def click(locator: Locator) -> None:
    """Clicks in the middle of the window: header and recipe stay in view and cover what is at its edges."""
    locator.evaluate("element => element.scrollIntoView({block: 'center'})")
    locator.click()


def upload(page: Page, file: Path) -> None:
    page.locator(".bar").get_by_role("combobox", name="Data").select_option("text")
    page.locator("dialog input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name="Use this text").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    settled(page)


def train_stopping_once(page: Page) -> None:
    """Trains, stops, and trains to the end."""
    started(page)
    page.locator("button.stop").click()
    ended(page, "Stopped")
    started(page)
    ended(page, "Finished")


def look(page: Page, sentence: str) -> None:
    """Every head of both variants shows where the typed sentence looks; nothing in it is beyond the causal past."""
    attention = panel(page, "Attention")
    attention.get_by_label("A sentence to look at").fill(sentence)
    click(attention.get_by_role("button", name="Look", exact=True))
    for letter in (0, 1):
        expect(attention.locator(".column").nth(letter).locator("canvas").first).to_be_visible()
    click(attention.locator(".column").first.get_by_role("button", name="layer 1, head 1,"))
    attention.locator("canvas[tabindex='0']").first.press("ArrowLeft")
    expect(attention.locator(".readout").first).to_contain_text("looks at")


def export_and_generate(page: Page) -> list[str]:
    """What both variants write from their exported files."""
    says = panel(page, "What each says next")
    click(says.get_by_role("button", name="Export and generate"))
    expect(says.get_by_role("button", name="Generate", exact=True)).to_be_enabled(timeout=EXPORTED)
    expect(panel(page, "ONNX export").locator(".file")).to_have_count(2)
    expect(panel(page, "ONNX export").locator(".file", has_text="✓ Checked")).to_have_count(2)
    return [says.locator(".column").nth(n).locator(".generated").first.inner_text() for n in (0, 1)]


def download(page: Page, letter: str) -> onnxruntime.InferenceSession:
    with page.expect_download() as waiting:
        click(panel(page, "ONNX export").get_by_role("link", name=f"Download {letter} as ONNX"))
    return onnxruntime.InferenceSession(waiting.value.path(), providers=["CPUExecutionProvider"])


def reads(session: onnxruntime.InferenceSession) -> None:
    """A bare onnxruntime runs the file from an empty cache, and the file says what it is."""
    about = session.get_modelmeta().custom_metadata_map
    heads = json.loads(about["playground.architecture"])["heads"]
    feed = {"input_ids": np.zeros((2, 5), np.int64), "position_ids": np.tile(np.arange(5), (2, 1))}
    for value in session.get_inputs():
        if value.name.startswith("past_key_values"):
            feed[value.name] = np.zeros((2, heads["kv"], 0, value.shape[3]), np.float32)
    needed = {value.name for value in session.get_inputs()}
    logits = session.run(["logits"], {name: array for name, array in feed.items() if name in needed})[0]
    assert isinstance(logits, np.ndarray)
    assert logits.shape[:2] == (2, 5) and np.isfinite(logits).all()


def chosen(page: Page) -> list[tuple[str, str]]:
    """Every option and number that the cards show."""
    return page.locator(".variant .axis input").evaluate_all(
        "all => all.map(e => [e.name.replace(/\\d+/, '') + e.value, e.type == 'text' ? e.value : String(e.checked)])"
    )


@pytest.mark.parametrize("data", ["tales", "upload"])
def test_the_whole_main_job(visit: Visit, tmp_path: Path, data: str) -> None:
    page = visit(f"?{SMALL}", permissions=["clipboard-read", "clipboard-write"])
    if data == "upload":
        file = tmp_path / "documentation.txt"
        file.write_text(load("python-docs").text[:200_000], "utf-8")
        upload(page, file)
    choose(page, "B", "placement", "double")
    expect(page.locator(".difference")).to_contain_text("double")
    train_stopping_once(page)
    look(page, "Mia lost her kite.")
    texts = export_and_generate(page)
    assert all(len(text) > 40 for text in texts)
    for letter in "AB":
        reads(download(page, letter))
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    fresh = visit("?" + page.evaluate("navigator.clipboard.readText()").partition("?")[2])
    settled(fresh)
    for each in (page, fresh):
        edit = each.get_by_role("button", name="Edit variant A")
        if edit.is_visible():
            edit.click()
    assert chosen(fresh) == chosen(page)
    assert fresh.locator(".bar").get_by_role("textbox", name="Tokens").input_value() == "40 k"
