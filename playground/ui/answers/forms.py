"""Values to begin a sweep with."""

from playground.ui import forms
from playground.ui.controls import Json
from playground.ui.describe import composed
from playground.ui.registry import answer
from playground.ui.service import Service


@answer
def sweep(service: Service, given: Json) -> Json:
    """Values of the number `given["path"]` around the one that the choices have; raises `Refusal` for no number."""
    return {"values": forms.suggested(composed(given | {"form": None}), str(given.get("path")))}
