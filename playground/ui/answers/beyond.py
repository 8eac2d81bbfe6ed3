"""The loss of every trained variant by position, beyond the length it was trained at: measured by the workers."""

from playground import link
from playground.beyond import said
from playground.store import JobRow, RunRow
from playground.ui.controls import Json, both
from playground.ui.describe import chosen
from playground.ui.registry import answer
from playground.ui.service import Service
from playground.ui.trained_jobs import shown, wanted

JOB = "beyond"
NAME = "{name}"  # filled in on the page, where the variant has its name in the page's language
EVERY_POSITION = (
    "v=1&a=gpt-2,shape.layers=3,shape.width=64&recipe.tokens=204800"
    "&sweep=position:none~sinusoidal~learned~rope~alibi~t5~transformer_xl"
)
"""One small model with every position option: about a minute on two cores."""


@answer
def beyond(service: Service, given: Json) -> Json:
    """Every variant that has a model, with what came of reading on, or None where nobody asked."""
    return shown(service, given, _made)


@answer
def measure_beyond(service: Service, given: Json) -> Json:
    """Has every variant that has a model read on, unless it has or is; failed ones are tried again."""
    return wanted(service, given, _made, JOB)


@answer
def every_position(service: Service, given: Json) -> Json:
    """One model with every position option, as the page holds an experiment."""
    return chosen(link.read(EVERY_POSITION)[0])


def _made(service: Service, run: RunRow) -> Json | None:
    job = service.store.last_job(JOB, run.id)
    return job and _said(job)


def _said(job: JobRow) -> Json:
    content: Json = {"state": job.state, "reason": job.reason and both(job.reason), "found": job.result}
    return content | ({"sentence": both(said(job.result, NAME))} if job.result else {})
