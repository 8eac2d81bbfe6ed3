"""What a published system owes: its choices at a published size, and where each of them was read.

Knows no system. What no source states keeps the axis's default, and a note says so where it could mislead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from models.architecture import Architecture
from models.text import Text
from models.twin import twin


@dataclass(frozen=True, kw_only=True)
class System:
    """A published language model.

    `published` is one released size, written out. `citation` names the paper; `citations` say, by axis, where a choice
    was read when it was not there; `notes` are what a reader should know before comparing.
    """

    id: str
    name: str
    year: int
    maker: str
    size: str  # which of the released sizes `published` is
    citation: str
    published: Architecture
    citations: Mapping[str, str]
    notes: tuple[Text, ...] = ()

    @property
    def twin(self) -> Architecture:
        """The tiny twin: the same choices and ratios at a trainable size; see `models.twin`."""
        return self._twin[0]

    @property
    def rounded(self) -> tuple[Text, ...]:
        """The ratios that the tiny size could not keep exactly."""
        return self._twin[1]

    @cached_property
    def _twin(self) -> tuple[Architecture, tuple[Text, ...]]:
        return twin(self.published)


_SYSTEMS: dict[str, System] = {}


def register(system: System) -> System:
    """Make `system` known by its id; a taken id is a TypeError at import."""
    if system.id in _SYSTEMS:
        raise TypeError(f"there are two systems with the id {system.id!r}")
    _SYSTEMS[system.id] = system
    return system


def systems() -> dict[str, System]:
    """All systems by id, the oldest first."""
    return {system.id: system for system in sorted(_SYSTEMS.values(), key=lambda system: (system.year, system.id))}
