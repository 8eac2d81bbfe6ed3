"""The catalogue as the page shows it: a row a system, a cell a choice, each with its source. Knows no HTML, no system.

What is a choice is grouped by its plain word ("RMSNorm", whatever its ε), so that systems can be filtered and counted.
"""

from collections.abc import Callable
from typing import Any

from models.architecture import Architecture
from models.cost import parameters
from models.systems.base import NOT_PUBLISHED, READINGS, System, catalogue, choices
from models.text import Text
from playground.ui.catalogue import sentence
from playground.ui.controls import ROWS, Row, both, word_of

Json = dict[str, Any]
Group = tuple[str, Text]

OTHERS = tuple(Row(axis, (axis,)) for axis in ("embedding", "dropout"))
COLUMNS = (*ROWS, *OTHERS)
UNGROUPED = ("shape", "dropout")  # numbers: every system has its own
SAME = {"gelu_tanh": "gelu", "quick_gelu": "gelu", "geglu_tanh": "geglu"}  # forms of one function
IN_THE_PAPER = ("§", "Table", "Appendix", "Figure")


def columns() -> list[Json]:
    """The columns after name, year, maker and size, in the order of the page's rows."""
    return [{"name": row.name, "title": both(_title(row)), "grouped": row.name not in UNGROUPED} for row in COLUMNS]


def rows() -> list[Json]:
    """Every system, the oldest first."""
    return [_row(system) for system in catalogue().values()]


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
    telling = [part for part in parts if part["text"]["en"] != "—"]
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


def _source(system: System, axis: str) -> str:
    """Where a choice was read, with the paper where only its section is given."""
    source = system.citations.get(axis, "")
    return f"{system.citation}, {source}" if source.startswith(IN_THE_PAPER) else source


def _marks(system: System, axis: str, text: Text) -> list[str]:
    """The words that a reader should see beside a choice before quoting it."""
    found = {
        "memory": axis in system.from_memory,
        "partly": axis in system.unknown and text != NOT_PUBLISHED,
        "left_out": axis in system.facts,
    }
    return [mark for mark, holds in found.items() if holds]


def _groups(system: System, row: Row, said: dict[str, Text]) -> list[Group]:
    found = [group for axis in row.axes if (group := _group(system, axis, said[axis]))]
    distinct = dict(found)
    plain = {word: title for word, title in distinct.items() if word not in ("none", "unpublished")}
    return list((plain or distinct).items()) if len(row.axes) > 1 else found


def _group(system: System, axis: str, text: Text) -> Group:
    if text == NOT_PUBLISHED:
        return "unpublished", NOT_PUBLISHED
    if axis in system.facts:
        return _named(axis, text)
    assert system.published is not None
    return _GROUPS.get(axis, _by_word)(system.published, axis)


def _named(axis: str, text: Text) -> Group:
    """The group of a choice that is given in words alone: the longest known title that its words begin with."""
    if text.en in ("—", "none"):
        return "none", sentence("word_none")
    known = sorted(_words(axis).items(), key=lambda word: -len(word[1].en))
    word = next((word for word, title in known if text.en.startswith(title.en)), None)
    return (SAME.get(word, word), _words(axis)[SAME.get(word, word)]) if word else ("other", sentence("systems_other"))


def _words(axis: str) -> dict[str, Text]:
    own = {"heads": {word.lower(): Text(word, word) for word in ("MHA", "GQA", "MQA", "MLA")}}
    return own.get(axis) or Architecture.axes()[axis].words()


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
    return word, sentence(f"systems_{word}")


def _by_places(architecture: Architecture, axis: str) -> Group:
    word = word_of(architecture.bias)
    whole = Architecture.axes()[axis].words()
    return (word, whole[word]) if word in whole else ("some", sentence("word_some"))


def _switched(architecture: Architecture, axis: str) -> Group:
    """The group of an axis that is off or on: its own name, or none."""
    if word_of(getattr(architecture, axis)) == "none":
        return "none", sentence("word_none")
    return axis, Architecture.axes()[axis].axis_title


_GROUPS: dict[str, Callable[[Architecture, str], Group]] = {
    "heads": _by_heads,
    "embedding": _by_table,
    "bias": _by_places,
    **dict.fromkeys(("qk_norm", "attention_cap", "output_cap", "z_loss", "sink"), _switched),
}
