"""The "try this" experiments: links, titles, what to look for. Chosen by measurement, see docs/benchmarks.md."""

from dataclasses import dataclass

from models.text import Text
from playground import link
from playground.ui.controls import Json, both
from playground.ui.describe import chosen


@dataclass(frozen=True, slots=True)
class Try:
    """One experiment whose effect nobody can miss."""

    id: str
    title: Text
    says: Text  # what to look for
    query: str  # the experiment, as a link spells it

    def as_json(self) -> Json:
        """What the page needs to bring it up."""
        experiment, notes = link.read(self.query)
        assert not notes, f"{self.id}: {notes[0].en}"
        return {"id": self.id, "title": both(self.title), "says": both(self.says), **chosen(experiment)}


TRIES: tuple[Try, ...] = ()
