"""Work that is no run and that warm workers do beside training: exports, benchmarks. A closed register by kind.

A job is a function of its payload, a plain dict, and returns a plain dict; both are stored as JSON.
"""

from importlib import import_module
from typing import Any

from models.text import Refusal, Text

# Kind to module:function. Imported only when such a job comes: exporting needs packages that training does not.
KINDS = {
    "beyond": "playground.beyond:beyond_job",
    "costing": "playground.costing:costing_job",
    "export": "playground.export_run:export_job",
    "lesson": "playground.outcome:lesson_job",
    "precisions": "playground.export_precisions:compare_job",
    "throughput": "playground.throughput.job:measure_job",
}

UNKNOWN = Text("There is no job of the kind {kind!r}.", "没有 {kind!r} 这种任务。")


def do(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Do a job and return its result.

    Raises:
        Refusal: an unknown kind, or whatever the job itself refuses.
    """
    if kind not in KINDS:
        raise Refusal(UNKNOWN.format(kind=kind))
    module, _, function = KINDS[kind].partition(":")
    return getattr(import_module(module), function)(payload)
