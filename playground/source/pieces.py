"""What the choices of an architecture contribute to its source, slot by slot."""

from dataclasses import dataclass
from functools import cached_property

from models.architecture import Architecture
from models.piece import Piece, Slot
from playground.source.lines import Statement, stands


@dataclass(frozen=True)
class Pieces:
    """The architecture at hand, and its pieces in the order in which they act at a slot."""

    architecture: Architecture

    @cached_property
    def all(self) -> tuple[Piece, ...]:
        """Every piece that stands in some layer."""
        return tuple(piece for axis, _ in self.architecture.choices() for piece in self.of(axis))

    def of(self, axis: str) -> list[Piece]:
        """The pieces of the choice on one axis."""
        choice = getattr(self.architecture, axis)
        return [piece for piece in choice.source(self.architecture) if stands(_statement(piece))]

    def at(self, *slots: Slot) -> list[Piece]:
        """The pieces at these slots, slot by slot."""
        return [piece for slot in slots for piece in self.all if piece.slot == slot]

    def statements(self, *slots: Slot) -> list[Statement]:
        """The same as statements."""
        return [_statement(piece) for piece in self.at(*slots)]

    def wrapped(self, slot: Slot, x: str) -> str:
        """The expression `x` passed through the pieces at `slot`."""
        for piece in self.at(slot):
            x = piece.text.replace("{x}", x)
        return x

    def assigned(self, slot: Slot, name: str) -> list[Statement]:
        """The pieces at `slot`, each as a statement that renews the variable `name`."""
        return [
            Statement(f"{name} = {piece.text.replace('{x}', name)}", piece.says, piece.only) for piece in self.at(slot)
        ]


def _statement(piece: Piece) -> Statement:
    return Statement(piece.text, piece.says, piece.only, piece.unless)
