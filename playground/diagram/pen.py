"""What every part of the picture needs to know: the language, what is marked, what a box says when pointed at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from models.architecture import Architecture
from models.drawing import Mark, Spot
from models.text import Text
from playground.diagram import svg

LINE, LINES, GAP = 20.0, 31.0, 8.0  # heights of boxes with one and two lines, and what is between them
READABLE, SMALLEST = 9.0, 7.0  # px of letters: smaller ones are worth a second line; or are left out
CURVE = 26.0  # width of a sketched function
BIAS = ("bias",)

Line = tuple[str, ...]


@dataclass(frozen=True)
class Pen:
    """The architecture at hand, and how to write about it. What a part shows is named as an axis or a path."""

    architecture: Architecture
    marked: frozenset[str]
    language: str

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """What the choices show, in the order in which they act at a spot."""
        return tuple(mark for _, choice in self.architecture.choices() for mark in choice.draw(self.architecture))

    def at(self, *spots: Spot) -> list[Mark]:
        """The marks at these spots, spot by spot."""
        return [mark for spot in spots for mark in self.marks if mark.spot == spot]

    def say(self, text: Text) -> str:
        """The text in the picture's language."""
        return text.zh if self.language == "zh" else text.en

    def group(self, kind: str, shows: tuple[str, ...], *parts: str) -> str:
        """Parts that show something: marked if any of it is, and saying the first choice when pointed at."""
        classes = f"{kind} marked" if any(_within(name, mark) for name in shows for mark in self.marked) else kind
        if not shows:
            return svg.group(classes, *parts)
        return svg.group(classes, *parts, title=self._hint(shows[0]), axis=shows[0].partition(".")[0])

    def _hint(self, name: str) -> str:
        """What was chosen, its formula and where that comes from, a line each."""
        choice = getattr(self.architecture, name.partition(".")[0])
        title, option = self.say(choice.axis_title), self.say(choice.title)
        name = title if title == option else f"{title}: {option}"
        return "\n".join((name, choice.formula, choice.citation)).rstrip("\n")


def _within(name: str, mark: str) -> bool:
    """Is one of two names, axes or paths, the other or a part of it?"""
    return f"{name}.".startswith(f"{mark}.") or f"{mark}.".startswith(f"{name}.")


@dataclass(frozen=True)
class Element:
    """A part that stands in a column: how high it is, how it is drawn at (x, y), and where arrows enter it."""

    height: float
    draw: Callable[[float, float], str]
    enters: tuple[float, ...] = (0.5,)  # in parts of its width


def stacked(elements: Iterable[Element], x: float, y: float, width: float) -> tuple[str, float]:
    """Elements under each other, joined by arrows; and where they end."""
    parts: list[str] = []
    for element in elements:
        parts += [into(element, (x, y), width, (x + width / 2, y - GAP))] if parts else []
        parts.append(element.draw(x, y))
        y += element.height + GAP
    return "".join(parts), y - GAP


def into(element: Element, corner: svg.Point, width: float, start: svg.Point) -> str:
    """Arrows from `start`, above, to where `element` is entered, whose upper left corner is given."""
    y, tops = corner[1], [corner[0] + part * width for part in element.enters]
    bend = min(start[1] + 3, y - 4)
    ways = [((top, start[1]),) if top == start[0] else (start, (start[0], bend), (top, bend)) for top in tops]
    drawn = [
        svg.wire(*way, (top, y - 3), radius=3) + svg.arrow_down(top, y) for way, top in zip(ways, tops, strict=True)
    ]
    return "".join(drawn)


def lines(words: Line, width: float) -> list[Line]:
    """`words` in one line if they can be read so, else the first above the rest."""
    whole = tuple(filter(None, words))
    one_line = len(whole) < 2 or svg.fitted(" ".join(whole), width) >= READABLE
    return [whole] if one_line else [whole[:1], ("", *whole[1:])]


def written(written: list[Line], x: float, y: float, width: float, height: float) -> str:
    """Lines in the middle of a box at (x, y)."""
    size = min(svg.fitted(" ".join(line), width) for line in written)
    pitch = min(size * 1.2, height / len(written))
    top = y + height / 2 - pitch * (len(written) - 1) / 2
    return "".join(svg.label(x + width / 2, top + i * pitch, size, *line) for i, line in enumerate(written))


def box(pen: Pen, mark: Mark, width: float) -> Element:
    """One mark as a box `width` wide; a note that does not fit beside the label stands under it."""
    if mark.curve:
        return _curve_box(pen, mark, width)
    inside = plain(pen, (pen.say(mark.label), mark.note), mark.axes, width)
    return badged(pen, mark.offset, mark.axes, inside, width)


def plain(pen: Pen, words: Line, axes: tuple[str, ...], width: float, kind: str = "d-box") -> Element:
    """A box with words in it."""
    shown = lines(words, width - 10)
    height = LINE if len(shown) == 1 else LINES

    def draw(x: float, y: float) -> str:
        text = written(shown, x + 5, y, width - 10, height)
        return pen.group(kind, axes, svg.rounded(x, y, width, height), text)

    return Element(height, draw)


def _curve_box(pen: Pen, mark: Mark, width: float) -> Element:
    """The function beside its name, or above it where there is no room, or alone where the name could not be read."""
    name, room = pen.say(mark.label), width - CURVE - 20
    beside = svg.fitted(name, room) >= READABLE
    alone = svg.fitted(name, width - 6) < SMALLEST
    height = LINE + 2 if beside or alone else LINES + 3

    def draw(x: float, y: float) -> str:
        tall = height - 8 if beside or alone else 13
        curve = svg.sketch(mark.curve, x + (9 if beside else (width - CURVE) / 2), y + 4, CURVE, tall)
        corner, space = ((x + CURVE + 14, y), (room, height)) if beside else ((x + 3, y + 17), (width - 6, height - 18))
        text = "" if alone else written([(name,)], *corner, *space)
        return pen.group("d-box", mark.axes, svg.rounded(x, y, width, height), curve, text)

    return Element(height, draw)


def badged(pen: Pen, offset: bool, axes: tuple[str, ...], element: Element, width: float) -> Element:
    """`element` with a small "+b" on its upper right corner, if it adds an offset."""
    if not offset:
        return element

    def draw(x: float, y: float) -> str:
        left, top = x + width - 22, y - 7.5
        pill = svg.rounded(left, top, 17, 11, 5.5), svg.label(left + 8.5, top + 5.5, 8.5, "+b")
        return element.draw(x, y) + pen.group("d-pill", axes, *pill)

    return Element(element.height, draw)
