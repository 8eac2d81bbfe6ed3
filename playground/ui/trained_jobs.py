"""Work on every trained variant of an experiment, done by the workers on request: a job a variant. Knows no kind."""

from collections.abc import Callable

from playground.store import GOING, RunRow
from playground.ui.controls import Json
from playground.ui.service import Service
from playground.ui.trained import experiment_of, first_runs, has_model
from playground.ui.visitors import owner_of

Made = Callable[[Service, RunRow], Json | None]  # what came of a variant's job, None where nobody asked for it


def shown(service: Service, given: Json, made: Made) -> Json:
    """Every variant that has a model, with what came of its job."""
    runs = filter(has_model, first_runs(service.store, given.get("id")))
    return {"variants": [{"variant": run.variant, "made": made(service, run)} for run in runs]}


def wanted(service: Service, given: Json, made: Made, kind: str) -> Json:
    """Queues the job of every variant that has a model and none yet; failed ones are tried again."""
    owner, experiment = owner_of(given), experiment_of(service.store, given.get("id"))
    for run in filter(has_model, first_runs(service.store, experiment.id)):
        found = made(service, run)
        if found is None or found["state"] not in (*GOING, "finished"):
            payload = {"run": run.id, "folder": str(run.folder), "text": experiment.settings.text}
            service.add_job(kind, payload, owner)
    return shown(service, given, made)
