"""The visitor's own text: read, refused with a reason or kept, and known by its hash from then on."""

import base64
import hashlib

from models.text import Refusal
from playground.data.own_text import from_text
from playground.retention import make_room
from playground.ui.catalogue import sentence
from playground.ui.registry import Json, answer
from playground.ui.service import Service

LONGEST_NAME = 80


@answer
def keep_text(service: Service, given: Json) -> Json:
    """Keep `content`, base64 of the text's bytes; the id names it when it is trained on, the hash is its content's."""
    content = _decoded(given.get("content"), service.profile.upload_bytes)
    corpus = from_text(content, limit=service.profile.upload_bytes)
    make_room(service.store, service.home, service.profile, len(content))
    service.home.keep_text(content)
    name = str(given.get("name", ""))[:LONGEST_NAME]
    characters = len(corpus.text) + len(corpus.validation)
    id = hashlib.sha256(content).hexdigest()
    return {"id": id, "name": name, "characters": characters, "hash": corpus.hash}


def _decoded(content: object, limit: int) -> bytes:
    if not isinstance(content, str) or len(content) > 2 * limit + 1024:
        raise Refusal(sentence("bad_request"))
    try:
        return base64.b64decode(content, validate=True)
    except ValueError:  # binascii's is one, and so is what letters outside ASCII raise
        raise Refusal(sentence("bad_request")) from None
