"""The history: what this visitor has trained or brought, and the gallery; on a machine of one's own, everything."""

import json

from models.text import Refusal
from playground.experiment import from_json
from playground.follow import Follower
from playground.retention import remove
from playground.rows import ExperimentRow
from playground.ui import past
from playground.ui.across import Together, together
from playground.ui.catalogue import sentence
from playground.ui.gallery import OWNER as GALLERY
from playground.ui.registry import Json, answer
from playground.ui.service import Service
from playground.ui.trained import experiment_of
from playground.ui.view import state_of
from playground.ui.visitors import is_theirs, owner_of

MOST = 5000  # experiments that are looked through
PAGE = 20  # that are shown at a time
COMPARED = 4  # whose curves are shown together
LONGEST = 200  # characters of a search


@answer
def history(service: Service, given: Json) -> Json:
    """The next `PAGE` experiments after `after` that hold the words of `search`, the latest first, the gallery last.

    `found`: how many there are of them; `all`: how many without a search.
    """
    rows = _visible(service, owner_of(given))
    words = str(given.get("search") or "")[:LONGEST].lower().split()
    found = [row for row in rows if past.matches(row.json, words)] if words else rows
    first = given.get("after")
    start = first if type(first) is int and 0 <= first <= len(found) else 0
    shown = [_row(service, row) for row in found[start : start + PAGE]]
    return {"rows": shown, "found": len(found), "all": len(rows)}


@answer
def across(service: Service, given: Json) -> Json:
    """Some experiments of the history with their curves, to be shown together."""
    ids = given.get("ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= COMPARED:
        raise Refusal(sentence("bad_request"))
    return together([_together(service, experiment_of(service.store, id)) for id in ids])


@answer
def delete(service: Service, given: Json) -> Json:
    """Delete one of the visitor's experiments with all that it left; on a public server only their own."""
    row, owner = experiment_of(service.store, given.get("id")), owner_of(given)
    if not _deletable(service, row, owner):
        raise Refusal(sentence("not_yours_to_delete"))
    if not remove(service.store, service.home, row.id):
        raise Refusal(sentence("delete_going"))
    return {}


def _visible(service: Service, owner: str) -> list[ExperimentRow]:
    gallery = service.store.history(GALLERY, MOST) if service.gallery else []
    if service.profile.name != "local":
        return service.store.history(owner, MOST) + gallery
    return [row for row in service.store.history(None, MOST) if row.owner != GALLERY] + gallery


def _deletable(service: Service, row: ExperimentRow, owner: str) -> bool:
    return row.owner != GALLERY and is_theirs(service, row, owner)


def _row(service: Service, row: ExperimentRow) -> Json:
    runs = service.store.runs(row.id)
    ended = [(variant, json.loads(line)) for variant, line in service.store.endings(row.id)]
    return {
        "id": row.id,
        "created": row.created,
        "origin": "gallery" if row.owner == GALLERY else row.origin,
        "state": state_of([run.state for run in runs]),
        "states": past.states(runs),
        **past.line(row.json, ended),
    }


def _together(service: Service, row: ExperimentRow) -> Together:
    snapshot = Follower(service.store, row.id).snapshot()
    return Together(row.id, from_json(row.json), snapshot, past.line(row.json, ())["title"])
