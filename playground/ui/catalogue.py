"""The page's own texts: one catalogue per language in `assets/text/`, the same keys in each. Knows no page."""

import json
from functools import cache

from models.text import Text
from playground.ui.files import ASSETS

LANGUAGES = ("en", "zh")


@cache
def catalogues() -> dict[str, dict[str, str]]:
    """Every language's texts by key."""
    return {language: json.loads((ASSETS / "text" / f"{language}.json").read_text("utf-8")) for language in LANGUAGES}


def sentence(key: str, **values: object) -> Text:
    """The text of `key` in every language, with its {names} filled in."""
    return Text(*(catalogues()[language][key].format(**values) for language in LANGUAGES))
