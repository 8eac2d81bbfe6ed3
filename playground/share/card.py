"""The result card: one picture that says what was compared, what came out, how sure that is and where it was measured.

SVG with colours and letters of its own, so that it looks the same wherever it is put. A browser makes the PNG of it.
"""

import time
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from models.text import Text
from playground.diagram.svg import em, tag
from playground.share import figures
from playground.share.content import NO_VERDICT, ONE_SEED, PARAMETERS, SEEDS, SPEED, Content
from playground.share.paint import SANS, fixed
from playground.share.plot import Frame, Paint, Scale, plot, short

WIDTH, HEIGHT, EDGE = 1200, 630, 40
CHART = Frame(660, 400, size=13)
RIGHT, COLUMN = 744, 416  # where the right column begins, and how wide it is
LANGUAGES = ("en", "zh")
SENTENCES, PAIRS = 7, 3  # lines of the verdict, and pairs whose difference is drawn
BOLD = 1.08  # how much wider bold letters are

NAME = Text("Architecture Playground", "架构游乐场")
MORE = Text("and {count} more variants", "另有 {count} 个变体")


def card(content: Content, language: str = "en", theme: str = "light") -> str:
    """The card as an SVG file; `language` is en or zh, `theme` light or dark."""
    n, paint = LANGUAGES.index(language), fixed(theme)
    parts = [
        tag("rect", width=WIDTH, height=HEIGHT, fill=paint("card")),
        *_head(content, n, paint),
        _chart(content, n, paint),
        *_column(content, n, paint),
        *_foot(content, n, paint),
    ]
    inner = tag("title", escape(f"{content.title[n]}: {' '.join(text[n] for text in content.said)}")) + "".join(parts)
    size = {"width": WIDTH, "height": HEIGHT, "viewBox": f"0 0 {WIDTH} {HEIGHT}"}
    return tag("svg", inner, xmlns="http://www.w3.org/2000/svg", font_family=SANS, role="img", **size)


def wrapped(text: str, size: float, width: float) -> list[str]:
    """`text` in lines no wider than `width` px: broken at spaces, and between Chinese characters."""
    found, line = [], ""
    for piece in _pieces(text):
        if line and em((line + piece).rstrip()) * size > width:
            found.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*found, line.rstrip()] if line.strip() else found


def _pieces(text: str) -> list[str]:
    pieces, word = [], ""
    for letter in text:
        wide = ord(letter) > 0x2E80
        word += letter
        if letter == " " or wide:
            pieces.append(word)
            word = ""
    return [*pieces, word] if word else pieces


def _text(words: str, x: float, y: float, size: float, fill: str, **rest: str) -> str:
    return tag("text", escape(words), x=x, y=y, font_size=size, fill=fill, **rest)


def _cut(words: str, size: float, width: float) -> str:
    """As much of it as is no wider than `width`, with an ellipsis where something is left out."""
    if em(words) * size <= width:
        return words
    while words and em(words + "…") * size > width:
        words = words[:-1]
    return words.rstrip() + "…"


def _head(content: Content, n: int, paint: Paint) -> list[str]:
    width, size = WIDTH - 2 * EDGE, 30.0
    while size > 20 and BOLD * em(content.title[n]) * size > width:
        size -= 1
    title = _text(_cut(content.title[n], BOLD * size, width), EDGE, 62, size, paint("ink"), font_weight="650")
    return [title, _text(_cut(content.setting[n], 16, width), EDGE, 92, 16, paint("soft"))]


def _chart(content: Content, n: int, paint: Paint) -> str:
    drawn = figures.found(content, figures.LOSSES)
    frame = Frame(CHART.width, CHART.height, size=CHART.size, across=figures.across(content), language=n)
    chart = plot(figures.curves(content, drawn, "tokens"), frame, paint)
    words = f"{figures.LOSS[n]} · {figures.BOLD[n]}"
    below = _text(
        figures.AXES["tokens"][n], CHART.width / 2, CHART.height + 16, 13, paint("soft"), text_anchor="middle"
    )
    inner = _text(words, 0, -8, 13, paint("soft")) + chart + below
    return tag("g", inner, transform=f"translate({EDGE} 138)")


