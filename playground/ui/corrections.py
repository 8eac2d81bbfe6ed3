"""Corrections to what is often said of architectures, for people to quote: `assets/corrections/`, a file an axis.

An entry's `id` is its address on the page and stays. Knows no page.
"""

from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from models.architecture import Architecture
from models.text import Text
from playground import link
from playground.ui.catalogue import sentence
from playground.ui.controls import both
from playground.ui.describe import chosen
from playground.ui.differences import in_order
from playground.ui.files import ASSETS

Json = dict[str, Any]
FOLDER = ASSETS / "corrections"
RECIPE = "recipe"  # the one file that is about no axis


class Correction(BaseModel):
    """What is often said, what holds, and where it was read; `query` is an experiment on it, as links spell it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    claim: dict[str, str]
    holds: dict[str, str]
    sources: tuple[str | dict[str, str], ...] = Field(min_length=1)
    query: str | None = Field(None, alias="try")

    def as_json(self) -> Json:
        """As the page shows it; `experiment` is what "try it" brings up."""
        said: Json = {"id": self.id, "claim": self.claim, "holds": self.holds, "sources": list(self.sources)}
        return said | {"query": self.query, "experiment": self.query and chosen(link.read(self.query)[0])}


@cache
def corrections() -> dict[str, tuple[Correction, ...]]:
    """All corrections by the axis that they are about, in the order of the page's rows; the recipe's last."""
    order = [*in_order(), RECIPE]
    files = {path.stem: path for path in FOLDER.glob("*.json")}
    read = TypeAdapter(tuple[Correction, ...]).validate_json
    return {axis: read(files[axis].read_bytes()) for axis in sorted(files, key=order.index)}


def title(axis: str) -> Text:
    """What the corrections of `axis` stand under."""
    return sentence("recipe") if axis == RECIPE else Architecture.axes()[axis].axis_title


def sections() -> list[Json]:
    """All corrections as the page shows them, an axis each."""
    return [
        {"axis": axis, "title": both(title(axis)), "entries": [entry.as_json() for entry in entries]}
        for axis, entries in corrections().items()
    ]
