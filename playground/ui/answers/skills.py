"""The skills tab: which tasks there are, a profile of the variants that are chosen, and following it to its end."""

import time
from collections.abc import Iterator

from models.text import Refusal
from playground import plan
from playground import skills as profiles
from playground.ui import skills as shown
from playground.ui.catalogue import sentence
from playground.ui.describe import composed
from playground.ui.registry import Json, answer, stream
from playground.ui.service import Service
from playground.ui.visitors import owner_of, queue_all

TICK = 0.5  # seconds between looks: there are dozens of runs to look at


@answer
def skills(service: Service, given: Json) -> Json:
    """The tasks; `mine` is how the profile stands that this browser remembers, None where there is none."""
    try:
        mine = shown.Watched(service.store, given.get("ids")).look()
    except Refusal:
        mine = None
    return {"tasks": shown.offered(), "choices": shown.CHOICES, "mine": mine}


@answer
def start_skills(service: Service, given: Json) -> Json:
    """Queue a profile of the variants that are chosen, and say the ids of its experiments; others make room."""
    owner, levels = owner_of(given), given.get("levels")
    if levels not in shown.CHOICES:
        raise Refusal(sentence("bad_request"))
    trials = profiles.trials(composed(given | {"form": None, "match": "none"}).variants, levels=range(levels))
    experiments = [plan.ready(trial.experiment, service.profile) for trial in trials]
    return {"ids": queue_all(service, owner, experiments)}


@stream
def follow_skills(service: Service, given: Json) -> Iterator[Json]:
    """A profile until it has ended; `unknown` where there is none of these ids."""
    try:
        watched = shown.Watched(service.store, given.get("ids"))
    except Refusal:
        yield {"unknown": True}
        return
    while True:
        yield (said := watched.look())
        if said["state"] != "running":
            return
        time.sleep(TICK)
