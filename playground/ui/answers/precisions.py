"""What each variant's exported file costs in fewer bits: made and measured by the workers, looked at here."""

from playground.store import JobRow, RunRow
from playground.ui.controls import Json, both
from playground.ui.download import address
from playground.ui.registry import answer
from playground.ui.service import Service
from playground.ui.trained import exported_file, file_name, is_offered
from playground.ui.trained_jobs import shown, wanted

JOB = "precisions"


@answer
def precisions(service: Service, given: Json) -> Json:
    """Every variant that has a model, with what came of comparing its precisions, or None where nobody asked."""
    return shown(service, given, _made)


@answer
def compare_precisions(service: Service, given: Json) -> Json:
    """Queues the comparison for every variant that has a model and none yet; failed ones are tried again."""
    return wanted(service, given, _made, JOB)


def _made(service: Service, run: RunRow) -> Json | None:
    job = service.store.last_job(JOB, run.id)
    if job is None:
        return None
    said: Json = {"state": job.state, "reason": job.reason and both(job.reason)}
    if job.state != "finished":
        return said
    rows = _rows(run, job)
    # What was found by an earlier version names no form: its speeds are of a form that does not write any more.
    holds = all("form" in row and exported_file(run, row["precision"]).is_file() for row in rows["precisions"])
    return said | rows if holds else None


def _rows(run: RunRow, job: JobRow) -> Json:
    """What the worker found, each precision with the address of its file, where that may be had."""
    assert job.result is not None
    rows = []
    for row in job.result["precisions"]:
        precision = row["precision"]
        where = address(run, precision) if is_offered(run, precision) else None
        rows.append(row | {"file": {"name": file_name(run, precision), "address": where}})
    return {**job.result, "precisions": rows}
