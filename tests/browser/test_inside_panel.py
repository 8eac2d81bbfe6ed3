"""What goes on inside a run, read off the charts of a short training: QK norm bounds the largest attention logit, and
at initialization post-norm's gradients grow toward the output, where those of pre-norm shrink."""

import math

import pytest
from playwright.sync_api import expect
from visitor import Visit, settled, started

pytestmark = pytest.mark.browser
TINY = "shape.layers=2,shape.width=64,init=normal,init.std=0.3"
DEEP = TINY.replace("layers=2", "layers=6")
DRAWN = "name => document.querySelector(`[data-reading=${name}] .plot`)?.data?.map(({x, y}) => [[...x], [...y]]) ?? []"


def test_qk_norm_bounds_logits_and_post_norm_has_larger_gradients_near_the_output(visit: Visit) -> None:
    """Xiong et al. 2020, arXiv:2002.04745, section 3.3, for the gradients."""
    variants = f"a=gpt-2,{TINY}&b=gpt-2,{TINY},qk_norm=per_head&c=gpt-2,{DEEP}&d=gpt-2,{DEEP},placement=post"
    page = visit(f"?{variants}&recipe.tokens=30000")
    settled(page)
    started(page)
    panel = page.locator("article.panel", has=page.get_by_role("heading", name="Inside the run", exact=True))
    page.wait_for_function(f"() => ({DRAWN})('score').length === 16 && ({DRAWN})('score')[3][0].length > 1")
    page.wait_for_function(f"() => ({DRAWN})('gradient_attention').length === 16")
    first = [y[0] for _, y in page.evaluate(DRAWN, "gradient_attention")]
    pre, post = first[4:10], first[10:]
    assert post[-1] > post[0] and pre[-1] < pre[0] / 3, (pre, post)
    lines = page.evaluate(DRAWN, "score")
    bound = math.sqrt(64 / 4)  # K = 16: both vectors have norm √K, and the product is scaled by 1/√K
    assert all(x[0] == 0 for x, _ in lines)
    assert max(y[0] for _, y in lines[:2]) > 1.5 * bound and max(y[0] for _, y in lines[2:4]) <= 1.001 * bound
    expect(panel.locator(".shares")).to_contain_text("% of the time")
    expect(
        panel.get_by_role("checkbox", name="attention entropy, share of its most")
    ).to_be_disabled()  # four at a time
    panel.get_by_role("checkbox", name="residual stream, RMS").uncheck()
    panel.get_by_role("checkbox", name="attention entropy, share of its most").check()
    page.wait_for_function(f"() => ({DRAWN})('entropy').length === 16")
    assert all(0 < share <= 1 for _, y in page.evaluate(DRAWN, "entropy") for share in y)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("() => document.documentElement.scrollWidth <= 390")
