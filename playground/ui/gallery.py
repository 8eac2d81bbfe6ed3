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


def hang(store: Store, home: Home) -> list[str]:
    """Take every archive in, once: its id is made of its content. One that cannot be read is logged and left out.

    Returns the ids of what hangs there; a page whose address names no experiment opens with the first.
    """
    ids = []
    for path in sorted(FOLDER.glob("*.zip")):
        from playground.share.archive import take_in

        content = path.read_bytes()
        try:
            id = hashlib.sha256(content).hexdigest()[:32]
            ids.append(take_in(store, home.runs, content, OWNER, id))
        except Refusal as refusal:
            log.warning("%s: %s", path.name, refusal)
    return ids
