"""Train, Stop, and following what is trained."""

from collections.abc import Iterator
from dataclasses import replace

from models.text import Refusal, Text
from playground import plan
from playground.experiment import Experiment, from_json
from playground.follow import follow as snapshots
from playground.rows import BROKEN_OFF
from playground.runs import saved_step
from playground.snapshots import MOST_BYTES
from playground.store import Settings
from playground.ui import forms
from playground.ui.catalogue import sentence
from playground.ui.controls import both
from playground.ui.describe import experiment as asked_experiment
from playground.ui.form import OWN_TEXT
from playground.ui.registry import Json, answer, stream
from playground.ui.service import Service
from playground.ui.trained import experiment_of
from playground.ui.view import view
from playground.ui.visitors import (
    is_theirs,
    make_room,
    own_experiment,
    owner_of,
    settings_of,
    submit,
    text_of,
    train_reserved,
)

SEEDS = 2  # more at a time


@answer
def train(service: Service, given: Json) -> Json:
    """Queue the experiment and say its id; what the visitor had going makes room for it."""
    id, _, hash = begin(service, given, asked_experiment(given))
    return {"hash": hash, "id": id}


def begin(service: Service, given: Json, experiment: Experiment) -> tuple[str, Experiment, str | None]:
    """Queue an experiment for the owner in `given`: its id, as it is trained here, and the hash of its content.

    The hash is None where the content is computed, and so has an exact entropy: it is the same everywhere, a link need
    not name it.
    """
    owner = owner_of(given)
    text = text_of(service, given) if experiment.recipe.data == OWN_TEXT else None
    content = text.read_bytes() if text else None
    experiment = plan.ready(experiment, service.profile, content)
    task = plan.task_of(experiment.variants[0], experiment, content)
    hash = task.hash if task.entropy is None else None
    with service.starting:
        if same := _going_already(service, owner, experiment):
            return same, experiment, hash
        make_room(service, owner)
        settings = looked_into(settings_of(service, text), experiment, given)
        id = submit(service, owner, experiment, settings)
    train_reserved(service, settings)
    return id, experiment, hash


@answer
def add_seeds(service: Service, given: Json) -> Json:
    """Queue more seeds of an experiment, beside those that it has; on a public server only for whoever started it."""
    row, owner = own_experiment(service, given), owner_of(given)
    experiment = from_json(row.json)
    more = experiment.with_seeds(experiment.seeds + SEEDS)
    service.profile.check(seeds=more.seeds)
    with service.starting:
        make_room(service, owner, but=row.id)
        service.store.extend(row.id, more.model_dump_json(), more.runs()[len(experiment.runs()) :])
    train_reserved(service, row.settings)
    return {"seeds": more.seeds}


@answer
def resume(service: Service, given: Json) -> Json:
    """Queue what broke off of an experiment, to go on from where its state was last saved; for its owner alone."""
    row, _ = own_experiment(service, given), owner_of(given)  # without a key nothing is queued
    broken = [run for run in service.store.runs(row.id) if run.state in BROKEN_OFF]
    if not broken:
        raise Refusal(sentence("nothing_to_resume"))
    with service.starting:
        make_room(service, row.owner, but=row.id)
        service.store.resume(row.id, {run.id: saved_step(run.folder) for run in broken})
    train_reserved(service, row.settings)
    return {"id": row.id, "runs": len(broken)}


@answer
def stop(service: Service, given: Json) -> Json:
    """Ask the experiment's runs to stop; on a public server only for whoever started it."""
    service.store.stop(own_experiment(service, given).id)
    return {}


@answer
def pause(service: Service, given: Json) -> Json:
    """Hold the experiment's runs where they are, `"step"` them once, all to the same step, or let them `"go"` on."""
    if service.profile.name == "zerogpu" or cluster(service):  # a GPU lent by the second; a run that others hold
        raise Refusal(sentence("pause_not_here"))
    row, what = own_experiment(service, given), given.get("what")
    if what not in ("hold", "step", "go"):
        raise Refusal(sentence("bad_request"))
    furthest = max((run.step for run in service.store.runs(row.id) if run.state == "running"), default=0)
    service.store.hold(row.id, {"hold": 0, "step": furthest + 1, "go": None}[what])
    return {}


@stream
def follow(service: Service, given: Json) -> Iterator[Json]:
    """The experiment as it goes, until it has ended; `unknown` where there is none of this id."""
    try:
        row = experiment_of(service.store, given.get("id"))
    except Refusal:
        yield {"unknown": True}
        return
    experiment = from_json(row.json)
    labels = forms.labelled(experiment)
    mine = is_theirs(service, row, given.get("owner"))
    for snapshot in snapshots(service.store, row.id):
        waits = service.queue.look(run["id"] for run in snapshot["runs"] if run["state"] == "queued")
        shown = view(row.id, experiment, snapshot, labels, waits)
        resumable = shown["resumable"] and mine
        yield {**shown, "cluster": cluster(service), "resumable": resumable}


def cluster(service: Service) -> Json | None:
    """The cluster's nodes, and everybody's runs that go on or wait; None where runs happen on this machine."""
    said = None if service.place is None else service.place.cluster
    if said is None:
        return None
    states = [run.state for run in service.store.going()]
    return {
        "nodes": len(said["nodes"]),
        "cores": int(sum(node["cpus"] for node in said["nodes"])),
        "gpus": int(sum(node["gpus"] for node in said["nodes"])),
        "running": states.count("running"),
        "waiting": states.count("queued"),
        "refused": said["refused"] and both(Text(*said["refused"])),
    }


def looked_into(settings: Settings, experiment: Experiment, given: Json) -> Settings:
    """What is trained to be looked at keeps snapshots; of a form, which has many variants, no panel shows them.

    `given["inside"]`: false where the visitor wants no time spent on looking into the runs.
    """
    if experiment.form:
        return settings
    return replace(settings, snapshot_bytes=MOST_BYTES, inside=given.get("inside") is not False)


def _going_already(service: Service, owner: str, experiment: Experiment) -> str | None:
    """The id of this visitor's experiment that is going, where it is this very one: Train was pressed twice."""
    mine = {run.experiment for run in service.store.going() if run.owner == owner}
    for id in mine:
        row = service.store.experiment(id)
        if row is not None and from_json(row.json) == experiment:
            return id
    return None
