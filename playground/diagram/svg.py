"""A small vocabulary of SVG: boxes, fitted labels, wires. Pure strings; knows nothing of architectures."""

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

Point = tuple[float, float]
SIZE, SMALLEST = 11.0, 8.0  # of letters, in px
NARROW, WIDE = frozenset("iljtfr.,:;·'|/()[] "), frozenset("mwMW→×+=−%@⋯")


def number(value: float) -> str:
    """A coordinate, no longer than it must be."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def tag(name: str, inner: str = "", **attributes: float | str) -> str:
    """An element; `class_` and `text_anchor` become `class` and `text-anchor`, numbers are shortened."""
    written = "".join(
        f" {key.strip('_').replace('_', '-')}={quoteattr(value if isinstance(value, str) else number(value))}"
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def group(classes: str, *parts: str, title: str = "", axis: str = "") -> str:
    """Parts that belong together; `title` is shown when the pointer rests on them, `axis` is what they show."""
    about = {"data_shows": axis} if axis else {}
    return tag("g", (tag("title", escape(title)) if title else "") + "".join(parts), class_=classes, **about)


def rounded(x: float, y: float, width: float, height: float, radius: float = 6) -> str:
    """A rectangle that takes its colours from the group it stands in."""
    return tag("rect", x=x, y=y, width=width, height=height, rx=radius, class_="d-shape")


def em(text: str) -> float:
    """About how wide `text` is, in units of the letters' size."""
    return sum(_em(letter) for letter in text)


def _em(letter: str) -> float:
    if ord(letter) > 0x2E80:  # Chinese
        return 1.0
    if letter in NARROW or letter in WIDE:
        return 0.36 if letter in NARROW else 0.88
    return 0.66 if letter.isupper() or letter.isdigit() else 0.6


def fitted(text: str, width: float) -> float:
    """The size of letters, at most SIZE, at which `text` is no wider than `width`."""
    return min(SIZE, width / max(em(text), 0.1))


def label(x: float, y: float, size: float, *words: str, anchor: str = "middle") -> str:
    """`words[0]`, then the rest fainter, around (x, y): y is the middle of the letters."""
    space = " " if words[0] else ""
    inner = escape(words[0]) + "".join(
        tag("tspan", escape(space + word), class_="d-faint") for word in words[1:] if word
    )
    return tag("text", inner, x=x, y=y + 0.36 * size, font_size=size, text_anchor=anchor)


def wire(*corners: Point, radius: float = 5) -> str:
    """A line through `corners`, rounded at each inner one."""
    path = [f"M{_at(corners[0])}"]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        path.append(f"L{_at(_towards(corner, before, radius))}Q{_at(corner)} {_at(_towards(corner, after, radius))}")
    path.append(f"L{_at(corners[-1])}")
    return tag("path", d="".join(path), class_="d-wire")


def arrow_down(x: float, y: float) -> str:
    """An arrow's head whose tip is at (x, y)."""
    return tag("path", d=f"M{_at((x, y))}l-3 -5h6z", class_="d-head")


def arrow_left(x: float, y: float) -> str:
    """An arrow's head whose tip is at (x, y)."""
    return tag("path", d=f"M{_at((x, y))}l5 -3v6z", class_="d-head")


def sketch(samples: Sequence[float], x: float, y: float, width: float, height: float) -> str:
    """A curve through `samples`, from left to right, with the line of zero."""
    low, high = min(*samples, 0.0), max(*samples, 0.0)
    scale = height / ((high - low) or 1.0)
    step = width / (len(samples) - 1)
    points = [(x + i * step, y + (high - value) * scale) for i, value in enumerate(samples)]
    zero = tag("path", d=f"M{_at((x, y + high * scale))}h{number(width)}", class_="d-axis")
    return zero + tag("path", d=polyline(points), class_="d-curve")


def polyline(points: Iterable[Point]) -> str:
    """The path through `points`."""
    return "M" + "L".join(_at(point) for point in points)


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = max(abs(end[0] - start[0]) + abs(end[1] - start[1]), 1e-9)  # wires run straight along an axis
    part = min(distance / length, 0.5)
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part
