"""The whole picture: the residual stream from tokens to logits, and what a block reads from it and adds to it."""

from collections.abc import Set
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from models.architecture import Architecture
from models.drawing import Mark
from models.text import Text
from playground.diagram import svg
from playground.diagram.attention import attention
from playground.diagram.feed_forward import feed_forward
from playground.diagram.pen import BIAS, GAP, LINE, Element, Pen, badged, box, into, plain, stacked
from playground.diagram.sentence import sentence
from playground.diagram.style import STYLE

WIDTH = 240
STREAM = 20.0  # x of the residual stream
LEFT, RIGHT = 46.0, 222.0  # between them stand the sublayers
EDGE, OUTER = 4.0, 230.0  # between them stands the rest
BETWEEN = 8.0  # two branches beside each other
SUBLAYERS = {"attention": attention, "feed_forward": feed_forward}
ABSENT = {"attention": Text("no attention", "无注意力"), "feed_forward": Text("no feed-forward", "无前馈层")}
TIED, UNTIED = Text("logits · tied embedding", "logits · 共享嵌入"), Text("logits · own matrix", "logits · 独立矩阵")
LANGUAGES = ("en", "zh")
NAMESPACE = "http://www.w3.org/2000/svg"


def render(architecture: Architecture, marked: Set[str] = frozenset(), language: str = "en") -> str:
    """The architecture's block as an SVG element, 240 px wide.

    `marked` names what differs from another variant, as axes or paths (`norm`, `heads.kv`): what shows it has the class
    "marked". `language` is "en" or "zh".
    """
    if language not in LANGUAGES:
        raise ValueError(f"the diagram speaks {' and '.join(LANGUAGES)}, not {language!r}")
    picture = Picture(Pen(architecture, frozenset(marked), language))
    picture.model()
    return picture.finished(sentence(architecture, language))


