"""Templates, the notation of a grammar, and the symbols they are read into. Knows no probabilities.

A template is text with slots: `{rule}` expands a rule, `{hero=person}` draws a word of a category and keeps it under a
name, `{hero}` repeats it, `{hero.he}` repeats it in another form, `{=person}` draws a word for this place alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

SLOT = re.compile(r"\{(\w*)(?:=(\w+))?(?:\.(\w+))?\}")
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
SENTENCE_END = re.compile(r'[.!?。！？]+["”]?')
"""Where a sentence ends, in templates and in texts that are judged: its mark, and the quotation that closes with it."""


@dataclass(frozen=True)
class Literal:
    """Fixed text; at most one sentence ends in it, at its own end."""

    text: str


@dataclass(frozen=True)
class Draw:
    """A word of a category, drawn uniformly; kept under the name of a variable, if there is one."""

    category: str
    form: str
    variable: str | None


@dataclass(frozen=True)
class Recall:
    """The word a variable holds."""

    variable: str
    form: str


@dataclass(frozen=True)
class Expand:
    """One of a rule's alternatives."""

    rule: str


Symbol = Literal | Draw | Recall | Expand
Symbols = tuple[Symbol, ...]
Forms = dict[str, list[str]]
"""Form to the words of a category in that form; the plain form is called `""`."""


Rules = dict[str, tuple[Symbols, ...]]
"""Rule to its alternatives."""


def read_category(head: str, rows: Sequence[str]) -> tuple[str, Forms]:
    """A category and its words: `person: name, he` with `Mia, she` has the forms ``, `name`, `he`, `Name` and `He`."""
    name, _, columns = (part.strip() for part in head.partition(":"))
    table = [[cell.strip() for cell in row.split(",")] for row in rows]
    names = [column.strip() for column in columns.split(",")] if columns else ["word"]
    forms: Forms = {form: list(cells) for form, cells in zip(names, zip(*table, strict=True), strict=True)}
    capitals = {form.capitalize(): [cell[:1].upper() + cell[1:] for cell in cells] for form, cells in forms.items()}
    return name, {"": forms[names[0]], **capitals, **forms}


def lexicon(templates: Sequence[str], words: Mapping[str, Forms]) -> frozenset[str]:
    """The words that templates write: runs of letters between spaces, marks and slots, and the forms of their slots."""
    known = variables(templates)
    slots = [slot for text in templates for slot in SLOT.findall(text)]
    used = {(drawn or known[name], form) for name, drawn, form in slots if drawn or name in known}
    cells = [cell for category, form in used for cell in words[category][form]]
    return frozenset(word for text in (*templates, *cells) for word in WORD.findall(SLOT.sub(" ", text)))


def variables(templates: Sequence[str]) -> dict[str, str]:
    """Every variable and the category its words come from.

    Raises:
        ValueError: a variable that draws from two categories.
    """
    found: dict[str, str] = {}
    for name, category, _ in (slot for text in templates for slot in SLOT.findall(text)):
        if name and category and found.setdefault(name, category) != category:
            raise ValueError(f"the variable {name!r} is drawn from {found[name]!r} and from {category!r}")
    return found


def read_template(text: str, categories: Mapping[str, Forms], known: Mapping[str, str], rules: set[str]) -> Symbols:
    """A template as symbols; `known` are the variables.

    Raises:
        ValueError: a slot that names no rule, variable or category, or a form that does not exist.
    """
    symbols: list[Symbol] = []
    at = 0
    for match in SLOT.finditer(text):
        symbols += _literals(text[at : match.start()])
        symbols.append(_slot(match, categories, known, rules))
        at = match.end()
    return (*symbols, *_literals(text[at:]))


def _slot(match: re.Match[str], categories: Mapping[str, Forms], known: Mapping[str, str], rules: set[str]) -> Symbol:
    name, drawn, form = match.group(1), match.group(2), match.group(3) or ""
    if name in rules and not drawn and not form:
        return Expand(name)
    if form not in categories.get(drawn or known.get(name, ""), {}):
        raise ValueError(f"{match.group()} names no rule, no variable, or no category and form")
    return Draw(drawn, form, name or None) if drawn else Recall(name, form)


def _literals(text: str) -> Iterator[Literal]:
    """Fixed text, cut after every end of a sentence."""
    at = 0
    for end in (match.end() for match in SENTENCE_END.finditer(text)):
        yield Literal(text[at:end])
        at = end
    if at < len(text):
        yield Literal(text[at:])
