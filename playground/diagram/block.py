"""The whole picture: the residual stream from tokens to logits, and what a block reads from it and adds to it."""

from dataclasses import dataclass, field

from models.architecture import Architecture
from models.drawing import Mark
from models.text import Text

from playground.diagram import svg
from playground.diagram.attention import attention, linear
from playground.diagram.feed_forward import feed_forward
from playground.diagram.pen import BOX, GAP, Element, Pen, box, stacked
from playground.diagram.sentence import sentence
from playground.diagram.style import STYLE

WIDTH = 240
STREAM = 20.0  # x of the residual stream
LEFT, RIGHT = 46.0, 222.0  # where branches stand
OUTER = 230.0  # right edge of what stands outside the block
BETWEEN = 8.0  # two branches beside each other
SUBLAYERS = {"attention": attention, "feed_forward": feed_forward}
NAMES = {"attention": Text("no attention", "无注意力"), "feed_forward": Text("no feed-forward", "无前馈层")}
LANGUAGES = ("en", "zh")


def render(architecture: Architecture, marked: frozenset[str] = frozenset(), language: str = "en") -> str:
    """The architecture's block as an SVG element.

    `marked` names what differs from another variant, as axes or paths (`norm`, `heads.kv`): boxes that show it have the
    class "marked". `language` is "en" or "zh".
    """
    if language not in LANGUAGES:
        raise ValueError(f"the diagram speaks {' and '.join(LANGUAGES)}, not {language!r}")
    pen = Pen(architecture, frozenset(name.partition(".")[0] for name in marked), language)
    picture = Picture(pen)
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
        title = svg.tag("title", svg.escape(said))
        inner = svg.tag("style", STYLE) + title + "".join(self.behind + self.parts)
        height = self.y + 2
        return svg.tag(
            "svg",
            inner,
            xmlns="http://www.w3.org/2000/svg",
            class_="diagram",
            viewBox=f"0 0 {WIDTH} {svg.number(height)}",
            width=WIDTH,
            height=height,
            role="img",
            aria_label=said,
        )

    def model(self) -> None:
        """Tokens, blocks, head."""
        shape, embedding = self.pen.architecture.shape, self.pen.architecture.embedding
        top = self.y
        tokens = Text(f"tokens → {shape.width} wide", f"词元 → {shape.width} 维")
        self.place(linear(self.pen, tokens, ("shape", "embedding"), False, OUTER - 4), 4)
        start = self.y
        for mark in self.pen.at("embedding"):
            self.on_stream(mark, 4)
        self.block()
        for mark in self.pen.at("final"):
            self.on_stream(mark, 4)
        self.y += GAP
        self.behind.append(svg.tag("path", d=f"M{STREAM:g} {svg.number(start)}V{svg.number(self.y)}", class_="stream"))
        self.head(top)

    def head(self, top: float) -> None:
        """From the stream to logits, loss, and how everything starts."""
        tied = self.pen.architecture.embedding.tied
        name = (
            Text("logits · tied embedding", "logits · 共享嵌入")
            if tied
            else Text("logits · own matrix", "logits · 独立矩阵")
        )
        if tied:
            middle, end = top + BOX / 2 + 2, self.y + BOX / 2
            self.behind.append(
                svg.tag("path", d=f"M{OUTER:g} {svg.number(middle)}h6V{svg.number(end)}h-6", class_="tie")
            )
        self.place(linear(self.pen, name, ("embedding",), self.pen.architecture.bias.head, OUTER - 4), 4)
        for mark in self.pen.at("logits", "loss", "init"):
            self.y += 4
            self.place(box(self.pen, mark, OUTER - 4), 4)

    def place(self, element: Element, x: float) -> None:
        """An element at the current height."""
        self.parts.append(element.draw(x, self.y))
        self.y += element.height

    def on_stream(self, mark: Mark, x: float) -> None:
        """Something that acts on the stream itself stands on it."""
        words = svg.em(f"{self.pen.say(mark.label)} {mark.note}".strip()) * svg.SIZE
        width = min(OUTER - 4, max(104.0, words + 24 + (34 if mark.curve else 0) + (16 if mark.offset else 0)))
        self.y += GAP
        self.place(box(self.pen, mark, width), x)

    def block(self) -> None:
        """One block in its frame, with the number of layers."""
        pen, layout = self.pen, self.pen.architecture.layout
        self.y += GAP + 4
        top = self.y
        self.y += 6
        present = layout.sublayers()
        if "attention" not in present:
            self.absent("attention")
        for site in layout.sums():
            self.section(site, [name for name in present if site in (name, *_shared(layout.sums(), present))])
        if "feed_forward" not in present:
            self.absent("feed_forward")
        self.y += GAP
        frame = svg.tag("rect", x=6, y=top, width=OUTER - 6, height=self.y - top, rx=10, class_="frame")
        self.behind.insert(0, frame)
        layers = pen.architecture.shape.layers
        name = pen.say(Text(f"× {layers} layers", f"× {layers} 层"))
        width = svg.em(name) * 10.5 + 14
        pill = svg.rounded(RIGHT - width, top - 8, width, 16, 8) + svg.label(RIGHT - width / 2, top, 10.5, name)
        self.parts.append(svg.group(pen.classes("pill", {"shape"}), pill, title=pen.hint("shape")))

    def absent(self, name: str) -> None:
        """A sublayer that was left out."""
        self.y += GAP
        words = svg.label((LEFT + RIGHT) / 2, self.y + BOX / 2, 10.5, "", self.pen.say(NAMES[name]))
        shape = svg.rounded(LEFT, self.y, RIGHT - LEFT, BOX)
        self.parts.append(svg.group(self.pen.classes("ghost", {"layout"}), shape, words, title=self.pen.hint("layout")))
        self.y += BOX + 4

    def section(self, site: str, names: list[str]) -> None:
        """What is read from the stream at once, and added to it at once."""
        pen, layout = self.pen, self.pen.architecture.layout
        shared = layout.inputs() == layout.sums() and site not in names
        width = (RIGHT - LEFT - BETWEEN * (len(names) - 1)) / len(names)
        lefts = [LEFT + i * (width + BETWEEN) for i in range(len(names))]
        norms = pen.at("input")
        self.y += 8
        tap = self.y
        self.y += 14
        starts = [left + width / 2 for left in lefts]
        if shared and norms:
            self.read([(LEFT + RIGHT) / 2], tap, self.y)
            drawn, self.y = stacked([box(pen, mark, RIGHT - LEFT) for mark in norms], LEFT, self.y, RIGHT - LEFT)
            self.parts.append(drawn)
            self.y += GAP + 2
            self.parts += [_down(x, self.y - GAP - 2, self.y) for x in starts]
        else:
            self.read(starts, tap, self.y)
        ends = []
        for name, left in zip(names, lefts, strict=True):
            before = [] if shared else [box(pen, mark, width) for mark in norms]
            after = [box(pen, mark, width) for mark in pen.at("output")]
            drawn, end = stacked([*before, *SUBLAYERS[name](pen, width), *after], left, self.y, width)
            self.parts.append(drawn)
            ends.append((left + width / 2, end))
        self.write(ends)
        for mark in pen.at("residual"):
            self.on_stream(mark, 9)

    def read(self, tops: list[float], tap: float, y: float) -> None:
        """From the stream to the tops of the branches."""
        self.parts += [svg.wire((STREAM, tap), (x, tap), (x, y - 3)) + svg.arrow_down(x, y) for x in tops]
        self.parts.append(svg.tag("circle", cx=STREAM, cy=tap, r=3.5, class_="tap"))

    def write(self, ends: list[svg.Point]) -> None:
        """From the ends of the branches to one addition on the stream."""
        self.y = max(end for _, end in ends) + 12
        self.parts += [svg.wire((x, end), (x, self.y), (STREAM + 12, self.y)) for x, end in ends]
        circle = svg.tag("circle", cx=STREAM, cy=self.y, r=8, class_="shape") + svg.label(STREAM, self.y, 13, "+")
        self.parts.append(svg.arrow_left(STREAM + 9, self.y))
        self.parts.append(svg.group(self.pen.classes("sum", {"layout"}), circle, title=self.pen.hint("layout")))
        self.y += 8


def _shared(sums: tuple[str, ...], present: tuple[str, ...]) -> tuple[str, ...]:
    """The site at which all sublayers are added at once, if there is one."""
    return tuple(site for site in sums if site not in present)


def _down(x: float, start: float, end: float) -> str:
    return svg.wire((x, start), (x, end - 3)) + svg.arrow_down(x, end)
