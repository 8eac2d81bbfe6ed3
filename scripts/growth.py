"""Draws `docs/growth.svg`: `python -m scripts.growth FILE …` reads what `bench growth --json FILE` wrote.

Each chart is one thing that grows; the dashed line is what a step would take if its time followed its FLOPs from the
largest size down.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playground.bench.growth import CASES, LONG, METRIC, SIZES
from playground.diagram.svg import tag
from playground.share.paint import SANS, fixed
from playground.share.plot import Curve, Frame, plot

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "growth.svg"
FRAME = Frame(300, 190, left=42, zero=True)
COLUMNS, GAP, HEAD = 3, 18, 26  # charts in a row, px between them, px for what stands above
ABOVE = {
    "layers": "layers",
    "width": "width",
    "context": "context (tokens)",
    "span": f"window (tokens; context {LONG['shape.context']})",
    "variants": "variants on two cores",
}

Json = dict[str, Any]


def main(files: Sequence[str]) -> None:
    """Draw what is in the files."""
    rows = [row for file in files for row in json.loads(Path(file).read_text("utf-8"))["rows"]]
    PICTURE.write_text(picture(rows), encoding="utf-8")


def picture(rows: Sequence[Json]) -> str:
    """All charts as one SVG."""
    wide, high = FRAME.width + GAP, FRAME.height + HEAD + GAP
    drawn = [case for case in CASES if any(row["case"] == case for row in rows)]
    charts = "".join(
        tag("g", _chart(case, rows), transform=f"translate({GAP + n % COLUMNS * wide} {GAP + n // COLUMNS * high})")
        for n, case in enumerate(drawn)
    )
    width, height = GAP + COLUMNS * wide, GAP + -(-len(drawn) // COLUMNS) * high
    ground = tag("rect", width=width, height=height, fill=fixed("light")("card"))
    look = {"xmlns": "http://www.w3.org/2000/svg", "font_family": SANS, "viewBox": f"0 0 {width} {height}"}
    return tag("svg", ground + charts, role="img", **look) + "\n"


def _chart(case: str, rows: Sequence[Json]) -> str:
    paint = fixed("light")
    ours = sorted((row for row in rows if row["case"] == case and row["metric"] == METRIC), key=_size)
    sizes, times = [_size(row) for row in ours], [1000 * row["median"] for row in ours]
    per_flop = times[-1] / ours[-1]["flops_per_step"]
    curves = [Curve(sizes, times, "a")]
    if case in SIZES:  # variants share what a core alone would do
        curves.insert(0, Curve(sizes, [row["flops_per_step"] * per_flop for row in ours], "b", dashed=True))
    above = tag("text", f"ms a step, by {ABOVE[case]}", x=0, y=12, font_size=13, fill=paint("ink"))
    return above + tag("g", plot(curves, FRAME, paint), transform=f"translate(0 {HEAD})")


def _size(row: Json) -> float:
    """How large: the number in what the size is called; the whole context where there is no window."""
    word = row["engine"].split()[-1]
    return float(LONG["shape.context"] if word == "full" else word)


if __name__ == "__main__":
    main(sys.argv[1:])
