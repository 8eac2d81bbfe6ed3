"""Who asks, what is theirs, and what their runs may use here. Knows no request by name."""

import re
from pathlib import Path

from models.text import Refusal
from playground import zerogpu
from playground.experiment import Experiment
from playground.rows import ExperimentRow
from playground.store import Settings
from playground.ui.catalogue import sentence
from playground.ui.registry import Json
from playground.ui.service import Service
from playground.ui.trained import experiment_of

OWNER = re.compile(r"[0-9a-f]{32}")
TEXT = re.compile(r"[0-9a-f]{64}")
AROUND = 20  # seconds that preparing and evaluating a run may take beside its training, before it is stopped


def owner_of(given: Json) -> str:
    """The visitor's key; raises `Refusal` where it is none."""
    owner = given.get("owner")
    if not isinstance(owner, str) or not OWNER.fullmatch(owner):
        raise Refusal(sentence("bad_request"))
    return owner


def is_theirs(service: Service, row: ExperimentRow, owner: object) -> bool:
    """May who has this key change the experiment? On a machine of one's own everybody may."""
    return service.profile.name == "local" or row.owner == owner


def own_experiment(service: Service, given: Json) -> ExperimentRow:
    """The experiment that is asked about, for whoever may change it; without a key on a machine of one's own.

    Raises:
        Refusal: there is none, or somebody else started it.
    """
    row = experiment_of(service.store, given.get("id"))
    if service.profile.name != "local" and not is_theirs(service, row, owner_of(given)):
        raise Refusal(sentence("not_yours"))
    return row


def text_of(service: Service, given: Json) -> Path | None:
    """The file of the visitor's own text, as `keep_text` named it; None where there is none (any more)."""
    id = given.get("text")
    path = service.home.root / "texts" / f"{id}.txt"
    return path if isinstance(id, str) and TEXT.fullmatch(id) and path.is_file() else None


def settings_of(service: Service, text: Path | None = None) -> Settings:
    """What a visitor's runs may use here."""
    profile, file = service.profile, str(text) if text else None
    if profile.name == "zerogpu":
        call = None if profile.seconds is None else profile.seconds + zerogpu.AROUND
        return zerogpu.settings(call, profile.grace_seconds, file)
    deadline = None if profile.seconds is None else profile.seconds + AROUND
    return Settings(deadline=deadline, grace=profile.grace_seconds, text=file, save_seconds=profile.save_seconds)


def make_room(service: Service, owner: str, but: str = "") -> None:
    """Stop what the visitor has going, `but` one; raises `Refusal` where too many others train."""
    going = service.store.going()
    for id in {run.experiment for run in going if run.owner == owner} - {but}:
        service.store.stop(id)
    others = {run.owner for run in going if run.owner != owner}
    service.profile.check(visitors=len(others) + 1)


def submit(service: Service, owner: str, experiment: Experiment, settings: Settings) -> str:
    """Queue all runs of an experiment, and say its id."""
    json, runs, keep = experiment.model_dump_json(), experiment.runs(), service.profile.keep
    return service.store.submit(json, runs, service.home.runs, owner=owner, keep=keep, settings=settings)


def queue_all(service: Service, owner: str, experiments: list[Experiment]) -> list[str]:
    """Queue experiments that belong together, and their ids; what the visitor had going makes room for them."""
    with service.starting:
        make_room(service, owner)
        settings = settings_of(service)
        ids = [submit(service, owner, experiment, settings) for experiment in experiments]
    train_reserved(service, settings)
    return ids


def train_reserved(service: Service, settings: Settings) -> None:
    """Have trained what no worker takes: what was submitted for a call of ZeroGPU."""
    if settings.by is not None:
        zerogpu.start(service.home.database, settings.by)
