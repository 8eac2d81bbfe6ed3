"""What was found out about files of a folder, noted beside them, and worth something while they are unchanged."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

EXPORT = "onnx.json"  # what was found out about a run's exported file


def known(folder: Path, note: str, files: Iterable[str]) -> dict[str, Any] | None:
    """What the file `note` in `folder` says was found, if it was found for `files` as they are now."""
    try:
        kept = json.loads((folder / note).read_text(encoding="utf-8"))
        return kept["found"] if kept["of"] == _digests(folder, files) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def may_be_given_away(folder: Path) -> bool:
    """Is the exported file in `folder`, if there is one, not noted to be unverified, or not to be the model?

    Does not look whether it is the file that the note was made for: whoever writes one notes that first.
    """
    try:
        verification = json.loads((folder / EXPORT).read_text(encoding="utf-8"))["found"]["verification"]
        return bool(verification["passed"])
    except (OSError, ValueError, KeyError, TypeError):
        return True  # of before such notes


def keep(folder: Path, note: str, files: Iterable[str], found: dict[str, Any]) -> dict[str, Any]:
    """Note what was found for `files` as they are now, and return it."""
    content = {"of": _digests(folder, files), "found": found}
    (folder / note).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return found


def _digests(folder: Path, files: Iterable[str]) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}
