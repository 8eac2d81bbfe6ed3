"""Ten experiments in a row on one server, as a visitor does them: what its process and its workers hold after each.

Each is trained to its end, looked at, exported and generated from, so that like is compared with like. Needs what
`bench startup` needs. There is no peer to measure: the first experiment is what the last is compared with.
"""

import tempfile
from pathlib import Path
from typing import Any

from playground.bench.measure import Report, Spread
from playground.bench.startup import WAIT, children, opened, resident_bytes, served

EXPERIMENTS = 10
PAIR = "v=1&a=gpt-2&b=llama-3&recipe.tokens=60000"
SENTENCE = "Mia lost her kite."
METRIC = "resident_bytes"


def report() -> Report:
    """Resident bytes of the server and of its largest worker, after every experiment; the last over the first."""
    found, held = Report(), []
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        served(Path(home)) as (url, process, _),
        opened(url) as page,
    ):
        for number in range(1, EXPERIMENTS + 1):
            experiment(page, url)
            held.append(
                {"server": resident_bytes(process.pid), "worker": max(map(resident_bytes, children(process.pid)))}
            )
            for who, size in held[-1].items():
                found.row(f"after {number}", who, METRIC, Spread.of([size]))
    found.ratios[METRIC] = {f"{who} last/first": held[-1][who] / held[0][who] for who in held[0]}
    return found


def experiment(page: Any, url: str) -> None:
    """Train the default pair to its end, look at its attention, export both and generate from both."""
    page.goto(f"{url}?{PAIR}")
    page.wait_for_selector("#playground[data-ready]")
    page.wait_for_function("() => document.querySelector('#playground').dataset.described === 'now'")
    page.locator("button.train").click()
    page.wait_for_function("() => document.querySelector('.says').textContent.includes('Finished')")
    attention = page.locator("[data-panel=attention]")
    attention.get_by_label("A sentence to look at").fill(SENTENCE)
    press(attention.get_by_role("button", name="Look", exact=True))
    attention.locator("canvas").first.wait_for()
    says = page.locator("[data-panel=says]")
    press(says.get_by_role("button", name="Export and generate"))
    says.get_by_role("button", name="Generate", exact=True).wait_for(timeout=WAIT)
    page.wait_for_function("() => !document.querySelector('[data-panel=says] .column .generated').matches(':empty')")


def press(button: Any) -> None:
    """Click in the middle of the window, where nothing that stays in view covers it."""
    button.evaluate("element => element.scrollIntoView({block: 'center'})")
    button.click()
