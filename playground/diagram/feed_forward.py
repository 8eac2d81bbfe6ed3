"""How the feed-forward sublayer is drawn: widened, bent, where branches meet, narrowed again."""

from models.drawing import Mark
from models.text import Text

from playground.diagram import svg
from playground.diagram.pen import GAP, Element, Pen, badged, box, stacked

UP, GATE, DOWN = Text("up", "升维"), Text("gate", "门控"), Text("down", "降维")
HEIGHT, INSET, BETWEEN = 22.0, 0.09, 6.0


def feed_forward(pen: Pen, width: float) -> list[Element]:
    """The feed-forward sublayer, top to bottom."""
    shape = pen.architecture.shape
    hidden = pen.architecture.feed_forward.hidden(shape.width)
    marks = pen.at("feed_forward")
    columns = [[mark for mark in marks if mark.column == i] for i in sorted({mark.column for mark in marks})]
    return [
        branches(pen, columns, f"{shape.width} → {hidden}", width),
        matrix(pen, DOWN, f"{hidden} → {shape.width}", width, narrowing=True),
    ]


def matrix(pen: Pen, name: Text, note: str, width: float, *, narrowing: bool = False) -> Element:
    """A matrix as a shape that widens or narrows as the vector does."""
    fits = svg.fitted(f"{pen.say(name)} {note}", width * (1 - 2 * INSET)) >= 8.5

    def draw(x: float, y: float) -> str:
        inset = width * INSET
        top, bottom = (0, inset) if narrowing else (inset, 0)
        corners = (x + top, y), (x + width - top, y), (x + width - bottom, y + HEIGHT), (x + bottom, y + HEIGHT)
        words = (pen.say(name), note if fits else "")
        size = svg.fitted(" ".join(filter(None, words)), width - 2 * inset)
        drawn = svg.group(
            pen.classes("box", {"feed_forward"}),
            svg.tag("path", d=svg.polyline(corners) + "z", class_="shape", stroke_linejoin="round"),
            svg.label(x + width / 2, y + HEIGHT / 2, size, *words),
            title=pen.hint("feed_forward"),
        )
        return badged(pen, pen.architecture.bias.feed_forward, drawn, (x + width - top, y), ("bias",))

    return Element(HEIGHT, draw)


def branches(pen: Pen, columns: list[list[Mark]], note: str, width: float) -> Element:
    """A matrix and what follows it for every branch; several meet in a product."""
    each = (width - BETWEEN * (len(columns) - 1)) / len(columns)
    names = [UP] if len(columns) == 1 else [GATE, *[UP] * (len(columns) - 1)]
    stacks = [
        [matrix(pen, name, note, each), *(box(pen, mark, each) for mark in column if mark.curve)]
        for name, column in zip(names, columns, strict=True)
    ]
    tall = max(sum(element.height + GAP for element in stack) for stack in stacks) - GAP
    height = tall if len(columns) == 1 else tall + 26

    def draw(x: float, y: float) -> str:
        parts = []
        for i, stack in enumerate(stacks):
            drawn, end = _stack(stack, x + i * (each + BETWEEN), y, each)
            parts.append(drawn)
            if len(columns) > 1:
                center = x + i * (each + BETWEEN) + each / 2
                meet = (x + width / 2, y + tall + 16)
                parts.append(
                    svg.wire((center, end), (center, meet[1]), (meet[0] + (9 if center > meet[0] else -9), meet[1]))
                )
        return "".join(parts) + (_product(pen, x + width / 2, y + tall + 16, width) if len(columns) > 1 else "")

    return Element(height, draw)


def _stack(elements: list[Element], x: float, y: float, width: float) -> tuple[str, float]:
    return stacked(elements, x, y, width)


def _product(pen: Pen, x: float, y: float, width: float) -> str:
    circle = svg.tag("circle", cx=x, cy=y, r=8, class_="shape") + svg.label(x, y, 12, "×")
    names = [pen.say(mark.label) for mark in pen.at("product")]
    room = width / 2 - 14
    text = "".join(svg.label(x + 13 + room, y + 11, svg.fitted(name, room), name, anchor="end") for name in names)
    return svg.group(pen.classes("product", {"feed_forward"}), circle, text, title=pen.hint("feed_forward"))