def _column(content: Content, n: int, paint: Paint) -> list[str]:
    told = [text[n] for text in content.said] or [NO_VERDICT[n]]
    lines = [line for sentence in told for line in wrapped(sentence, BOLD * 17, COLUMN)]
    lines = lines[:SENTENCES] if len(lines) <= SENTENCES else [*lines[: SENTENCES - 1], lines[SENTENCES - 1] + " …"]
    parts = [_text(line, RIGHT, 146 + 24 * row, 17, paint("ink"), font_weight="600") for row, line in enumerate(lines)]
    top = 146 + 24 * len(lines)
    drawn = content.intervals[:PAIRS]
    parts += [_interval(each, drawn, top + 26 * row, paint) for row, each in enumerate(drawn)]
    top += 26 * len(drawn) + 32
    rows = min(len(content.looks), int((566 - top) // 46) + 1)
    parts += [_row(content, variant, top + 46 * variant, n, paint) for variant in range(rows)]
    if more := len(content.looks) - rows:
        words = MORE[n].format(count=more)
        parts.append(_text(words, RIGHT + COLUMN, 606 - 34, 12, paint("soft"), text_anchor="end"))
    return parts


def _interval(each: dict[str, Any], all_of_them: Sequence[dict[str, Any]], y: float, paint: Paint) -> str:
    """How far one variant is behind the best: a dot with its interval, the line being the best."""
    ends = [
        value for one in all_of_them for value in (one["behind"], one["low"], one["high"], 0.0) if value is not None
    ]
    scale = Scale(min(ends), max(ends), RIGHT + 48, RIGHT + COLUMN - 84)
    zero, dot, ink = scale.at(0.0), scale.at(each["behind"]), paint("ink")
    parts = [tag("line", x1=zero, x2=zero, y1=y - 9, y2=y + 9, stroke=paint("strong-line"), stroke_width=1.5)]
    if each["low"] is not None:
        low, high = scale.at(each["low"]), scale.at(each["high"])
        parts.append(tag("line", x1=low, x2=high, y1=y, y2=y, stroke=ink, stroke_width=1.5))
    fill = ink if each["told"] else paint("card")
    parts.append(tag("circle", cx=dot, cy=y, r=4.5, fill=fill, stroke=ink, stroke_width=1.5))
    words = f"{each['best']} – {each['other']}"
    parts.append(_text(words, RIGHT, y + 5, 13, paint("soft")))
    behind = f"{each['behind']:+.3g}"
    return "".join([*parts, _text(behind, RIGHT + COLUMN, y + 5, 13, paint("soft"), text_anchor="end")])


def _row(content: Content, variant: int, y: float, n: int, paint: Paint) -> str:
    look, rows = content.looks[variant], content.rows(variant)
    swatch = tag("rect", x=RIGHT, y=y - 12, width=26, height=26, rx=6, fill=paint(look.hue), fill_opacity=look.shade)
    letter = _text(look.letter, RIGHT + 13, y + 6, 14, paint(f"on-{look.hue}"), text_anchor="middle", font_weight="700")
    name = _text(_cut(look.title[n], BOLD * 15, COLUMN - 38), RIGHT + 38, y, 15, paint("ink"), font_weight="600")
    size = next((row["parameters"] for row in rows if row["parameters"]), None)
    speed = [row["tokens_per_second"] for row in rows if row["tokens_per_second"]]
    facts = [
        str(content.ended(variant)),
        size and f"{short(size)} {PARAMETERS[n]}",
        speed and f"{sum(speed) / len(speed):,.0f} {SPEED[n]}",
    ]
    under = _text(_cut(" · ".join(filter(None, facts)), 13, COLUMN - 38), RIGHT + 38, y + 18, 13, paint("soft"))
    return swatch + letter + name + under


def _foot(content: Content, n: int, paint: Paint) -> list[str]:
    where = content.result["environment"]
    versions = where["versions"]
    seeds = ONE_SEED[n] if content.experiment.seeds == 1 else SEEDS[n].format(seeds=content.experiment.seeds)
    day = time.strftime("%Y-%m-%d", time.gmtime(content.created))
    machine = " · ".join(
        filter(None, [where["device"], f"torch {versions.get('torch', '–')}", f"Python {versions['python']}"])
    )
    line = tag("line", x1=EDGE, x2=WIDTH - EDGE, y1=578, y2=578, stroke=paint("line"))
    left = _text(NAME[n], EDGE, 606, 14, paint("ink"), font_weight="650")
    words = _cut(f"{seeds} · {machine} · {day}", 13, WIDTH - 2 * EDGE - 220)
    return [line, left, _text(words, WIDTH - EDGE, 606, 13, paint("soft"), text_anchor="end")]
