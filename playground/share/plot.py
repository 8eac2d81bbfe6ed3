"""A line chart as SVG: axes with round numbers, lines, bands, reference lines. Colours by name; knows no experiment."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.text import Text
from playground.diagram.svg import number, tag

Paint = Callable[[str], str]  # from a colour's name, such as "a" or "line", to what SVG takes
TICKS = 5
UNITS = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
ROOM = 0.04  # of the height that is left above and below


@dataclass(frozen=True, slots=True)
class Curve:
    """A line to draw."""

    x: Sequence[float]
    y: Sequence[float]
    colour: str
    error: Sequence[float] = ()
    width: float = 2.0
    strength: float = 1.0
    dashed: bool = False
    key: str = ""  # what a click on a legend hides


@dataclass(frozen=True, slots=True)
class Frame:
    """The chart's size in px, its scale, and the values that are marked by a line across."""

    width: float
    height: float
    log: bool = False
    size: float = 12.0  # of the letters
    across: dict[Text, float] = field(default_factory=dict)
    language: int | None = None  # of what is written; None: both, of which a style sheet shows one
    left: float = 48.0
    bottom: float = 28.0
    zero: bool = False  # whether the vertical scale begins there: for what is compared by its height


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to px, linear or logarithmic."""

    low: float
    high: float
    begin: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """Where a value stands, in px."""
        low, high, here = (math.log10(v) if self.log else v for v in (self.low, self.high, value))
        return self.begin + (self.end - self.begin) * (here - low) / ((high - low) or 1)

    def to_dict(self) -> dict[str, Any]:
        """As a script reads it."""
        return {"low": self.low, "high": self.high, "begin": self.begin, "end": self.end, "log": self.log}


def scales(curves: Sequence[Curve], frame: Frame) -> tuple[Scale, Scale]:
    """The horizontal and the vertical scale that all curves fit on."""
    xs = [x for curve in curves for x in curve.x] or [0.0, 1.0]
    ys = [y for curve in curves for y in curve.y if not frame.log or y > 0] or [1.0, 2.0]
    low, high = min(ys), max(ys)
    if frame.log:
        low, high = low / 1.05, high * 1.05
    else:
        low, high = 0.0 if frame.zero else low - ROOM * (high - low or 1), high + ROOM * (high - low or 1)
    across = Scale(0.0, max(xs), frame.left, frame.width - 12)
    return across, Scale(low, high, frame.height - frame.bottom, 10, frame.log)


def plot(curves: Sequence[Curve], frame: Frame, paint: Paint) -> str:
    """The chart, without the element around it."""
    x, y = scales(curves, frame)
    parts = [_grid(x, y, frame, paint), _marked(y, frame, paint)]
    parts += [_band(curve, x, y, paint) for curve in curves if len(curve.error)]
    parts += [_path(curve, x, y, paint) for curve in curves]
    return "".join(parts)


def ticks(low: float, high: float, most: int = TICKS) -> list[float]:
    """Round numbers from `low` to `high`: 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / most or 1.0
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * digit for digit in (1, 2, 5, 10) if power * digit >= rough)
    first = math.ceil(low / step - 1e-9)
    return [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten from `low` to `high`; only powers where there are many; round numbers else."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    there = [value for value in every if low <= value <= high]
    if len(there) > 2 * TICKS:
        return [value for value in there if math.log10(value).is_integer()]
    return there if len(there) > 2 else [value for value in ticks(low, high) if value > 0]


def short(value: float) -> str:
    """200000 -> 200 k."""
    if value == 0:
        return "0"
    size, unit = next(((size, unit) for size, unit in UNITS if abs(value) >= size), (1.0, ""))
    return f"{value / size:.3g}{unit and f' {unit}'}"


def _grid(x: Scale, y: Scale, frame: Frame, paint: Paint) -> str:
    marks = log_ticks(y.low, y.high) if frame.log else ticks(y.low, y.high)
    words = {"font_size": frame.size, "fill": paint("soft")}
    parts = []
    for value in marks:
        at = y.at(value)
        parts.append(tag("line", x1=x.begin, x2=x.end, y1=at, y2=at, stroke=paint("line")))
        place = at + 0.36 * frame.size
        parts.append(tag("text", short(value), x=x.begin - 8, y=place, text_anchor="end", **words))
    for value in ticks(x.low, x.high):
        anchor = "middle" if x.at(value) < x.end - 12 else "end"
        place = y.begin + 1.5 * frame.size
        parts.append(tag("text", short(value), x=x.at(value), y=place, text_anchor=anchor, **words))
    return "".join(parts)


def _marked(y: Scale, frame: Frame, paint: Paint) -> str:
    parts = []
    for name, value in frame.across.items():
        if y.low <= value <= y.high and value > 0:
            at, end = y.at(value), frame.width - 12
            parts.append(
                tag("line", x1=frame.left, x2=end, y1=at, y2=at, stroke=paint("strong-line"), stroke_dasharray="2 4")
            )
            word = {"font_size": frame.size - 1, "fill": paint("soft"), "text_anchor": "end", "x": end, "y": at - 4}
            both = zip(("en", "zh"), name, strict=True)
            named = [(code, words) for n, (code, words) in enumerate(both) if frame.language in (None, n)]
            parts += [tag("text", words, class_=code, **word) for code, words in named]
    return "".join(parts)


def _band(curve: Curve, x: Scale, y: Scale, paint: Paint) -> str:
    over = [(x.at(a), y.at(b + e)) for a, b, e in zip(curve.x, curve.y, curve.error, strict=True)]
    under = [(x.at(a), y.at(max(b - e, y.low))) for a, b, e in zip(curve.x, curve.y, curve.error, strict=True)]
    points = " ".join(f"{number(a)},{number(b)}" for a, b in [*over, *reversed(under)])
    look = {"fill": paint(curve.colour), "fill_opacity": 0.16, "class_": f"of-{curve.key}"}
    return tag("polygon", points=points, **look)


def _path(curve: Curve, x: Scale, y: Scale, paint: Paint) -> str:
    there = [(a, b) for a, b in zip(curve.x, curve.y, strict=True) if not y.log or b > 0]
    points = " ".join(f"{number(x.at(a))},{number(y.at(b))}" for a, b in there)
    look: dict[str, Any] = {
        "fill": "none",
        "stroke": paint(curve.colour),
        "stroke_width": curve.width,
        "stroke_opacity": curve.strength,
        "stroke_linejoin": "round",
        "class_": f"of-{curve.key}",
    }
    if curve.dashed:
        look["stroke_dasharray"] = "5 4"
    return tag("polyline", points=points, **look)
