"""What each variant's exported file costs in fewer bits: made and measured by the workers, looked at here."""

from playground.store import GOING, JobRow, RunRow
from playground.ui.answers.training import owner_of
from playground.ui.controls import Json, both
from playground.ui.download import address
from playground.ui.registry import answer
from playground.ui.service import Service
from playground.ui.trained import experiment_of, exported_file, file_name, first_runs, has_model

JOB = "precisions"


@answer
def precisions(service: Service, given: Json) -> Json:
    """Every variant that has a model, with what came of comparing its precisions, or None where nobody asked."""
    runs = filter(has_model, first_runs(service.store, given.get("id")))
    return {"variants": [{"variant": run.variant, "made": _made(service, run)} for run in runs]}


@answer
def compare_precisions(service: Service, given: Json) -> Json:
    """Queues the comparison for every variant that has a model and none yet; failed ones are tried again."""
    owner, experiment = owner_of(given), experiment_of(service.store, given.get("id"))
    for run in filter(has_model, first_runs(service.store, experiment.id)):
        made = _made(service, run)
        if made is None or made["state"] not in (*GOING, "finished"):
            payload = {"run": run.id, "folder": str(run.folder), "text": experiment.settings.text}
            service.store.add_job(JOB, payload, owner)
    return precisions(service, given)


def _made(service: Service, run: RunRow) -> Json | None:
    job = service.store.last_job(JOB, run.id)
    if job is None:
        return None
    said: Json = {"state": job.state, "reason": job.reason and both(job.reason)}
    if job.state != "finished":
        return said
    rows = _rows(run, job)
    return said | rows if all(exported_file(run, row["precision"]).is_file() for row in rows["precisions"]) else None


def _rows(run: RunRow, job: JobRow) -> Json:
    """What the worker found, each precision with the address of its file."""
    assert job.result is not None
    files = {row["precision"]: row for row in job.result["precisions"]}
    rows = [
        row | {"file": {"name": file_name(run, precision), "address": address(run, precision)}}
        for precision, row in files.items()
    ]
    return {**job.result, "precisions": rows}
