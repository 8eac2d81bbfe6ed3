"""What every part of the picture needs to know: the language, what is marked, what a box says when pointed at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from models.architecture import Architecture
from models.drawing import Mark, Spot
from models.text import Text

from playground.diagram import svg

BOX, TWO_LINES, GAP = 20.0, 31.0, 8.0


@dataclass(frozen=True)
class Pen:
    """The architecture at hand, and how to write about it."""

    architecture: Architecture
    marked: frozenset[str]  # names of axes
    language: str

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """What the choices show, in the order in which they act at a spot."""
        choices = self.architecture.choices()
        return tuple(mark for _, choice in choices for mark in choice.draw(self.architecture))

    def at(self, *spots: Spot) -> list[Mark]:
        """The marks at these spots, spot by spot."""
        return [mark for spot in spots for mark in self.marks if mark.spot == spot]

    def say(self, text: Text) -> str:
        """The text in the picture's language."""
        return text.zh if self.language == "zh" else text.en

    def classes(self, kind: str, axes: Iterable[str]) -> str:
        """The classes of a group that shows `axes`."""
        return f"{kind} marked" if self.marked & set(axes) else kind

    def hint(self, axis: str) -> str:
        """What a box about `axis` says when pointed at."""
        choice = getattr(self.architecture, axis)
        title, option = self.say(choice.axis_title), self.say(choice.title)
        name = title if title == option else f"{title}: {option}"
        return f"{name} · {choice.formula}" if choice.formula else name


@dataclass(frozen=True)
class Element:
    """A part that stands in a column: how high it is, and how it is drawn at (x, y)."""

    height: float
    draw: Callable[[float, float], str]


def stacked(elements: list[Element], x: float, y: float, width: float) -> tuple[str, float]:
    """Elements under each other, joined by arrows; and where they end."""
    parts = []
    for element in elements:
        if parts:
            parts.append(svg.wire((x + width / 2, y - GAP), (x + width / 2, y - 3)) + svg.arrow_down(x + width / 2, y))
        parts.append(element.draw(x, y))
        y += element.height + GAP
    return "".join(parts), y - GAP


def box(pen: Pen, mark: Mark, width: float) -> Element:
    """One mark as a box `width` wide; a note that does not fit beside the label stands under it."""
    words = (pen.say(mark.label), mark.note)
    room = width - 10 - (34 if mark.curve else 0)
    beside = svg.fitted(" ".join(filter(None, words)), room) >= (9 if mark.note else 0)
    height = BOX if beside else TWO_LINES

    def draw(x: float, y: float) -> str:
        middle = x + width / 2 + (15 if mark.curve else 0)
        lines = [words] if beside else [(words[0],), (words[1],)]
        size = min(svg.fitted(" ".join(filter(None, line)), room) for line in lines)
        step = height / (len(lines) + (0.6 if len(lines) > 1 else 1))
        top = y + height / 2 - step * (len(lines) - 1) / 2
        text = "".join(svg.label(middle, top + i * step, size, *line) for i, line in enumerate(lines))
        curve = svg.sketch(mark.curve, x + 9, y + 4, 26, height - 8) if mark.curve else ""
        return badged(
            pen,
            mark.offset,
            svg.group(
                pen.classes("box", mark.axes), svg.rounded(x, y, width, height), curve, text, title=pen.hint(mark.axis)
            ),
            (x + width, y),
            mark.axes,
        )

    return Element(height, draw)


def badged(pen: Pen, offset: bool, drawn: str, corner: svg.Point, axes: Iterable[str]) -> str:
    """`drawn`, with a small "+b" on its upper right corner if it adds an offset."""
    if not offset:
        return drawn
    x, y = corner[0] - 22, corner[1] - 5
    pill = svg.rounded(x, y, 17, 11, 5.5) + svg.label(x + 8.5, y + 5.5, 8.5, "+b")
    return drawn + svg.group(pen.classes("pill", axes), pill)