@dataclass
class Picture:
    """The picture as it grows downwards."""

    pen: Pen
    y: float = 2.0
    parts: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)

    def finished(self, said: str) -> str:
        """What was drawn, as one element that says in words what it shows."""
        inner = svg.tag("title", escape(said)) + svg.tag("style", STYLE) + "".join(self.behind + self.parts)
        height = svg.number(self.y + 3)
        size = {"viewBox": f"0 0 {WIDTH} {height}", "width": str(WIDTH), "height": height}
        return svg.tag("svg", inner, xmlns=NAMESPACE, class_="diagram", role="img", aria_label=said, **size)

    def model(self) -> None:
        """Tokens, blocks, head, and what only training knows."""
        pen, wide = self.pen, OUTER - EDGE
        architecture, top = pen.architecture, self.y + LINE / 2
        width, shown = architecture.embedding.width(architecture), ("shape.width", "embedding.size")
        self.put(plain(pen, (pen.say(Text(f"tokens → {width} wide", f"词元 → {width} 维")),), shown, wide))
        start = self.y
        for mark in pen.at("embedding"):
            self.on_stream(mark, EDGE)
        self.blocks()
        for mark in pen.at("final", "head"):
            self.on_stream(mark, EDGE)
        self.y += GAP
        stream = f"M{svg.number(STREAM)} {svg.number(start)}V{svg.number(self.y)}"
        self.behind.append(svg.tag("path", d=stream, class_="d-stream"))
        if architecture.embedding.tied:
            tie = f"M{svg.number(OUTER)} {svg.number(top)}h6V{svg.number(self.y + LINE / 2)}h-6"
            self.behind.append(svg.tag("path", d=tie, class_="d-tie"))
        head = plain(pen, (pen.say(TIED if architecture.embedding.tied else UNTIED),), ("embedding.tied",), wide)
        self.put(badged(pen, architecture.bias.head, BIAS, head, wide))
        for mark in pen.at("logits"):
            self.y += 4
            self.put(box(pen, mark, wide))
        for mark in pen.at("loss", "init"):
            self.y += 4
            self.put(plain(pen, (pen.say(mark.label), mark.note), mark.axes, wide, kind="d-box d-ghost"))

    def put(self, element: Element, x: float = EDGE) -> None:
        """An element at the current height."""
        self.parts.append(element.draw(x, self.y))
        self.y += element.height

    def on_stream(self, mark: Mark, x: float) -> None:
        """What acts on the stream itself stands on it."""
        words = svg.em(" ".join(filter(None, (self.pen.say(mark.label), mark.note)))) * svg.SIZE
        width = words + 26 + (34 if mark.curve else 0) + (20 if mark.offset else 0)
        self.y += GAP
        self.put(box(self.pen, mark, min(OUTER - x, max(64.0, width))), x)

    def blocks(self) -> None:
        """One block in its frame, with the number of layers."""
        layout, pen = self.pen.architecture.layout, self.pen
        present = layout.sublayers()
        self.y += GAP + 4
        top = self.y
        self.y += 6
        self.absent("attention")
        for site in layout.sums():
            self.section([name for name in present if site not in present or site == name])
        self.absent("feed_forward")
        self.y += GAP
        width, height = OUTER - EDGE - 2, self.y - top
        frame = svg.tag("rect", x=EDGE + 2, y=top, width=width, height=height, rx=10, class_="d-frame")
        self.behind.insert(0, frame)
        layers = pen.architecture.shape.layers
        name = pen.say(Text(f"× {layers} layers", f"× {layers} 层"))
        width = svg.em(name) * 10.5 + 14
        pill = svg.rounded(RIGHT - width, top - 8, width, 16, 8), svg.label(RIGHT - width / 2, top, 10.5, name)
        self.parts.append(pen.group("d-pill", ("shape.layers",), *pill))

    def absent(self, name: str) -> None:
        """A sublayer, if it was left out."""
        if name in self.pen.architecture.layout.sublayers():
            return
        self.y += GAP + 4
        self.put(
            plain(self.pen, (self.pen.say(ABSENT[name]),), (f"layout.{name}",), RIGHT - LEFT, kind="d-box d-ghost"),
            LEFT,
        )
        self.y += 4

    def section(self, names: list[str]) -> None:
        """Sublayers that are added to the stream at once: what they read, what they do, where they are added."""
        own = set(names) <= set(self.pen.architecture.layout.inputs())  # does each sublayer normalize for itself?
        norms = self.pen.at("input")
        for mark in self.pen.at("entry"):
            self.on_stream(mark, EDGE + 5)
        width = (RIGHT - LEFT - BETWEEN * (len(names) - 1)) / len(names)
        lefts = [LEFT + i * (width + BETWEEN) for i in range(len(names))]
        columns = [self.column(name, norms if own else [], width) for name in names]
        if norms and not own:
            start = self.shared(norms)
            self.y = start[1] + GAP + 3
            ways = [into(column[0], (left, self.y), width, start) for column, left in zip(columns, lefts, strict=True)]
        else:
            tap = (STREAM, self.y + 8)
            self.y += 22
            ways = [self.read(column[0], left, width, tap) for column, left in zip(columns, lefts, strict=True)]
        self.parts += ways
        drawn = [stacked(column, left, self.y, width) for column, left in zip(columns, lefts, strict=True)]
        self.parts += [part for part, _ in drawn]
        self.write([(left + width / 2, end) for left, (_, end) in zip(lefts, drawn, strict=True)])
        for mark in self.pen.at("residual"):
            self.on_stream(mark, EDGE + 5)

    def column(self, name: str, norms: list[Mark], width: float) -> list[Element]:
        """A sublayer with what stands before and after it."""
        around = [[box(self.pen, mark, width) for mark in marks] for marks in (norms, self.pen.at("output"))]
        return [*around[0], *SUBLAYERS[name](self.pen, width), *around[1]]

    def shared(self, norms: list[Mark]) -> svg.Point:
        """Norms that several branches share; where they end."""
        width = RIGHT - LEFT
        boxes = [box(self.pen, mark, width) for mark in norms]
        tap = (STREAM, self.y + 8)
        self.y += 22
        self.parts.append(self.read(boxes[0], LEFT, width, tap))
        drawn, end = stacked(boxes, LEFT, self.y, width)
        self.parts.append(drawn)
        return LEFT + width / 2, end

    def read(self, element: Element, left: float, width: float, tap: svg.Point) -> str:
        """From the stream to the top of a branch."""
        tops = [left + part * width for part in element.enters]
        wires = [svg.wire(tap, (x, tap[1]), (x, self.y - 3)) + svg.arrow_down(x, self.y) for x in tops]
        return "".join(wires) + svg.tag("circle", cx=tap[0], cy=tap[1], r=3.5, class_="d-tap")

    def write(self, ends: list[svg.Point]) -> None:
        """From the ends of the branches to one addition on the stream."""
        self.y = max(end for _, end in ends) + 12
        self.parts += [svg.wire((x, end), (x, self.y), (STREAM + 12, self.y)) for x, end in ends]
        circle = svg.tag("circle", cx=STREAM, cy=self.y, r=8, class_="d-shape"), svg.label(STREAM, self.y, 13, "+")
        self.parts += [svg.arrow_left(STREAM + 9, self.y), self.pen.group("d-sum", ("layout.option",), *circle)]
        self.y += 8
