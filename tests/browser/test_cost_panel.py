"""Cost on a real page: what is predicted is what a worker counts, and writing stands under the roofline's slope."""

import re

import pytest
from playwright.sync_api import expect
from visitor import Visit

pytestmark = pytest.mark.browser
PAIR = "?a=gpt-2,shape.layers=1,shape.width=32&b=llama-3,shape.layers=1,shape.width=32"


def test_predicted_equals_measured_and_decoding_is_bound_by_memory(visit: Visit) -> None:
    page = visit(PAIR)
    panel = page.locator("article.panel", has=page.get_by_role("heading", name="Cost", exact=True))
    findings = panel.locator(".sentences").first
    expect(findings).to_contain_text(
        re.compile(r"B, writing, 1 sequence: [\d.]+ FLOPs a byte, at most 0\.\d+ %")
    )  # H100
    panel.get_by_label("Machine").select_option("this machine")
    expect(panel).to_contain_text("not measured yet")
    panel.get_by_role("button", name="Measure").click()
    expect(panel.get_by_role("button", name="Measure again")).to_be_enabled()
    for quantity in ("parameters", "flops", "state", "cache"):
        cells = panel.locator(f"[data-quantity={quantity}] td").all_inner_texts()
        assert len(cells) == 4 and cells[0] == cells[1] and cells[2] == cells[3] and "–" not in cells, quantity
    for quantity in ("training", "prefill", "decode"):
        assert all(
            " ms" in cell or " s" in cell for cell in panel.locator(f"[data-quantity={quantity}] td").all_inner_texts()
        )
    expect(panel.locator(".sentences").last).to_contain_text(re.compile(r"norms and softmax are [\d.]+ % of the FLOPs"))
    shares = panel.locator(".plot").last
    page.wait_for_function("plot => plot.data?.length === 4", arg=shares.element_handle())
    bars = shares.evaluate("plot => plot.data.map(bar => bar.x)")
    assert all(sum(bar) == pytest.approx(1, abs=1e-6) for bar in bars)
    assert bars[0][0] > 0.9 > bars[1][0]  # products have the FLOPs, and not all of the time
