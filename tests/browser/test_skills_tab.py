"""The skills tab: the grid shows what the runs reached, a row opens to curve and times; a profile starts and stops."""

import json
from contextlib import closing

import pytest
from playwright.sync_api import expect
from profiled import plant
from visitor import PHONE, Site, Visit

from playground.store import Store

pytestmark = pytest.mark.browser


def right(task: str, level: int, variant: int) -> float:
    """One layer guesses on recall; both variants do everything else, less well the harder it is."""
    return 0.25 if task == "recall" and variant == 1 else 1 - 0.04 * level


def test_the_grid_shows_what_the_runs_reached(visit: Visit, site: Site) -> None:
    with closing(Store(site.home.database)) as store:
        ids = plant(store, site.home.root / "planted", ["gpt-2", "gpt-2,shape.layers=1"], right)
    page = visit("?tab=skills", PHONE)
    expect(page.locator(".skills-says")).to_contain_text("Nothing has been profiled yet")
    page.evaluate("ids => localStorage.setItem('playground.skills', ids)", json.dumps(ids))
    page.reload()
    row = page.locator("[data-task=recall]")
    expect(row.locator("td[data-letter=A] .level")).to_have_text(["100", "96", "92"])
    expect(row.locator("td[data-letter=B] .level")).to_have_text(["25", "25", "25"])
    expect(row.locator("td[data-letter=A] .level.solved")).to_have_count(2)  # 95 % was reached at two
    expect(row.locator("td[data-letter=B] .level").first).to_have_attribute(
        "aria-label", "recall:2:4: 25.0 % right; guessing gives 25 %"
    )
    row.get_by_role("button").press("Enter")
    details = page.locator("[data-task=recall] + .skills-more")
    expect(details.locator(".skills-times tbody tr").first.locator("td")).to_have_text(
        ["6 s · 50 k tokens", "not reached"]
    )
    # Guessing and the two variants, each at the three difficulties.
    expect(details.locator(".scatterlayer .trace")).to_have_count(3)
    assert details.locator(".scatterlayer .trace path.point").count() == 6
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    page.evaluate("localStorage.removeItem('playground.skills')")


def test_a_profile_starts_stops_and_refuses_in_words(visit: Visit) -> None:
    page = visit("?a=gpt-2,shape.width=144,heads.query=9,heads.kv=9&tab=skills")
    start = page.get_by_role("button", name="Profile A", exact=True)
    start.click()
    expect(page.locator(".notice")).to_contain_text("A cannot be had at the size of a profile, 64 wide")
    page.goto(f"{page.url.split('?')[0]}?a=gpt-2&tab=skills&recipe.data=recall:9:4")
    page.wait_for_selector("#playground[data-ready]")
    page.get_by_role("radio", name="3").check()
    start.click()
    expect(page.locator(".skills-says")).to_contain_text("of 21 runs ended")
    page.get_by_role("button", name="Stop", exact=True).locator("visible=true").click()
    expect(page.locator(".skills-says")).to_contain_text("Stopped")
    expect(start).to_be_enabled()
    # A task with settings that cannot be is refused where it is trained.
    page.locator("#tab-compare").click()
    page.locator("button.train").click()
    expect(page.locator(".notice").last).to_contain_text("Recall cannot ask for 9 pairs of 4 keys")
