"""Finished experiments that come with an installation: archives in `assets/gallery/`, taken in with the store."""

import hashlib
import logging

from models.text import Refusal
from playground.home import Home
from playground.store import Store
from playground.ui.files import ASSETS

OWNER = "gallery"  # no visitor's key
FOLDER = ASSETS / "gallery"
log = logging.getLogger(__name__)


def first() -> str | None:
    """The id of the experiment that a page opens with whose address names none; None without a gallery."""
    path = next(iter(sorted(FOLDER.glob("*.zip"))), None)
    return path and _id(path.read_bytes())


def hang(store: Store, home: Home) -> None:
    """Take every archive in, once: its id is made of its content. One that cannot be read is logged and left out."""
    for path in sorted(FOLDER.glob("*.zip")):
        from playground.share.archive import take_in

        content = path.read_bytes()
        try:
            take_in(store, home.runs, content, OWNER, _id(content))
        except Refusal as refusal:
            log.warning("%s: %s", path.name, refusal)


def _id(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
