"""How attention is drawn: heads and what they share, the way to a score, and who may look at whom."""

from functools import lru_cache

import torch
from models.architecture import Architecture
from models.span.base import Span
from models.text import Text

from playground.diagram import svg
from playground.diagram.pen import BOX, Element, Pen, badged, box

DRAWN = 8  # query heads that are drawn; more are abbreviated
ROW, PITCH = 11.0, 14.0
CELLS = 10  # tokens in the picture of the mask
LAYERS_DRAWN = 12
OUT = Text("out", "输出投影")


def attention(pen: Pen, width: float) -> list[Element]:
    """The attention sublayer from projection to output, top to bottom."""
    before, scores = pen.at("projection", "heads", "rotation", "rotated"), pen.at("scale", "cap", "bias", "sink")
    return [
        heads(pen, width),
        *(box(pen, mark, width) for mark in before),
        *(box(pen, mark, width) for mark in scores),
        softmax(pen, width),
        *(box(pen, mark, width) for mark in pen.at("weights")),
        linear(pen, OUT, (), pen.architecture.bias.attention_out, width),
    ]


def linear(pen: Pen, name: Text, axes: tuple[str, ...], offset: bool, width: float) -> Element:
    """A matrix that keeps its name; its badge belongs to the biases."""

    def draw(x: float, y: float) -> str:
        words = svg.label(x + width / 2, y + BOX / 2, svg.fitted(pen.say(name), width - 10), pen.say(name))
        hint = pen.hint(axes[0]) if axes else ""
        drawn = svg.group(pen.classes("box", axes), svg.rounded(x, y, width, BOX), words, title=hint)
        return badged(pen, offset, drawn, (x + width, y), ("bias",))

    return Element(BOX, draw)


def heads(pen: Pen, width: float) -> Element:
    """Queries, keys and values in rows; a key or value is as wide as the queries that it serves."""
    height = 3 * PITCH + 5

    def draw(x: float, y: float) -> str:
        rows = "".join(_row(pen.architecture, name, x, y + 4 + i * PITCH, width) for i, name in enumerate("qkv"))
        drawn = svg.group(
            pen.classes("box", {"heads"}), svg.rounded(x, y, width, height), rows, title=pen.hint("heads")
        )
        return badged(pen, pen.architecture.bias.qkv, drawn, (x + width, y), ("bias",))

    return Element(height, draw)


def _row(architecture: Architecture, name: str, x: float, y: float, width: float) -> str:
    option = architecture.heads
    count, serves = (option.query, 1) if name == "q" else (option.kv, option.query // option.kv)
    written = f"{count} × {option.width(architecture)}"
    size = 9.5
    left, right = x + 17, x + width - 7 - svg.em(written) * size
    texts = svg.label(x + 9, y + ROW / 2, 10.5, name) + svg.label(
        x + width - 5, y + ROW / 2, size, written, anchor="end"
    )
    return texts + _cells(option.query, option.query // option.kv, serves, (left, y, right - left), name)


def _cells(query: int, sharing: int, serves: int, area: tuple[float, float, float], name: str) -> str:
    """One row of heads; those beyond DRAWN are three dots, but for one that serves them all."""
    x, y, width = area
    shown = query if query <= DRAWN else max(sharing * (DRAWN // sharing), min(DRAWN, query))
    if query > DRAWN and sharing <= DRAWN:
        shown = sharing * (DRAWN // sharing)
    dots = 12 if shown < query else 0
    pitch = (width - dots) / shown
    gap = min(2.5, pitch * 0.3)
    kind = "query" if name == "q" else "shared"
    if serves >= shown and dots:
        return tag_cell(x, y, width - gap, kind)
    cells = "".join(tag_cell(x + i * pitch, y, serves * pitch - gap, kind) for i in range(0, shown, serves))
    return cells + (svg.label(x + width - dots / 2, y + ROW / 2, 10, "⋯") if dots else "")


def tag_cell(x: float, y: float, width: float, kind: str) -> str:
    """One head."""
    return svg.tag("rect", x=x, y=y, width=width, height=ROW, rx=2.5, class_=kind)


def softmax(pen: Pen, width: float) -> Element:
    """The softmax and, as cells, which earlier tokens a query sees; layers that differ have a picture each."""
    span, shape = pen.architecture.span, pen.architecture.shape
    kinds = masks(span, shape.context, shape.layers)
    side = 40.0 if width > 120 else min(40.0, (width - 12) / len(kinds) - 4)
    varied = len(kinds) > 1
    beside = width > 120
    text_height = 0.0 if beside else 2 * BOX - 8
    height = text_height + side + 10 + (7 if varied else 0)

    def draw(x: float, y: float) -> str:
        names = ["softmax · v", *(pen.say(mark.label) for mark in pen.at("mask"))]
        right = x + width - 6 - len(kinds) * (side + 6) + 6
        room = (right - x - 10) if beside else width - 10
        middle, top = (x + 5 + room / 2, y + height / 2 - 7) if beside else (x + width / 2, y + 11)
        lines = [svg.label(middle, top + i * 14, min(11, svg.fitted(line, room)), line) for i, line in enumerate(names)]
        start = right if beside else x + (width - len(kinds) * (side + 6) + 6) / 2
        pictures = [
            _mask(cells, layers, shape.layers if varied else 0, (start + i * (side + 6), y + text_height + 5, side))
            for i, (cells, layers) in enumerate(kinds)
        ]
        return svg.group(
            pen.classes("box", {"span"}), svg.rounded(x, y, width, height), *lines, *pictures, title=pen.hint("span")
        )

    return Element(height, draw)


def _mask(
    seen: tuple[tuple[bool, ...], ...], layers: tuple[int, ...], total: int, area: tuple[float, float, float]
) -> str:
    """The cells that are seen, on a faint square, and which of `total` layers see them so."""
    x, y, side = area
    cell = side / CELLS
    whole = svg.tag("rect", x=x, y=y, width=side, height=side, rx=2, class_="unseen")
    one = f"h{svg.number(cell - 0.6)}v{svg.number(cell - 0.6)}h-{svg.number(cell - 0.6)}z"
    path = "".join(
        f"M{svg.number(x + j * cell + 0.3)} {svg.number(y + i * cell + 0.3)}{one}"
        for i, row in enumerate(seen)
        for j, visible in enumerate(row)
        if visible
    )
    return whole + svg.tag("path", d=path, class_="query") + _strip(layers, total, (x, y + side + 3, side))


def _strip(layers: tuple[int, ...], total: int, area: tuple[float, float, float]) -> str:
    x, y, side = area
    count = min(total, LAYERS_DRAWN)
    pitch = side / max(count, 1)
    return "".join(
        svg.tag(
            "rect", x=x + i * pitch, y=y, width=pitch - 1, height=4, rx=1, class_="query" if i in layers else "unseen"
        )
        for i in range(count)
    )


@lru_cache(maxsize=256)
def masks(span: Span, context: int, layers: int) -> tuple[tuple[tuple[tuple[bool, ...], ...], tuple[int, ...]], ...]:
    """The different masks there are, drawn for CELLS tokens, each with the layers that have it."""
    small, positions_T = span.shortened(CELLS / context), torch.arange(CELLS)
    causal = positions_T[:, None] >= positions_T
    found: dict[tuple[tuple[bool, ...], ...], list[int]] = {}
    for layer in range(layers):
        visible = small.visible(positions_T, positions_T, layer)
        seen = causal if visible is None else causal & visible
        found.setdefault(tuple(map(tuple, seen.tolist())), []).append(layer)
    return tuple((cells, tuple(which)) for cells, which in found.items())
