"""The choices: what there is to choose, what a link brings, what is said about what is chosen."""

from models.systems import systems
from playground import link
from playground.experiment import ON_THE_PAGE
from playground.ui import controls, form
from playground.ui import describe as describing
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.device import device
from playground.ui.prepared import START, shipped
from playground.ui.registry import answer
from playground.ui.service import Service
from playground.ui.tries import TRIES


@answer
def open(service: Service, given: Json) -> Json:
    """Everything a fresh page needs: controls, systems, limits, and the experiment of its address."""
    query = str(given.get("query", ""))
    experiment, notes = link.read(query if link.names_an_experiment(query) else START)
    if len(experiment.chosen) > ON_THE_PAGE:
        notes.append(sentence("too_many_variants", count=len(experiment.chosen)))
    prepared = None if link.names_an_experiment(query) else next(iter(service.gallery), None)
    if service.store.notice and service.profile.name == "local":
        notes.append(service.store.notice)
    return {
        "fields": controls.fields() | form.fields(),
        "systems": [_system(id) for id in systems()],
        "limits": service.profile.model_dump(),
        "device": both(sentence("ray") if service.where.cluster else device()),
        "experiment": describing.chosen(experiment),
        "notes": [both(note) for note in notes],
        "run": str(given.get("run") or "") or prepared,
        "shipped": shipped(),
        "tries": [each.as_json() for each in TRIES],
    }


@answer
def describe(service: Service, given: Json) -> Json:
    """What the choices amount to."""
    return describing.describe(given)


def _system(id: str) -> Json:
    system = systems()[id]
    return {
        "id": id,
        "name": system.name,
        "year": system.year,
        "citation": system.citation,
        "rounded": [both(text) for text in system.rounded],
        "notes": [both(text) for text in system.notes],
    }
