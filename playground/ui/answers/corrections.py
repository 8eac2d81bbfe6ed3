"""The corrections, for their tab."""

from functools import cache

from playground.ui import corrections as written
from playground.ui.controls import Json
from playground.ui.registry import answer
from playground.ui.service import Service


@answer
def corrections(service: Service, given: Json) -> Json:
    """All of them, by axis."""
    return _said()


@cache
def _said() -> Json:
    return {"sections": written.sections()}
