"""Length on a real page: beyond the trained length ALiBi's loss stays flat, and the learned table's curve ends."""

import pytest
from playwright.sync_api import expect
from visitor import Visit, ended, started

pytestmark = pytest.mark.browser
TINY = "shape.layers=1,shape.width=32,shape.context=32"
PAIR = f"?a=gpt-2,{TINY},position=alibi&b=gpt-2,{TINY}&recipe.tokens=40000"


def test_alibi_stays_and_the_learned_table_ends(visit: Visit) -> None:
    page = visit(PAIR)
    panel = page.locator("article.panel", has=page.get_by_role("heading", name="Length", exact=True))
    expect(panel.get_by_role("button", name="Read beyond the trained length")).to_be_disabled()
    expect(panel).to_contain_text("Press Train")
    started(page)
    ended(page, "Finished")
    panel.get_by_role("button", name="Read beyond the trained length").click()
    findings = panel.locator(".sentences li")
    expect(findings).to_have_count(2)
    expect(findings.nth(0)).to_contain_text("stays: from 32 to 256 tokens")
    expect(findings.nth(1)).to_contain_text("its table of positions ends at 32")
    plot = panel.locator(".plot")
    lines = "plot => plot.data.filter(line => line.name).map(line => [line.name, line.x, line.y])"
    page.wait_for_function("plot => plot.data?.filter(line => line.name).length === 2", arg=plot.element_handle())
    (_, x, y), (_, learned, _) = plot.evaluate(lines)
    assert max(x) > 200 and max(learned) <= 32
    inside = [loss for position, loss in zip(x, y, strict=True) if 16 <= position <= 32]
    beyond = [loss for position, loss in zip(x, y, strict=True) if position > 32]
    assert abs(sum(beyond) / len(beyond) - sum(inside) / len(inside)) < 0.2  # other tokens: the texts differ by that
    panel.get_by_text("The same in numbers").click()
    learned_row = panel.locator("details tbody tr").nth(1).locator("td")
    expect(learned_row).to_have_text([learned_row.first.inner_text(), "–", "–", "–"])
    with page.expect_download() as download:
        plot.locator("[data-title='Save the numbers as CSV']").dispatch_event("click")
    rows = download.value.path().read_text().splitlines()
    assert rows[0].startswith('line,"position, tokens"') and len(rows) == 1 + len(x) + len(learned)
