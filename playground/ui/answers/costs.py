"""What the chosen variants cost: predicted at once, measured by a worker on request, beside named accelerators."""

from functools import lru_cache

from models.architecture import Architecture
from models.systems import systems
from playground.accelerators import ACCELERATORS
from playground.costing import JOB, TOGETHER, check, payload, predicted, works
from playground.experiment import Experiment
from playground.store import GOING, JobRow
from playground.throughput.job import name_of
from playground.ui.answers.throughput import check_size
from playground.ui.controls import Json, both
from playground.ui.describe import as_trained, asked_variants, composed, titled
from playground.ui.registry import answer
from playground.ui.service import Service
from playground.ui.visitors import owner_of


@answer
def costs(service: Service, given: Json) -> Json:
    """Costs of the variants chosen, predicted, and what came of measuring them last; those of their systems' full size.

    Raises `Refusal` where one of them cannot be built.
    """
    asked, experiment = asked_variants(given), composed(given | {"form": None})
    chosen, batch = _architectures(experiment), experiment.recipe.batch
    job = service.store.last_job(JOB, name_of(chosen, batch))
    found = job.result if job and job.state == "finished" else None
    here = found["here"] if found else None
    built = [one.variant for one in asked if one.variant is not None]
    return {
        "titles": [both(titled(variant, built)) for variant in built],
        "batch": batch,
        "together": TOGETHER,
        "contexts": [architecture.shape.context for architecture in chosen],
        "predicted": [predicted(architecture, batch, here) for architecture in chosen],
        "full": [_full_size(one.system) for one in asked],
        "accelerators": [accelerator.to_dict() for accelerator in ACCELERATORS],
        "made": job and _said(job),
    }


@answer
def measure_costs(service: Service, given: Json) -> Json:
    """Queues the measurement of the variants chosen, unless it is going, or done and not wanted `again`.

    Raises `Refusal` where a variant cannot be built, or is too large to be measured here.
    """
    owner, experiment = owner_of(given), composed(given | {"form": None})
    chosen, batch = _architectures(experiment), experiment.recipe.batch
    for architecture in chosen:
        check_size(service, architecture)
        check(architecture, batch)
    job, again = service.store.last_job(JOB, name_of(chosen, batch)), given.get("again") is True
    if job is None or not (job.state in GOING or (job.state == "finished" and not again)):
        service.store.drop_queued(JOB, owner)
        service.add_job(JOB, payload(chosen, batch), owner)
    return costs(service, given)


def _architectures(experiment: Experiment) -> list[Architecture]:
    return [as_trained(variant, experiment) for variant in experiment.variants]


@lru_cache(maxsize=128)
def _full_size(id: str) -> Json:
    """A system at its full size: what each activity computes and moves, one sequence a step."""
    system = systems()[id]
    found = works(system.full, batch=1).items()
    numbers = {name: {"flops": work.flops, "numbers": work.numbers} for name, work in found}
    return {"name": f"{system.name} {system.size}", "context": system.full.shape.context, "works": numbers}


def _said(job: JobRow) -> Json:
    return {"state": job.state, "reason": job.reason and both(job.reason), "found": job.result}
