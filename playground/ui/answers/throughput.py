"""How fast the variants that are chosen read and write: measured by a worker on request, looked at here.

They need not be trained: the time that a token takes depends on shapes alone.
"""

from models.architecture import Architecture
from models.cost import parameters
from models.text import Refusal
from playground import link
from playground.store import GOING, JobRow
from playground.throughput.job import JOB, name_of, payload, so_far, stop
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.describe import asked_variants, titled
from playground.ui.describe import chosen as described
from playground.ui.registry import answer
from playground.ui.service import Service
from playground.ui.visitors import owner_of

LARGEST = 60_000_000  # parameters of a variant that is measured: beyond it a size takes minutes
FOLDER = "throughput"

WIDE = "llama-3,shape.width=256,shape.context=256,heads.query=8"
CACHES = (
    f"v=1&a={WIDE},heads.kv=8&b={WIDE},heads.kv=2&c={WIDE},heads.kv=1&d={WIDE},heads.kv=8,span=window,span.window=256"
)
"""MHA, GQA, MQA and a window, alike in everything else: large enough to be told apart, see docs/benchmarks.md."""


@answer
def throughput(service: Service, given: Json) -> Json:
    """What is known of the variants chosen: their titles, and what came of measuring them last, None if nobody did."""
    asked = asked_variants(given)
    variants = [one.variant for one in asked if one.variant is not None]
    if len(variants) < len(asked):
        return {"titles": [], "made": None}
    job = _job(service, [each.architecture for each in variants])
    return {"titles": [both(titled(each, variants)) for each in variants], "made": job and _said(job)}


@answer
def throughput_example(service: Service, given: Json) -> Json:
    """Four ways to keep a cache, as the page holds an experiment."""
    return described(link.read(CACHES)[0])


@answer
def measure_throughput(service: Service, given: Json) -> Json:
    """Queues the measurement of the variants chosen, unless it is going, or done and not wanted `again`.

    What else its visitor has queued is let go. `compile`: with torch compiled.

    Raises `Refusal` where a variant cannot be built, or is too large to be measured here.
    """
    owner, chosen, compile = owner_of(given), _checked(service, given), given.get("compile") is True
    job, again = _job(service, chosen), given.get("again") is True
    if job is None or not (job.state in GOING or (job.state == "finished" and not again)):
        service.store.drop_queued(JOB, owner)
        service.add_job(JOB, payload(chosen, service.home.root / FOLDER, compile), owner)
    return throughput(service, given)


@answer
def stop_measuring(service: Service, given: Json) -> Json:
    """End the measurement of the variants chosen where it is this visitor's, queued or going."""
    owner, variants = owner_of(given), [one.architecture for one in asked_variants(given)]
    service.store.drop_queued(JOB, owner)
    job = _job(service, [each for each in variants if each is not None])
    if job is not None and job.state == "running" and job.owner == owner:
        stop(job.payload)
    return throughput(service, given)


def check_size(service: Service, architecture: Architecture) -> None:
    """Raise `Refusal` where a variant is too large for this server, or to be measured."""
    size = parameters(architecture)
    service.profile.check(parameters=size)
    if size > LARGEST:
        raise Refusal(sentence("measured_too_large", parameters=f"{size:,}", most=f"{LARGEST:,}"))


def _checked(service: Service, given: Json) -> list[Architecture]:
    chosen: list[Architecture] = []
    for one in asked_variants(given):
        if one.architecture is None:
            raise one.refusals[0] if one.refusals else Refusal(sentence("bad_request"))
        check_size(service, one.architecture)
        chosen.append(one.architecture)
    return chosen


def _job(service: Service, chosen: list[Architecture]) -> JobRow | None:
    return service.store.last_job(JOB, name_of(chosen))


def _said(job: JobRow) -> Json:
    """As the page shows it; `found` is None before the first size is measured."""
    found = job.result if job.state == "finished" else so_far(job.payload)
    return {"state": job.state, "reason": job.reason and both(job.reason), "found": found}
