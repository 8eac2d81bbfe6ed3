"""The configuration's fields as controls for the page: which rows there are, what each offers. Knows nothing of HTML.

Everything comes from the axes and their options, so a new option shows up by itself. All that is decided here is which
axes share a row, and the order of the rows; an axis that is in no row has all its fields in the drawer of details.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from models.architecture import Architecture
from models.option import Axis
from models.spelling import Path, paths, written
from models.systems import systems
from models.text import Text
from playground.ui.catalogue import LANGUAGES, catalogues, sentence

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One of the ten choices: the axes it is about, and what it is called where they are several."""

    name: str
    axes: tuple[str, ...]
    title: Text | None = None
    help: Text | None = None


STABILITY = Row(
    "stability",
    ("qk_norm", "attention_cap", "output_cap", "z_loss", "sink"),
    Text("Stability", "稳定性"),
    Text("What keeps scores and logits from running away.", "防止注意力分数和 logits 失控的手段。"),
)
ROWS = (
    *(Row(name, (name,)) for name in ("norm", "placement", "layout", "feed_forward", "position", "heads", "span")),
    STABILITY,
    *(Row(name, (name,)) for name in ("bias", "shape")),
)
KINDS = {"switch": "flag", "whole": "number", "number": "number", "choice": "words", "text": "text"}


def both(text: Text) -> Json:
    """A text as the page reads it."""
    return {"en": text.en, "zh": text.zh}


def fields() -> Json:
    """All controls: `choices`, the ten rows, and `details`, everything else by axis."""
    rows = [_row(row) for row in ROWS]
    taken = {part["path"] for row in rows for part in row["parts"]}
    details = [_details(name, axis, taken) for name, axis in Architecture.axes().items()]
    return {"choices": rows, "details": [axis for axis in details if axis["parts"]]}


def _row(row: Row) -> Json:
    axis = Architecture.axes()[row.axes[0]]
    said = {
        "name": row.name,
        "axes": row.axes,
        "title": both(row.title or axis.axis_title),
        "help": both(row.help or axis.axis_help),
    }
    if row.title is not None:
        return said | {"kind": "many", "parts": [toggle for name in row.axes if (toggle := _toggle(name))]}
    if axis.options() or axis.abbreviates:
        own = [part(path) for path in _shown(row.axes[0]) if key_of(path) != row.axes[0]]
        return said | {"kind": "words", "parts": [_words(row.axes[0], axis), *own], **_source(axis)}
    return said | {"kind": "numbers", "parts": [part(path) for path in _shown(row.axes[0])], **_source(axis)}


def _shown(axis: str) -> list[Path]:
    """The fields of an axis that stand on the page itself, each once."""
    return list({path.name: path for path in paths() if path.axis == axis and path.panel == "page"}.values())


def _words(name: str, axis: type[Axis]) -> Json:
    """A choice among words: the options of an axis, with each one's own help where it is an option."""
    words = [
        {"word": word, "title": both(title), **(_source(option) if (option := axis.named(word)) else {})}
        for word, title in axis.words().items()
    ]
    return {
        "path": name,
        "kind": "words",
        "title": both(axis.axis_title),
        "help": both(axis.axis_help),
        "words": words,
        "options": None,
    }


def _source(axis: type[Axis]) -> Json:
    # An abstract axis has neither help nor formula of its own.
    said = {"formula": axis.formula, "citation": axis.citation}
    return said | ({"help": both(axis.help)} if hasattr(axis, "help") else {})


def _toggle(name: str) -> Json | None:
    """A choice that is off or on; "on" is what the first system that uses it has. None if no system does."""
    axis = Architecture.axes()[name]
    used = next(_used(name), None)
    options = [slug for slug in axis.options() if slug != "none"]
    word = used or (options[0] if options else None)
    if word is None:
        return None
    option = axis.options().get(word, axis)
    title = axis.axis_title
    return {"path": name, "kind": "toggle", "title": both(title), "on": word, "options": None, **_source(option)}


def _used(name: str) -> Iterator[str]:
    for system in systems().values():
        word = word_of(getattr(system.twin, name))
        if word not in ("none", ""):
            yield word


def _details(name: str, axis: type[Axis], taken: set[str]) -> Json:
    mine = {key_of(path): path for path in reversed(paths()) if path.axis == name and key_of(path) not in taken}
    parts = [part(path) for path in reversed(mine.values())]
    # What a row says with its words, or with a switch, is not said again.
    if len(axis.options()) > (2 if name in STABILITY.axes else 1) and name not in taken - set(STABILITY.axes):
        parts.insert(0, _words(name, axis))
    return {"name": name, "title": both(axis.axis_title), "help": both(axis.axis_help), "parts": parts}


def part(path: Path) -> Json:
    """One field as a control."""
    said = {
        "path": key_of(path),
        "kind": KINDS[path.kind],
        "title": both(path.title),
        "help": both(path.help),
        "optional": path.optional,
        "options": having(path),
    }
    if path.kind == "choice":
        words = [*(["none"] if path.optional and "none" not in path.choices else []), *path.choices]
        said["words"] = [{"word": word, "title": both(named(word))} for word in words]
    return said


def named(word: str) -> Text:
    """What a plain word of the configuration is called; itself, where it is a name."""
    key = f"word_{word}"
    return sentence(key) if key in catalogues()[LANGUAGES[0]] else Text(word, word)


def having(path: Path) -> list[str] | None:
    """The options that have this field; None where all have it."""
    axis = Architecture.axes().get(path.axis)
    options = axis.options() if axis else {}
    owners = [slug for slug, option in options.items() if path.field in option.model_fields]
    return None if len(owners) == len(options) else owners


def key_of(path: Path) -> str:
    """What the page calls a field: as links write it, an axis that is a single value by its own name."""
    axis = Architecture.axes().get(path.axis)
    return path.axis if axis and axis.abbreviates == path.field else path.name


def word_of(choice: Axis) -> str:
    """The word that stands for a whole choice: `rmsnorm`, `50`, `none`; empty where there is none, as for heads."""
    if choice.abbreviates:
        return written(getattr(choice, choice.abbreviates))
    spelt = choice.spelt()
    return spelt[0] if spelt else ""
