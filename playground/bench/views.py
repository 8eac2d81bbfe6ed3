"""How long each view of the page takes to answer: from what a visitor does to the frame in which the answer stands.

One server, one browser, the two variants that the page begins with; `views.js` says what is done. Needs what
`startup` needs; there is no peer to measure.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from playground.bench.measure import Report, Spread
from playground.bench.startup import opened, served

ROUNDS = 9
CHOSEN = "v=1&a=gpt-2&b=llama-3&recipe.tokens=40000"
REST = 300  # ms between two rounds
SETTLED = 3000  # ms after training, in which what is shown of it comes
DOES = Path(__file__).with_suffix(".js")


def report() -> Report:
    """Seconds until every view has answered."""
    found = Report()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        served(Path(home)) as (url, _, _),
        opened(f"{url}?{CHOSEN}&tab=explainers") as page,
    ):
        page.wait_for_selector("#explain-rope svg")
        page.evaluate("() => document.querySelector('#tab-compare').click()")
        page.wait_for_function("() => document.querySelector('#playground').dataset.described === 'now'")
        page.evaluate(DOES.read_text("utf-8"))
        measure(page, "chosen", found)
        train(page)
        measure(page, "trained", found)
    return found


def train(page: Any) -> None:
    """Train what is chosen to its end."""
    page.evaluate("() => document.querySelector('.code-sheet')?.close()")
    page.locator("button.train").click()
    page.wait_for_function("() => document.querySelector('.says').textContent.includes('Finished')")
    page.wait_for_timeout(SETTLED)


def measure(page: Any, when: str, found: Report) -> None:
    """A row for each of the views of that list."""
    for place, (name, does) in enumerate(page.evaluate(f"views.{when}.map(({{name, does}}) => [name, does])")):
        view = f"views.{when}[{place}]"
        page.evaluate(f"{view}.place?.().scrollIntoView({{block: 'start'}})")
        page.wait_for_timeout(REST)
        taken = [once(page, view, n) for n in range(ROUNDS)]
        print(name, does, *(f"{each:.3f}" for each in taken), file=sys.stderr)
        found.add(f"{name}: {does}", "seconds_to_answer", {"page": Spread.of(taken)}, ours="page")


def once(page: Any, view: str, n: int) -> float:
    """Seconds of one round; a moment of rest follows it."""
    milliseconds: float = page.evaluate(f"n => views.timed({view}, n)", n)
    page.wait_for_timeout(REST)
    return milliseconds / 1000
