"""Which variant, which precision: train two, export them in three precisions, race them, and read off what to keep."""

import re
from pathlib import Path
from typing import Any

import pytest
from measurement import HEADS, QUERY, STEP, WINDOW
from playwright.sync_api import Locator, Page, expect
from visitor import Visit, ended, settled, started

from playground.decode import generate
from playground.fast import write_fast
from playground.sampling import Sampling
from playground.session import FAST_SUFFIX, fastest
from playground.throughput.measure import SIZES

pytestmark = pytest.mark.browser
LONG = 180_000  # ms: two exports, or two comparisons, on a slow shared machine
TINY = "shape.layers=1,shape.width=64"
PAIR = f"a=llama-3,{TINY}&b=gpt-2,{TINY}&recipe.tokens=20000"
PRECISIONS = ("fp32", "int8", "int4")


def panel(page: Page, title: str) -> Locator:
    return page.locator("article.panel", has=page.get_by_role("heading", name=title, exact=True))


def click(locator: Locator) -> None:
    """Clicks in the middle of the window: header and recipe stay in view and cover what is at its edges."""
    locator.evaluate("element => element.scrollIntoView({block: 'center'})")
    locator.click()


def files(page: Page, folder: Path) -> dict[tuple[str, str], Path]:
    """The exported file of every variant and precision, from the links of the table."""
    found = {}
    for row in panel(page, "ONNX export").locator("tbody tr:not(.unseen tr)").all():
        letter, precision = row.get_attribute("data-letter"), row.get_attribute("data-precision")
        assert letter and precision
        file = folder / f"{letter}-{precision}.onnx"
        address = row.get_by_role("link").evaluate("link => link.href")
        file.write_bytes(page.request.get(address).body())
        found[letter, precision] = file
    return found


def kept(page: Page, letter: str) -> str:
    """The smallest precision that the table says loses at most 0.01 nats."""
    chosen = "fp32"
    for precision in PRECISIONS[1:]:
        row = panel(page, "ONNX export").locator(f"tr[data-letter={letter}][data-precision={precision}]")
        change = float(row.locator("td").nth(3).inner_text().replace("−", "-"))
        chosen = precision if change <= 0.01 else chosen
    return chosen


def test_a_newcomer_trains_exports_races_and_learns_which_to_keep(visit: Visit, tmp_path: Path) -> None:
    page = visit(f"?{PAIR}")
    settled(page)
    started(page)
    ended(page, "Finished")
    says, export = panel(page, "What each says next"), panel(page, "ONNX export")
    click(says.get_by_role("button", name="Export and generate"))
    expect(says.get_by_role("button", name="Generate", exact=True)).to_be_enabled(timeout=LONG)
    expect(says.locator("select option[value=int4]")).to_be_disabled()  # no such files yet
    click(export.get_by_role("button", name="Compare precisions"))
    expect(export.locator("tbody tr:not(.unseen tr)")).to_have_count(2 * len(PRECISIONS), timeout=LONG)
    made = files(page, tmp_path)
    for letter in "AB":
        sizes = [made[letter, precision].stat().st_size for precision in PRECISIONS]
        assert sizes[0] > sizes[1] > sizes[2]
        expect(export.locator(f"p[data-letter={letter}]")).to_have_attribute("data-keep", kept(page, letter))
    race(page, says, made)
    refused(page, says)


def race(page: Page, says: Locator, made: dict[tuple[str, str], Path]) -> None:
    """Both write at once with the files in four bits, each at a speed of its own: what these files write."""
    says.locator("select[name=precision]").select_option("int4")
    says.get_by_label("How the text begins").fill("Mia ")
    says.get_by_label("Tokens").fill("30")
    click(says.get_by_role("button", name="Generate", exact=True))
    for number, letter in enumerate("AB"):
        column = says.locator(".column").nth(number)
        expect(column).to_contain_text("All 30 tokens are written.")
        speed = r"^[\d.]+( k)? tokens/s · first token after [\d.]+ m?s · 30 tokens · CPU, fast form$"
        expect(column.locator(".speed")).to_have_text(re.compile(speed))
        file = made[letter, "int4"]
        write_fast(file, file.with_suffix(FAST_SUFFIX))  # which the page writes with: it rounds at other places
        pieces = generate(fastest(file), "Mia ", 30, Sampling(0.8))
        assert column.locator(".generated").first.text_content() == "Mia " + "".join(piece.text for piece in pieces)


