"""How the feed-forward sublayer is drawn: widened, bent, where branches meet, narrowed again."""

from models.drawing import Mark
from models.text import Text
from playground.diagram import svg
from playground.diagram.pen import BIAS, GAP, LINES, READABLE, Element, Line, Pen, badged, box, lines, stacked, written

UP, GATE, DOWN = Text("up", "升维"), Text("gate", "门控"), Text("down", "降维")
HEIGHT, SLOPE = 22.0, 0.09  # of a matrix; its shorter side is SLOPE of the width shorter at each end
BETWEEN = 6.0  # two branches
MEET, PRODUCT = 13.0, 17.0  # from branches to the sign where they meet, and its height
AXIS = ("feed_forward",)


def feed_forward(pen: Pen, width: float) -> list[Element]:
    """The feed-forward sublayer, top to bottom."""
    shape = pen.architecture.shape
    hidden = pen.architecture.feed_forward.hidden(shape.width)
    return [
        branches(pen, f"{shape.width} → {hidden}", width),
        matrix(pen, (pen.say(DOWN), f"{hidden} → {shape.width}"), width, narrows=True),
    ]


def matrix(pen: Pen, words: Line, width: float, *, narrows: bool = False) -> Element:
    """A matrix as a shape that widens or narrows as the vector does; sizes that cannot be read are left out."""
    inset = width * SLOPE
    room = width - 2 * inset
    fits = svg.fitted(words[1], room) >= READABLE - 1
    shown = lines(words if fits else words[:1], room)
    height = HEIGHT if len(shown) == 1 else LINES
    top, bottom = (0.0, inset) if narrows else (inset, 0.0)

    def draw(x: float, y: float) -> str:
        right = x + width
        corners = (x + top, y), (right - top, y), (right - bottom, y + height), (x + bottom, y + height)
        shape = svg.tag("path", d=svg.polyline(corners) + "z", class_="d-shape", stroke_linejoin="round")
        return pen.group("d-box", AXIS, shape, written(shown, x + inset, y, room, height))

    return badged(pen, pen.architecture.bias.feed_forward, BIAS, Element(height, draw), width - top)


def branches(pen: Pen, note: str, width: float) -> Element:
    """A matrix and what follows it for every branch; several meet in a product."""
    marks = pen.at("feed_forward")
    columns = [[mark for mark in marks if mark.column == i] for i in sorted({mark.column for mark in marks})]
    each = (width - BETWEEN * (len(columns) - 1)) / len(columns)
    names = [GATE, *[UP] * (len(columns) - 1)] if len(columns) > 1 else [UP]
    sizes = note if len(columns) == 1 else ""  # said once, by the matrix that narrows again
    stacks = [_branch(pen, name, sizes, column, each) for name, column in zip(names, columns, strict=True)]
    tall = max(sum(element.height + GAP for element in stack) for stack in stacks) - GAP
    meet = _meet(pen, width) if len(stacks) > 1 else None

    def draw(x: float, y: float) -> str:
        lefts = [x + i * (each + BETWEEN) for i in range(len(stacks))]
        drawn = [stacked(stack, left, y, each) for stack, left in zip(stacks, lefts, strict=True)]
        if meet is None:
            return "".join(part for part, _ in drawn)
        target = y + tall + MEET
        wires = [
            _into(left + each / 2, end, x + width / 2, target) for left, (_, end) in zip(lefts, drawn, strict=True)
        ]
        return "".join([*(part for part, _ in drawn), *wires, meet.draw(x, target)])

    enters = tuple((i * (each + BETWEEN) + each / 2) / width for i in range(len(stacks)))
    return Element(tall + (MEET + meet.height if meet else 0), draw, enters)


def _branch(pen: Pen, name: Text, note: str, marks: list[Mark], width: float) -> list[Element]:
    """A matrix, and a function where the branch has one."""
    return [matrix(pen, (pen.say(name), note), width), *(box(pen, mark, width) for mark in marks if mark.curve)]


def _meet(pen: Pen, width: float) -> Element:
    """The sign of the product, with the name of the whole."""
    words = (word for mark in pen.at("product") for word in (pen.say(mark.label), mark.note))
    name = " ".join(["×", *filter(None, words)])
    across = min(width, svg.em(name) * svg.SIZE + 18)

    def draw(x: float, y: float) -> str:
        left = x + (width - across) / 2
        text = svg.label(x + width / 2, y + PRODUCT / 2, svg.fitted(name, across - 8), name)
        return pen.group("d-product", AXIS, svg.rounded(left, y, across, PRODUCT, PRODUCT / 2), text)

    return Element(PRODUCT, draw)


def _into(x: float, start: float, middle: float, y: float) -> str:
    """From a branch's end down into the sign below."""
    near = middle + (8 if x > middle else -8)
    bend = y - 6
    return svg.wire((x, start), (x, bend), (near, bend), (near, y - 2), radius=3) + svg.arrow_down(near, y)
