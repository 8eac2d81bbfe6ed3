"""What was found out about files of a folder, noted beside them, and worth something while they are unchanged."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def known(folder: Path, note: str, files: Iterable[str]) -> dict[str, Any] | None:
    """What the file `note` in `folder` says was found, if it was found for `files` as they are now."""
    try:
        kept = json.loads((folder / note).read_text(encoding="utf-8"))
        return kept["found"] if kept["of"] == _digests(folder, files) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def noted(folder: Path, note: str) -> dict[str, Any]:
    """What the file `note` in `folder` says was found, without a look at what it was found for; nothing if none."""
    try:
        found = json.loads((folder / note).read_text(encoding="utf-8"))["found"]
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def keep(folder: Path, note: str, files: Iterable[str], found: dict[str, Any]) -> dict[str, Any]:
    """Note what was found for `files` as they are now, and return it."""
    content = {"of": _digests(folder, files), "found": found}
    (folder / note).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return found


def _digests(folder: Path, files: Iterable[str]) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}