def refused(page: Page, says: Locator) -> None:
    """What cannot be written is named, and what is said stays."""
    for prompt, tokens, word in (
        ("", "30", "at least one"),
        *(("Mia ", many, "1 to 1,000") for many in ("0", "-5", "1000000")),
    ):
        says.get_by_label("How the text begins").fill(prompt)
        says.get_by_label("Tokens").fill(tokens)
        click(says.get_by_role("button", name="Generate", exact=True))
        expect(says.get_by_role("alert")).to_contain_text(word)


LINES = (
    "document.querySelector('section.measured .plot')?.data"
    "?.filter(line => line.showlegend !== false && line.x[0] != null)"
)


def lines(page: Page) -> list[dict[str, Any]]:
    """What the chart of the throughput panel draws, without the dotted bounds."""
    return page.evaluate(f"() => {LINES}.map(({{name, x, y}}) => ({{name, x: [...x], y: [...y]}}))")


def show(page: Page, *words: str) -> None:
    """Set these switches of the chart."""
    for word in words:
        panel(page, "Throughput").locator(f".measured input[value={word}]").check()


def drawn(page: Page, count: int) -> None:
    """Wait until the chart has so many lines."""
    page.wait_for_function(f"count => {LINES}?.length === count", arg=count)


def test_what_heads_and_windows_cost_is_read_off_the_chart(visit: Visit) -> None:
    page = visit(f"?{QUERY}")
    throughput = panel(page, "Throughput")
    drawn(page, 3)
    speeds = [line["y"] for line in lines(page)]
    assert speeds[0] == pytest.approx([1 / STEP["fp32"]] * 3) and speeds[1] == pytest.approx([2 / STEP["fp32"]] * 3)
    show(page, "cache")
    page.wait_for_function("() => document.querySelector('section.measured .plot').data.length === 3")  # no bound
    mha, mqa, window = lines(page)
    assert mha["x"] == mqa["x"] == window["x"] == [64, 256, 1024]
    assert mha["y"] == [HEADS * kept for kept in mqa["y"]]
    assert len(set(window["y"])) == 1 and window["y"][0] * 64 == mha["y"][0] * WINDOW
    show(page, "decode", "all")
    drawn(page, 3 * len(STEP))
    show(page, "batch", "int4")
    drawn(page, 3)
    assert lines(page)[0]["x"] == [1, 4, 16]
    show(page, "compiled")
    expect(throughput.locator(".chart .empty")).to_contain_text("torch compiled was not measured")
    expect(throughput.locator(".notes")).to_contain_text(f"Context {SIZES[-1].context:,}, batch 1 was left out")


def test_measuring_is_acknowledged_at_once_and_stopped(visit: Visit) -> None:
    page = visit(f"?a=llama-3,{TINY}")
    settled(page)
    throughput = panel(page, "Throughput")
    expect(throughput.locator(".chart .empty")).to_contain_text("“Measure” fills this chart")
    click(throughput.get_by_role("button", name="Measure", exact=True))
    expect(throughput.get_by_role("button", name="Measuring …")).to_be_disabled()
    click(throughput.get_by_role("button", name="Stop", exact=True))
    expect(throughput.get_by_role("button", name="Stop", exact=True)).to_be_disabled()
    expect(throughput.get_by_role("button", name="Measure", exact=True)).to_be_enabled(timeout=LONG)
