"""The choices: what there is to choose, what a link brings, what is said about what is chosen."""

from models.systems import systems
from models.text import Text
from playground import link
from playground.experiment import ON_THE_PAGE, Experiment, from_json
from playground.ui import controls, form, gallery
from playground.ui import describe as describing
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.device import device
from playground.ui.prepared import PREPARED, START, shipped
from playground.ui.registry import answer
from playground.ui.service import Service
from playground.ui.tries import TRIES


@answer
def open(service: Service, given: Json) -> Json:
    """Everything a fresh page needs: controls, systems, limits, and the experiment of its address."""
    query = str(given.get("query", ""))
    run = _run(service, given, query)
    experiment, notes = _experiment(service, query, run)
    if len(experiment.chosen) > ON_THE_PAGE:
        notes.append(sentence("too_many_variants", count=len(experiment.chosen)))
    if service.store.notice and service.profile.name == "local":
        notes.append(service.store.notice)
    return {
        "fields": controls.fields() | form.fields(),
        "systems": [_system(id) for id in systems()],
        "limits": service.profile.model_dump(),
        "device": both(sentence("ray") if service.where.cluster else device()),
        "experiment": describing.chosen(experiment),
        "notes": [both(note) for note in notes],
        "run": run,
        "shipped": shipped(),
        "prepared": _prepared(),
        "tries": [each.as_json() for each in TRIES],
    }


def _prepared() -> list[Json]:
    """The finished experiments that ship and hang here, with what there is to be seen in them."""
    hung = gallery.named()
    return [
        {"id": hung[each.name], "name": each.name, "title": both(each.title), "says": both(each.says)}
        for each in PREPARED
        if each.name in hung
    ]


def _run(service: Service, given: Json, query: str) -> str | None:
    """The experiment whose results are shown: as the address has it, by its id or by its name in the gallery.

    Where the address says nothing, it is the one that a Space was made for; what ships with the project is there as
    `shipped` and needs no following.
    """
    asked, hung = str(given.get("run") or ""), gallery.named()
    if asked in hung:
        return service.gallery.get(asked)
    if asked or link.names_an_experiment(query) or (shipped() or {}).get("id") in hung.values():
        return asked or None
    return next(iter(service.gallery.values()), None)


def _experiment(service: Service, query: str, run: str | None) -> tuple[Experiment, list[Text]]:
    """What is chosen: what the address spells, else what its results are of, else what a page begins with."""
    row = service.store.experiment(run or "")
    if row is not None and not link.names_an_experiment(query):
        return from_json(row.json), []
    return link.read(query if link.names_an_experiment(query) else START)


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
