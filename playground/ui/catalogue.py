"""The page's own texts: one catalogue per language in `assets/text/`, the same keys in each. Knows no page."""

import json
import string
from functools import cache

from models.text import Text
from playground.ui.files import ASSETS

LANGUAGES = ("en", "zh")


@cache
def catalogues() -> dict[str, dict[str, str]]:
    """Every language's texts by key."""
    return {language: json.loads((ASSETS / "text" / f"{language}.json").read_text("utf-8")) for language in LANGUAGES}


class Counting(string.Formatter):
    """Fills in as `str.format` does, and counts: `{count:run|runs}` is "1 run" or "2 runs"."""

    def format_field(self, value: object, format_spec: str) -> str:
        one, bar, many = format_spec.partition("|")
        return f"{value} {one if str(value) == '1' else many}" if bar else super().format_field(value, format_spec)


def sentence(key: str, **values: object) -> Text:
    """The text of `key` in every language, with its {names} filled in."""
    return Text(*(Counting().format(catalogues()[language][key], **values) for language in LANGUAGES))
