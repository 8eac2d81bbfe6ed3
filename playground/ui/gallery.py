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


def hang(store: Store, home: Home) -> dict[str, str]:
    """Take every archive in, once. One that cannot be read is logged and left out.

    Returns the ids of what hangs there, by the files' names, by which an address may call them.
    """
    ids = {}
    for name, id in named().items():
        try:
            if store.experiment(id) is None:
                from playground.share.archive import take_in

                take_in(store, home.runs, (FOLDER / f"{name}.zip").read_bytes(), OWNER, id)
            ids[name] = id
        except Refusal as refusal:
            log.warning("%s: %s", name, refusal)
    return ids


def named() -> dict[str, str]:
    """The ids that the archives have once they hang, by name; nothing is read of what they hold."""
    return {path.stem: id_of(path.read_bytes()) for path in sorted(FOLDER.glob("*.zip"))}


def id_of(content: bytes) -> str:
    """What an archive's experiment is called here: the same wherever it hangs."""
    return hashlib.sha256(content).hexdigest()[:32]
