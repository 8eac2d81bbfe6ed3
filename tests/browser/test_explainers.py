"""The explainers in a browser: every formula is the model's own, and what a picture shows and says is what follows."""

import itertools
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
import torch
from playwright.sync_api import Browser, Page, expect
from visitor import PHONE, Site, Visit, card, settled

from models.architecture import Architecture
from models.caps import soft_cap
from models.cost import cache_bytes
from models.frequencies import SCALINGS, Stretch
from models.hooks import Place
from models.norm.layernorm import LayerNorm
from models.norm.rmsnorm import RMSNorm
from models.position.alibi import slopes
from models.position.t5 import buckets
from models.rotation import Rotation
from models.spelling import change
from models.waves import waves
from playground import explainers
from playground.ui.files import ASSETS, address

pytestmark = pytest.mark.browser

SPANS = (
    {"span": "window", "span.window": "5"},
    {"span": "dilated", "span.window": "3", "span.stride": "4"},
    {"span": "strided", "span.stride": "6"},
    {"span": "chunked", "span.chunk": "7"},
    {"span": "global_tokens", "span.globals": "3"},
    {"span": "window~global_tokens", "span.window": "5", "span.globals": "2"},
    {"span": "window", "span.window": "5", "span.pattern": "alternate"},
    {"span": "full"},
)
HEARS = "?a=mistral,span=window,span.window=8,shape.layers=4&b=gemma-2"


def asked(page: Page, body: str, given: Any = None) -> Any:
    """What a function body gives in the page, with the formulas as `f`, `given`, and the numbers 0 to 23 as `ALL`."""
    script = address(ASSETS / "js" / "explain" / "formulas.js")
    load = f"const f = await import(new URL('{script}', document.baseURI));"
    return page.evaluate(f"async (given) => {{ {load} const ALL = [...Array(24).keys()]; {body} }}", given)


def close(found: Any, expected: Any, tolerance: float = 1e-5) -> None:
    one, other = (torch.tensor(values, dtype=torch.float64) for values in (found, expected))
    torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


def masks_LTT(architecture: Architecture) -> torch.Tensor:
    """Who sees whom in every layer of the model."""
    places = torch.arange(architecture.shape.context)
    causal_TT = places[:, None] >= places
    seen = (architecture.span.visible(places, places, layer) for layer in range(architecture.shape.layers))
    return torch.stack([causal_TT if mask is None else causal_TT & mask for mask in seen])


@pytest.fixture(scope="module")
def page(site: Site, browser: Browser) -> Iterator[Page]:
    """A page that formulas can be called in; nothing on it is used."""
    page = browser.new_page()
    page.goto(site.url)
    yield page
    page.close()


def test_rope_turns_as_the_model_does(page: Page) -> None:
    for scaling, theta, turned in itertools.product(SCALINGS, (100.0, 500_000.0), (2, 16)):
        rest = {"factor": 8.0, "original": 64, "low": 1.0, "high": 4.0, "fast": 32.0, "slow": 1.0, "truncate": True}
        turning = SCALINGS[scaling](Stretch(turned=turned, theta=theta, **rest))
        how = {"turned": turned, "theta": theta, **rest, "head": 16, "scaling": scaling, "attention_factor": None}
        close(asked(page, "return f.frequencies(given)", how), list(turning.frequencies))
        ones = torch.ones(1, 1, 100, 16)
        at = Place(layer=0, positions_T=torch.arange(100), scale=1.0)
        q_BHTK, k_BGTK = Rotation([turning], "half").on_rotation((ones, ones), at)
        score_T = (q_BHTK @ k_BGTK[0, 0, 0]).flatten() / 16
        body = "return Array.from({length: 100}, (_, d) => f.ropeScore(given, d))"
        close(asked(page, body, how), score_T.tolist(), 1e-3)


def test_every_other_formula_is_the_models_own(page: Page) -> None:
    body = "return [...Array(32).keys()].map((h) => f.slopes(h + 1, given))"
    for reach in (4.0, 8.0):
        assert asked(page, body, reach) == [pytest.approx(slopes(heads, reach)) for heads in range(1, 33)]
    for count, farthest in ((32, 128), (6, 20), (16, 500)):
        body = "return [...Array(given.distance + 1).keys()].map((d) => f.bucket(d, given))"
        assert asked(page, body, {"buckets": count, "distance": farthest}) == buckets(count, farthest)
    sines = asked(page, "return [...Array(8).keys()].map((i) => Math.sin(7 * f.wave(i, 16)))")
    close(sines, waves(torch.tensor([7]), 16)[0, ::2].tolist())
    x = torch.linspace(-90, 90, 19, requires_grad=True)
    (slope,) = torch.autograd.grad(soft_cap(x, 30.0).sum(), x)
    close(asked(page, "return given.map((x) => f.softCap(x, 30))", x.tolist()), soft_cap(x, 30.0).tolist())
    close(asked(page, "return given.map((x) => f.softCapSlope(x, 30))", x.tolist()), slope.tolist())
    for name, norm in {"layernorm": LayerNorm(), "rmsnorm": RMSNorm()}.items():
        vector = torch.tensor([0.3, -1.5, 4.0, 2.5])
        given = {"name": name, "x": vector.tolist(), "eps": norm.eps}
        close(asked(page, "return f.NORMS[given.name](given.x, given.eps)", given), norm.module(4)(vector).tolist())


