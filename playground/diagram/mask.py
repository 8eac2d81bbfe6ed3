"""How the softmax is drawn: as cells, which earlier tokens a query sees, in which layers."""

from functools import lru_cache

import torch

from models.architecture import Architecture
from playground.diagram import svg
from playground.diagram.pen import Element, Pen

CELLS = 12  # tokens in the picture
SIDE, MARGIN, BESIDE = 40.0, 6.0, 120.0  # of the picture; boxes wider than BESIDE have the words beside it
STRIP, LAYERS = 7.0, 12  # height of the strip of layers, and how many it shows
PITCH = 14.0  # from line to line

Cells = tuple[tuple[bool, ...], ...]


def softmax(pen: Pen, width: float) -> Element:
    """The softmax with a picture of what it sees; layers that differ have a picture each."""
    shape = pen.architecture.shape
    kinds = masks(pen.architecture)
    beside = width > BESIDE
    side = SIDE if beside else min(SIDE, (width - MARGIN) / len(kinds) - MARGIN)
    total = shape.layers if len(kinds) > 1 else 0
    words = ["softmax · v", *(pen.say(mark.label) for mark in pen.at("mask"))]
    across = len(kinds) * (side + MARGIN)
    above = 0.0 if beside else PITCH * len(words)
    picture = side + 10 + (STRIP if total else 0)
    height = max(picture, PITCH * len(words) + 4) if beside else above + picture
    room = width - across - 12 if beside else width - 10

    def draw(x: float, y: float) -> str:
        middle = x + 6 + room / 2
        top = y + (height - PITCH * (len(words) - 1)) / 2 if beside else y + 5 + PITCH / 2
        text = [svg.label(middle, top + i * PITCH, svg.fitted(line, room), line) for i, line in enumerate(words)]
        left = x + width - across if beside else x + (width - across + MARGIN) / 2
        pictures = [
            _picture(cells, (left + i * (side + MARGIN), y + above + 5, side))
            + _strip(which, total, (left + i * (side + MARGIN), y + above + side + 8, side))
            for i, (cells, which) in enumerate(kinds)
        ]
        return pen.group("d-box", ("span",), svg.rounded(x, y, width, height), *text, *pictures)

    return Element(height, draw)


@lru_cache(maxsize=256)
def masks(architecture: Architecture) -> tuple[tuple[Cells, tuple[int, ...]], ...]:
    """The different masks there are, for CELLS tokens in place of the context, each with the layers that have it."""
    shape, positions_T = architecture.shape, torch.arange(CELLS)
    small = architecture.span.shortened(CELLS / shape.context)
    causal_TS = positions_T[:, None] >= positions_T
    found: dict[Cells, list[int]] = {}
    for layer in range(shape.layers):
        visible_TS = small.visible(positions_T, positions_T, layer)
        seen_TS = causal_TS if visible_TS is None else causal_TS & visible_TS
        found.setdefault(tuple(map(tuple, seen_TS.tolist())), []).append(layer)
    return tuple((cells, tuple(which)) for cells, which in found.items())


@lru_cache(maxsize=256)
def _path(cells: Cells, side: float) -> str:
    """The cells that are seen, as one path from the origin."""
    pitch = side / CELLS
    drawn = svg.number(pitch - 0.6)
    corners = [(j * pitch + 0.3, i * pitch + 0.3) for i, row in enumerate(cells) for j, seen in enumerate(row) if seen]
    return "".join(f"M{svg.number(x)} {svg.number(y)}h{drawn}v{drawn}h-{drawn}z" for x, y in corners)


def _picture(cells: Cells, area: tuple[float, float, float]) -> str:
    """What is seen, on a faint square at (x, y) of one side."""
    x, y, side = area
    square = svg.tag("rect", width=side, height=side, rx=2, class_="d-unseen")
    moved = f"translate({svg.number(x)} {svg.number(y)})"
    return svg.tag("g", square + svg.tag("path", d=_path(cells, side), class_="d-query"), transform=moved)


def _strip(which: tuple[int, ...], total: int, area: tuple[float, float, float]) -> str:
    """Which of `total` layers see so; the first LAYERS of them."""
    x, y, side = area
    count = min(total, LAYERS)
    pitch = side / max(count, 1)
    cells = [(x + i * pitch, "d-query" if i in which else "d-unseen") for i in range(count)]
    return "".join(svg.tag("rect", x=left, y=y, width=pitch - 1, height=4, rx=1, class_=kind) for left, kind in cells)
