"""What has been trained: which variants have a model, what they wrote at their end, and how far their exports are."""

from playground import events
from playground.experiment import Experiment, from_json
from playground.precision import PRECISIONS
from playground.store import GOING, JobRow, RunRow, Store
from playground.ui.controls import Json, both
from playground.ui.download import address
from playground.ui.examples import example
from playground.ui.registry import answer
from playground.ui.service import Service
from playground.ui.trained import experiment_of, exported_file, file_name, first_runs, has_model, is_offered, run_of
from playground.ui.visitors import owner_of

JOB = "export"


@answer
def trained(service: Service, given: Json) -> Json:
    """Every variant of an experiment as the panels need it, a sentence to try, and how the first variant is trained."""
    store, id = service.store, given.get("id")
    row = experiment_of(store, id)
    experiment = from_json(row.json)
    variants = [_variant(store, run) for run in first_runs(store, id)]
    samples = next((each["samples"]["texts"] for each in variants if each["samples"]), ())
    setting = _setting(experiment, store.runs(row.id)[0], store)
    return {"variants": variants, "example": example(experiment.recipe.data, samples), "setting": setting}


@answer
def export(service: Service, given: Json) -> Json:
    """Queues the export of a variant, unless there is one already; says what came of the latest.

    A failed one may be asked for again.
    """
    run = run_of(service.store, given.get("id"), given.get("variant"))
    so_far = _export(service.store, run)
    if so_far is None or so_far["state"] not in (*GOING, "finished"):
        text = experiment_of(service.store, run.experiment).settings.text
        payload = {"run": run.id, "folder": str(run.folder), "text": text}
        service.add_job(JOB, payload, owner_of(given))
    return {"export": _export(service.store, run)}


def _variant(store: Store, run: RunRow) -> Json:
    ready = has_model(run)
    return {
        "variant": run.variant,
        "run": run.id,
        "ready": ready,
        "samples": _samples(store, run) if ready else None,
        "export": _export(store, run) if ready else None,
        "precisions": [name for name in PRECISIONS if is_offered(run, name)],
    }


def _samples(store: Store, run: RunRow) -> Json | None:
    sampled = next((event for event in _events(store, run) if isinstance(event, events.Sampled)), None)
    return sampled and {"step": sampled.step, "temperature": sampled.temperature, "texts": sampled.texts}


def _export(store: Store, run: RunRow) -> Json | None:
    job = store.last_job(JOB, run.id)
    if job is None or (job.state == "finished" and not exported_file(run).is_file()):
        return None
    said: Json = {"state": job.state, "reason": job.reason and both(job.reason)}
    return said | _result(run, job) if job.state == "finished" else said


def _setting(experiment: Experiment, run: RunRow, store: Store) -> Json | None:
    """How the first variant is trained; None before it has begun. A task may read less than a context."""
    started = next((event for event in _events(store, run) if isinstance(event, events.Started)), None)
    recipe = experiment.variants[run.variant].recipe_in(experiment)
    tokens = started and started.tokens_per_step // recipe.batch
    return started and {"batch": recipe.batch, "context": tokens, "threads": recipe.threads}


def _events(store: Store, run: RunRow) -> list[events.Event]:
    """What the run said, but for the points of its curve: those are many, and shown elsewhere."""
    point = f'"kind": "{events.Point.kind}"'
    return [events.decode(line) for _, line in store.events(run.id) if point not in line]


def _result(run: RunRow, job: JobRow) -> Json:
    """What the worker found, and where the file is to be had."""
    assert job.result is not None
    found = job.result
    offered = address(run) if is_offered(run) else None
    file = {"name": file_name(run), "address": offered, "bytes": exported_file(run).stat().st_size}
    return {"file": file, "verification": found["verification"], "decode": found["decode"]}
