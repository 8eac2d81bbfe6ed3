"""What ships with the project: finished experiments, to look at before anything is trained, and to be shown at once.

`python -m scripts.prepared` trains them: an archive each in `assets/gallery/`, and what the page shows first.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from models.text import Text
from playground.ui.files import ASSETS
from playground.ui.tries import TRIES

Json = dict[str, Any]
START = "v=1&a=gpt-2&b=llama-3&recipe.tokens=200000&seeds=3"  # what a page begins with whose address names nothing
LADDER = "v=1&a=gpt-2&b=llama-3&recipe.tokens=100000&ladder=on"
SHOWN_FIRST = ASSETS / "experiments" / "shown-first.json"
FIRST = "shown-first"  # its name
TRIED = ("recall", "post-norm", "no-attention", "window")  # the tries that need no model to be looked at


@dataclass(frozen=True, slots=True)
class Prepared:
    """A finished experiment that ships: an address may name it, `run=NAME`."""

    name: str
    title: Text
    says: Text  # what there is to be seen
    query: str  # the experiment, as a link spells it


PREPARED: tuple[Prepared, ...] = (
    Prepared(
        FIRST,
        Text("GPT-2 and LLaMA 3", "GPT-2 与 LLaMA 3"),
        Text(
            "Five years of choices: on the same text, with the same budget, B ends far lower, with every seed.",
            "五年间的选择之差：同样的文本、同样的预算，每个种子下 B 的损失都明显更低。",
        ),
        START,
    ),
    *(Prepared(each.id, each.title, each.says, each.query) for each in TRIES if each.id in TRIED),
    Prepared(
        "ladder",
        Text("Which change did it?", "是哪项改动起了作用？"),
        Text(
            "From GPT-2 to LLaMA 3 a change at a time, and each change alone: few of them do most of it.",
            "从 GPT-2 到 LLaMA 3 逐项改动，并单独看每一项：大部分差距来自其中少数几项。",
        ),
        LADDER,
    ),
)


@cache
def shipped() -> Json | None:
    """The finished experiment as the page's results read it; None where it has not been made."""
    return json.loads(SHOWN_FIRST.read_text("utf-8")) if SHOWN_FIRST.is_file() else None