def test_what_a_span_shows_is_what_the_model_sees_and_keeps(page: Page) -> None:
    cache = address(ASSETS / "js" / "explainers" / "cache.js")
    for changes in SPANS:
        architecture = change(Architecture(), {"shape.layers": "3", "shape.context": "24", "heads.kv": "2"} | changes)
        values = explainers.of(architecture)["cache"]["values"]
        sees = "return [0, 1, 2].map((l) => ALL.map((i) => ALL.map((j) => f.sees(i, j, given, l))))"
        mask_LTT = masks_LTT(architecture)
        assert asked(page, sees, values) == mask_LTT.tolist()
        heard_TT = (mask_LTT[0].long().T @ mask_LTT[1].long().T @ mask_LTT[2].long().T).T > 0
        body = "return ALL.map((q) => f.receptive(q, given, 3)[0])"
        rows = [row + [False] * (24 - len(row)) for row in asked(page, body, values)]
        assert rows == heard_TT.tolist()
        held = (
            f"const m = await import(new URL('{cache}', document.baseURI)); return ALL.map((t) => m.held(given, t + 1))"
        )
        assert asked(page, held, values) == [cache_bytes(architecture, length) for length in range(1, 25)]


def test_what_is_not_there_has_nothing_to_show() -> None:
    whole = explainers.of(Architecture())
    assert {"norm", "activation", "span", "cache"} <= whole.keys() <= explainers.usual().keys()
    without = explainers.of(change(Architecture(), {"layout.attention": "off", "position": "rope"}))
    assert not {"span", "cache", "rope"} & without.keys() and "activation" in without
    assert "activation" not in explainers.of(change(Architecture(), {"layout.feed_forward": "off"}))


def test_a_choice_opens_its_picture_with_its_own_values(visit: Visit) -> None:
    page = visit(HEARS)
    row = card(page, "A").locator(".axis[data-axis=span]")
    row.get_by_role("button", name="Explain Span of A").click()
    dialog = page.locator("dialog[open]")
    window, layers = (dialog.get_by_role("slider", name=name) for name in ("window W", "layers"))
    expect(window).to_have_value("8")
    # A window of W reaches W − 1 further with each layer.
    expect(dialog.locator(".x-says")).to_contain_text("Through 4 layers token 63 hears of 29 of the 64 tokens")
    assert dialog.locator("svg .x-fill").count() == 1 + 8 + 15 + 22 + 29
    asked: list[str] = []  # whatever else the page may ask for meanwhile
    page.on("request", lambda request: asked.append(request.post_data or ""))
    layers.focus()
    page.keyboard.press("ArrowLeft")
    expect(dialog.locator(".x-says")).to_contain_text("Through 3 layers token 63 hears of 22 ")
    dialog.get_by_role("radio", name="full", exact=True).check()
    expect(dialog.locator(".x-says")).to_contain_text("hears of 64 of the 64 tokens")
    assert not [one for one in asked if "explained" in one]  # dragging asks nobody
    dialog.get_by_role("button", name="Back to these values").click()
    expect(window).to_have_value("8")
    page.keyboard.press("Escape")
    # The diagram leads to the same, in the colour of its variant: Gemma 2 caps its scores at 50.
    card(page, "B").locator(".picture [data-shows=attention_cap]").first.click()
    expect(page.locator("dialog[open] .explainer")).to_have_attribute("data-letter", "B")
    expect(page.locator("dialog[open] .x-says")).to_contain_text("60 becomes 41.68 under a cap of 50")
    page.keyboard.press("Escape")
    # What cannot be built has nothing to show.
    kv = card(page, "A").get_by_label("key/value heads")
    kv.fill("3")
    kv.press("Enter")
    settled(page)
    expect(row.locator("button.explain")).to_be_hidden()


def test_they_stand_together_and_a_phone_shows_them(visit: Visit) -> None:
    page = visit("?a=gpt-2,position=alibi&tab=explainers", PHONE)
    cards = page.locator(".explainer-card")
    expect(cards).to_have_count(9)
    alibi = page.locator("#explain-alibi")
    expect(alibi.locator(".x-foot")).to_contain_text("the values of A")
    expect(page.locator("#explain-t5 .x-foot")).to_contain_text("no variant has this")
    expect(alibi.locator(".x-says")).to_contain_text("4 heads, slopes from 0.25 to 0.003906")
    assert alibi.locator("line.x-line").count() == 4
    alibi.get_by_role("slider", name="query heads").press("ArrowRight")
    assert alibi.locator("line.x-line").count() == 5
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    norm = page.locator("#explain-norm .x-says")
    expect(norm).to_have_text("The mean of x is 1.5; after LayerNorm it is 0, after RMSNorm 0.8308.")
    files = alibi.locator(".x-files").get_by_role("button")
    with page.expect_download() as lines:
        files.nth(0).click()
    svg = ElementTree.parse(lines.value.path()).getroot()
    drawn = svg.findall(
        "{http://www.w3.org/2000/svg}line[@stroke='rgb(0, 114, 178)']"
    )  # in A's colour, no style sheet needed
    assert len(drawn) == 5 and not svg.findall(".//*[@class]")
    with page.expect_download() as pixels:
        files.nth(1).click()
    assert pixels.value.path().read_bytes().startswith(b"\x89PNG")
    nameless = page.locator(".explainer-card").locator("svg:not([aria-hidden]):not([aria-label])")
    assert nameless.count() == 0
