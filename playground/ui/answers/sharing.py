"""An archive that a visitor brings: taken into their history, or refused in a sentence."""

import base64
import uuid

from models.text import Refusal
from playground.experiment import from_json
from playground.retention import make_room
from playground.share.archive import MOST_BYTES, take_in
from playground.ui.catalogue import sentence
from playground.ui.describe import chosen
from playground.ui.registry import Json, answer
from playground.ui.service import Service
from playground.ui.trained import experiment_of
from playground.ui.visitors import owner_of


@answer
def import_archive(service: Service, given: Json) -> Json:
    """Take in `content`, base64 of an archive's bytes; says the experiment's id here."""
    owner, text = owner_of(given), given.get("content")
    if not isinstance(text, str):
        raise Refusal(sentence("bad_request"))
    service.profile.check(upload_bytes=3 * len(text) // 4)
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:  # binascii's is one, and so is what letters outside ASCII raise
        raise Refusal(sentence("bad_request")) from None
    make_room(service.store, service.home, service.profile, MOST_BYTES)
    id = take_in(service.store, service.home.runs, content, owner, uuid.uuid4().hex)
    service.took_in()
    return {"id": id}


@answer
def recall(service: Service, given: Json) -> Json:
    """An experiment that is kept here, as the page holds what is chosen."""
    return {"experiment": chosen(from_json(experiment_of(service.store, given.get("id")).json))}
