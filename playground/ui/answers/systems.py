"""The systems tab: the table, and what sets two systems apart."""

from functools import cache

from models.systems.base import catalogue
from models.text import Refusal
from playground.ui import systems as table
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.registry import answer
from playground.ui.service import Service


@answer
def systems(service: Service, given: Json) -> Json:
    """The whole catalogue: columns and rows."""
    return _said()


@answer
def difference(service: Service, given: Json) -> Json:
    """One sentence on the systems `given["one"]` and `given["other"]`."""
    one, other = given.get("one"), given.get("other")
    if not isinstance(one, str) or not isinstance(other, str) or not {one, other} <= {*catalogue()}:
        raise Refusal(sentence("bad_request"))
    return {"sentence": both(catalogue()[one].differences(catalogue()[other]))}


@cache
def _said() -> Json:
    return {"columns": table.columns(), "systems": table.rows()}
