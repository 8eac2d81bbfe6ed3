"""The page's colours outside the page: read from its style sheet, which is where they are named."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

TOKENS = Path(__file__).resolve().parent.parent.parent / "assets" / "css" / "tokens.css"
DARK = "@media (prefers-color-scheme: dark)"
THEMES = ("light", "dark")
SANS = "system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"


@cache
def palette(theme: str) -> dict[str, str]:
    """The colours of a theme, by name; `theme` is light or dark."""
    light, dark = TOKENS.read_text("utf-8").split(DARK)
    named = r"--([a-z-]+):\s*(#[0-9a-f]{3,8});"
    return dict(re.findall(named, light)) | (dict(re.findall(named, dark)) if theme == "dark" else {})


def fixed(theme: str) -> Callable[[str], str]:
    """Colours as they are: for a picture that leaves the page."""
    return palette(theme).__getitem__


def live(name: str) -> str:
    """A colour as the style sheet of the page around has it."""
    return f"var(--{name})"
