"""The catalogue as the page shows it: a row a system, a cell a choice, each with its source. Knows no HTML, no system.

What is a choice is grouped by its plain word ("RMSNorm", whatever its ε), so that systems can be filtered and counted.
"""

import re
from collections.abc import Callable
from typing import Any

from models.architecture import Architecture
from models.cost import parameters
from models.systems.base import NOT_PUBLISHED, READINGS, System, catalogue, choices
from models.text import Text
from playground.ui.catalogue import sentence
from playground.ui.controls import ROWS, STABILITY, Row, both, word_of

Json = dict[str, Any]
Group = tuple[str, Text]

OTHERS = tuple(Row(axis, (axis,)) for axis in ("embedding", "dropout"))
COLUMNS = (*ROWS, *OTHERS)
SWITCHED = STABILITY.axes  # of these only whether they are there
UNGROUPED = ("shape", "dropout")  # numbers: every system has its own
SAME = {"gelu_tanh": "gelu", "quick_gelu": "gelu", "geglu_tanh": "geglu"}  # forms of one function
PHRASES = {  # what a citation says beside names and numbers
    "configuration of the released model": "公开模型的配置",
    "code of the released model": "公开模型的代码",
    "model card": "模型卡",
    "code ": "代码 ",
    "blog": "博客",
    "; ": "；",
}
IN_THE_PAPER = ("§", "Table", "Appendix", "Figure")


def columns() -> list[Json]:
    """The columns after name, year, maker and size, in the order of the page's rows."""
    return [{"name": row.name, "title": both(_title(row)), "grouped": row.name not in UNGROUPED} for row in COLUMNS]


def rows() -> list[Json]:
    """Every system, the oldest first."""
    return [_row(system) for system in catalogue().values()]


def _titled(part: Json) -> Json:
    """Where several axes share a cell, a choice stands with its axis: "z-loss 1e-4", but "QK norm, RMSNorm"."""
    title, text = part["title"], part["text"]
    return part | {"text": {key: word if title[key] in word else f"{title[key]} {word}" for key, word in text.items()}}


def _title(row: Row) -> Text:
    return row.title or Architecture.axes()[row.axes[0]].axis_title


def _row(system: System) -> Json:
    said = choices(system)
    built = system.published is not None
    return {
        "id": system.id,
        "name": system.name,
        "year": system.year,
        "maker": system.maker,
        "size": system.size,
        "citation": system.citation,
        "reading": {"word": system.reading, "title": both(READINGS[system.reading])},
        "left_out": system.left_out and both(system.left_out),
        "notes": [both(note) for note in system.notes],
        "rounded": [both(text) for text in system.rounded] if built else [],
        "parameters": parameters(system.full) if built else None,
        "twin_parameters": parameters(system.twin) if built else None,
        "cells": {row.name: _cell(system, row, said) for row in COLUMNS},
    }


def _cell(system: System, row: Row, said: dict[str, Text]) -> Json:
    """What stands in a cell: a part an axis, without those that say "—" where others say something; and its groups."""
    parts = [_part(system, axis, said[axis]) for axis in row.axes]
    telling = [_titled(part) if len(parts) > 1 else part for part in parts if part["text"]["en"] != "—"]
    groups = [] if row.name in UNGROUPED else _groups(system, row, said)
    return {"parts": parts, "shown": telling or parts[:1], "groups": [{"word": w, "title": both(t)} for w, t in groups]}


def _part(system: System, axis: str, text: Text) -> Json:
    return {
        "title": both(Architecture.axes()[axis].axis_title),
        "text": both(text),
        "source": _source(system, axis),
        "unknown": both(system.unknown[axis]) if axis in system.unknown else None,
        "marks": _marks(system, axis, text),
    }


def _source(system: System, axis: str) -> Json | None:
    """Where a choice was read, with the paper where only its section is given; None where that is nowhere."""
    source = system.citations.get(axis)
    if source is None:
        return None
    whole = f"{system.citation}, {source}" if source.startswith(IN_THE_PAPER) else source
    chinese = whole
    for phrase, translated in PHRASES.items():
        chinese = chinese.replace(phrase, translated)
    return both(Text(whole, chinese))


def _marks(system: System, axis: str, text: Text) -> list[str]:
    """The words that a reader should see beside a choice before quoting it."""
    found = {
        "memory": axis in system.from_memory,
        "partly": axis in system.unknown and text != NOT_PUBLISHED,
        "left_out": axis in system.facts and system.published is not None,  # else all of it is
    }
    return [mark for mark, holds in found.items() if holds]


def _groups(system: System, row: Row, said: dict[str, Text]) -> list[Group]:
    found = [_group(system, axis, said[axis]) for axis in row.axes]
    distinct = dict(found)
    used = [group for group in distinct.items() if group[0] not in ("none", "unpublished")]
    return used or [group for group in distinct.items() if group[0] == "none"] or list(distinct.items())


def _group(system: System, axis: str, text: Text) -> Group:
    if text == NOT_PUBLISHED:
        return "unpublished", NOT_PUBLISHED
    if axis in system.facts or system.published is None:
        return _named(axis, text)
    return _GROUPS.get(axis, _by_word)(system.published, axis)


def _named(axis: str, text: Text) -> Group:
    """The group of a choice that is given in words alone: the longest known title that stands in them."""
    if text.en in ("—", "none"):
        return "none", sentence("word_none")
    if axis in SWITCHED:
        return axis, Architecture.axes()[axis].axis_title
    known = sorted(_words(axis).items(), key=lambda word: -len(word[1].en))
    word = next((word for word, title in known if _stands_in(text.en, title.en, axis)), None)
    word = SAME.get(word or "", word)
    return (word, _words(axis)[word]) if word else ("other", sentence("systems_other"))


def _stands_in(words: str, title: str, axis: str) -> bool:
    # "full and banded in turn" is not full: of spans, only the whole words count.
    return words == title if axis == "span" else re.search(rf"(?<!\w){re.escape(title)}(?!\w)", words) is not None


def _words(axis: str) -> dict[str, Text]:
    if axis == "heads":
        return {word.lower(): Text(word, word) for word in ("MHA", "GQA", "MQA", "MLA")}
    if axis == "embedding":
        return {word: sentence(f"systems_{word}") for word in ("tied", "untied")}
    return Architecture.axes()[axis].words()


def _by_word(architecture: Architecture, axis: str) -> Group:
    choice = getattr(architecture, axis)
    word = word_of(choice)
    word = SAME.get(word, word)
    return word, Architecture.axes()[axis].words().get(word, Text(word, word))


def _by_heads(architecture: Architecture, axis: str) -> Group:
    word = architecture.heads.reading().split()[0]
    return word.lower(), Text(word, word)


def _by_table(architecture: Architecture, axis: str) -> Group:
    word = "tied" if architecture.embedding.tied else "untied"
    return word, _words(axis)[word]


def _by_places(architecture: Architecture, axis: str) -> Group:
    word = word_of(architecture.bias)
    whole = Architecture.axes()[axis].words()
    return (word, whole[word]) if word in whole else ("some", sentence("systems_some"))


def _switched(architecture: Architecture, axis: str) -> Group:
    """The group of an axis that is off or on: its own name, or none."""
    if word_of(getattr(architecture, axis)) == "none":
        return "none", sentence("word_none")
    return axis, Architecture.axes()[axis].axis_title


_GROUPS: dict[str, Callable[[Architecture, str], Group]] = {
    "heads": _by_heads,
    "embedding": _by_table,
    "bias": _by_places,
    **dict.fromkeys(SWITCHED, _switched),
}
