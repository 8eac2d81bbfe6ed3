"""Everything that is shared of an experiment, as files by name: one list for the page, the commands and a Space."""

import json
from collections.abc import Sequence

from models.text import Text
from playground.share import archive, tables
from playground.share.card import LANGUAGES, card
from playground.share.content import Content, Look, gather
from playground.share.paint import THEMES
from playground.share.report import report
from playground.store import Store

REPORT, ARCHIVE, RESULT = "report.html", "experiment.zip", "result.json"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".zip": "application/zip",
}
CARDS = {
    f"card{'' if language == 'en' else '-zh'}{'' if theme == 'light' else '-dark'}.svg": (language, theme)
    for language in LANGUAGES
    for theme in THEMES
}
NAMES = (REPORT, *CARDS, RESULT, "runs.csv", "curves.csv", ARCHIVE)


def file(store: Store, id: str, name: str, looks: Sequence[Look] = (), said: Sequence[Text] = ()) -> tuple[str, bytes]:
    """What the file is called when it is saved, and its bytes; `looks` and `said` as of `gather`.

    Raises:
        Refusal: as `gather`.
    """
    content = gather(store, id, looks, said)
    saved = name if name in ("runs.csv", "curves.csv") else name.removeprefix("experiment")
    joint = "" if saved.startswith(".") else "-"
    return f"{content.slug}{joint}{saved}", _made(store, content, name)


def files(store: Store, id: str) -> dict[str, bytes]:
    """Every file."""
    content = gather(store, id)
    return {name: _made(store, content, name) for name in NAMES}


def _made(store: Store, content: Content, name: str) -> bytes:
    if name in CARDS:
        return card(content, *CARDS[name]).encode()
    if name == REPORT:
        return report(content).encode()
    if name == ARCHIVE:
        extra = {other: _made(store, content, other).decode() for other in archive.EXTRA}
        return archive.write(store, content.id, extra)
    if name == RESULT:
        return (json.dumps(content.result, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
    return {"runs.csv": tables.runs, "curves.csv": tables.curves}[name](content).encode()
