"""A line of those who want to work at the same time: the first few do, the others wait their turn. Knows no work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Place:
    """One who stands in a line, by a name that only they know. `left`: they have asked to end."""

    name: str
    line: "Line"
    left: bool = False

    def wait(self, seconds: float) -> int:
        """Waits for its turn, so long at most; how many are to finish before it: 0 when it is its turn or has left."""
        return self.line.wait(self, seconds)


class Line:
    """The first `count` of those in it may work at the same time."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._places: list[Place] = []
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._places)

    @contextmanager
    def join(self, name: str) -> Iterator[Place]:
        """A place at the end of the line; it is given up with the block, however that ends."""
        place = Place(name, self)
        with self._changed:
            self._places.append(place)
        try:
            yield place
        finally:
            with self._changed:
                self._places.remove(place)
                self._changed.notify_all()

    def leave(self, name: str) -> None:
        """Whoever has this name is to end, at work or waiting."""
        with self._changed:
            for place in self._places:
                place.left |= place.name == name
            self._changed.notify_all()

    def wait(self, place: Place, seconds: float) -> int:
        """See `Place.wait`."""
        with self._changed:
            self._changed.wait_for(lambda: self._before(place) == 0, seconds)
            return self._before(place)

    def _before(self, place: Place) -> int:
        return 0 if place.left else max(0, self._places.index(place) - self.count + 1)
