"""How attention is drawn: heads and what they share, then the way from queries and keys to what is added."""

from models.text import Text
from playground.diagram import svg
from playground.diagram.mask import softmax
from playground.diagram.pen import BIAS, Element, Pen, badged, box, plain

DRAWN = 8  # query heads that are drawn; more are abbreviated
ROW, PITCH = 11.0, 14.0  # height of a head, and from row to row
DOTS = 10.0  # room for the three dots
WIDE = 120.0  # columns narrower than this have smaller letters
OUT = Text("out", "输出投影")


def attention(pen: Pen, width: float) -> list[Element]:
    """The attention sublayer from projection to output, top to bottom."""
    before = pen.at("projection", "heads", "rotation", "rotated", "scale", "cap", "bias", "sink")
    out = plain(pen, (pen.say(OUT),), (), width)
    return [
        heads(pen, width),
        *(box(pen, mark, width) for mark in before),
        softmax(pen, width),
        *(box(pen, mark, width) for mark in pen.at("weights")),
        badged(pen, pen.architecture.bias.attention_out, BIAS, out, width),
    ]


def heads(pen: Pen, width: float) -> Element:
    """Queries, keys and values in rows; a key or value is as wide as the queries that it serves."""
    option = pen.architecture.heads
    head_width, height = option.width(pen.architecture), 3 * PITCH + 5
    size, times = (9.5, " × ") if width > WIDE else (8.0, "×")
    counts = {"q": option.query, "k": option.kv, "v": option.kv}
    texts = {name: f"{count}{times}{head_width}" for name, count in counts.items()}
    right = max(svg.em(text) for text in texts.values()) * size + 9

    def draw(x: float, y: float) -> str:
        rows = []
        for i, (name, text) in enumerate(texts.items()):
            top = y + 4 + i * PITCH
            rows.append(svg.label(x + 9, top + ROW / 2, 10.5, name))
            rows += _cells(pen, name == "q", (x + 17, top, width - 17 - right))
            rows.append(svg.label(x + width - 5, top + ROW / 2, size, text, anchor="end"))
        return pen.group("d-box", ("heads",), svg.rounded(x, y, width, height), *rows)

    return badged(pen, pen.architecture.bias.qkv, BIAS, Element(height, draw), width)


def _cells(pen: Pen, queries: bool, area: tuple[float, float, float]) -> list[str]:
    """One row of heads in (x, y, width); those beyond DRAWN are three dots."""
    x, y, width = area
    option = pen.architecture.heads
    sharing = option.query // option.kv
    drawn = drawn_heads(option.query, sharing)
    dots = DOTS if drawn < option.query else 0.0
    pitch = (width - dots) / drawn
    gap = min(2.5, pitch * 0.3)
    if not queries and option.kv == 1:
        return [_cell(x, y, width - gap, "d-shared")]
    serves = 1 if queries else min(sharing, drawn)
    kind = "d-query" if queries else "d-shared"
    cells = [_cell(x + i * pitch, y, serves * pitch - gap, kind) for i in range(0, drawn, serves)]
    return [*cells, svg.label(x + width - dots / 2, y + ROW / 2, 10, "⋯")] if dots else cells


def drawn_heads(query: int, sharing: int) -> int:
    """How many query heads are drawn: whole groups of those that share a key, if a group is small enough."""
    if query <= DRAWN:
        return query
    return sharing * (DRAWN // sharing) if sharing <= DRAWN else DRAWN


def _cell(x: float, y: float, width: float, kind: str) -> str:
    return svg.tag("rect", x=x, y=y, width=width, height=ROW, rx=min(2.5, width / 3), class_=kind)
