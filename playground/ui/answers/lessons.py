"""The lessons tab: the list, a visitor's own run of one, and following it until its verdict."""

import time
from collections.abc import Iterator

from models.text import Refusal
from playground import plan
from playground.follow import TICK
from playground.outcome import find
from playground.ui import lessons as written
from playground.ui.registry import Json, answer, stream
from playground.ui.service import Service
from playground.ui.visitors import owner_of, queue_all


@answer
def lessons(service: Service, given: Json) -> Json:
    """All lessons; `mine` is how the runs stand that this browser remembers, `{lesson: ids}`."""
    asked = given.get("remembered")
    known = asked if isinstance(asked, dict) else {}
    mine = {one["id"]: _mine(service, one["id"], known[one["id"]]) for one in written.listed() if one["id"] in known}
    return {"lessons": list(written.listed()), "mine": {id: of for id, of in mine.items() if of}}


@answer
def start_lesson(service: Service, given: Json) -> Json:
    """Queue a lesson at its quick setting, and say the ids of its experiments; the visitor's others make room."""
    owner, lesson = owner_of(given), find(given.get("lesson"))
    experiments = [plan.ready(experiment, service.profile) for experiment, _ in lesson.experiments("quick")]
    return {"ids": queue_all(service, owner, experiments)}


@stream
def follow_lesson(service: Service, given: Json) -> Iterator[Json]:
    """A visitor's run of a lesson until it is over and measured; `unknown` where there is none of these ids."""
    lesson = find(given.get("lesson"))
    try:
        ids = written.started(service.store, given.get("ids"))
    except Refusal:
        yield {"unknown": True}
        return
    watched = written.Watched(service.store, lesson, ids)
    while True:
        said = watched.look()
        yield said | {"lesson": lesson.id}
        if said["state"] not in ("running", "measuring"):
            return
        time.sleep(TICK)


def _mine(service: Service, id: str, ids: object) -> Json | None:
    return written.remembered(service.store, find(id), ids)
