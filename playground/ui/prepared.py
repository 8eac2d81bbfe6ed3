"""What ships with the project: a finished experiment, to look at before anything is trained.

`assets/experiments/shown-first.json` is made by `python -m scripts.shown_first`, which trains it.
"""

import json
from functools import cache
from typing import Any

from playground.ui.files import ASSETS

Json = dict[str, Any]
START = "v=1&a=gpt-2&b=llama-3&recipe.tokens=200000&seeds=3"  # what a page begins with whose address names nothing
SHOWN_FIRST = ASSETS / "experiments" / "shown-first.json"


@cache
def shipped() -> Json | None:
    """The finished experiment as the page's results read it; None where it has not been made."""
    return json.loads(SHOWN_FIRST.read_text("utf-8")) if SHOWN_FIRST.is_file() else None
