"""From toggles to a verdict: three variants made equal in parameters, three seeds, bands, intervals, and more seeds."""

import re

import pytest
from playwright.sync_api import expect
from visitor import Visit, ended, settled, started

pytestmark = pytest.mark.browser
TINY = "shape.layers=1,shape.width=32"
THREE = f"?a=gpt-2,{TINY}&b=gpt-2,{TINY},heads.kv=1&c=llama-3,{TINY}&recipe.data=recall:4:8&recipe.tokens=12000"
LINES = "() => document.querySelector('.plot').data.filter(line => line.fill === 'toself' && line.y.length > 2).length"


def test_three_variants_with_three_seeds_matched_in_parameters(visit: Visit) -> None:
    page = visit(THREE)
    page.locator(".bar").get_by_role("textbox", name="Seeds").fill("3")
    page.locator(".bar").get_by_role("textbox", name="Seeds").press("Tab")
    page.locator(".bar").get_by_role("combobox", name="Match", exact=True).select_option("parameters")
    settled(page)
    assert "seeds=3" in page.url and "match=parameters" in page.url
    first, second, third = (page.locator(".fairness").nth(n).inner_text() for n in range(3))
    assert first == "the others are matched to this one"
    for said in (second, third):
        found = re.search(r"d_ff [\d,]+ → [\d,]+ · parameters [+−]([\d.]+) %", said)
        assert found and float(found[1]) <= 1, said
    started(page)
    ended(page, "Finished")
    verdict = page.locator(".verdict")
    expect(verdict).to_contain_text("3 seeds")
    expect(verdict.locator(".interval")).to_have_count(2)
    assert verdict.locator(".interval .whisker").count() == 6 and verdict.locator("svg").first.get_attribute(
        "aria-label"
    )
    assert page.evaluate(LINES) >= 3  # a band a variant

    verdict.get_by_role("button", name="Add 2 seeds").click()
    ended(page, "Finished")
    expect(verdict).to_contain_text("5 seeds")
    assert "seeds=5" in page.url
    page.reload()
    expect(page.locator(".verdict")).to_contain_text("5 seeds")


def test_a_match_that_has_no_solution_says_which_bound_was_hit(visit: Visit) -> None:
    page = visit(f"?a=gpt-2,{TINY}&b=gpt-2,shape.layers=4&match=parameters")
    expect(page.locator(".says")).to_contain_text("smallest d_ff, 1,")
    assert page.locator("button.train").is_disabled()
    page.locator(".bar").get_by_role("combobox", name="Match", exact=True).select_option("none")
    settled(page)
    assert page.locator("button.train").is_enabled()


def test_matching_in_time_makes_the_budget_seconds_and_gives_it_back(visit: Visit) -> None:
    page = visit(THREE)
    match = page.locator(".bar").get_by_role("combobox", name="Match", exact=True)
    match.select_option("time")
    settled(page)
    assert "match=time" in page.url and "recipe.seconds=" in page.url and "recipe.tokens" not in page.url
    assert page.locator("button.train").is_enabled()
    match.select_option("none")
    settled(page)
    assert "recipe.tokens=12000" in page.url and "seconds" not in page.url
