"""The report: one HTML file with everything in it, to be read and hovered over without a server or a network.

Its charts are drawn here, as SVG; the script beside it adds the cursor, the switches and the language. Colours and
letters are the page's own, by the same style sheet.
"""

import json
import re
import time
from html import escape
from typing import Any

from models.text import Text
from playground import link
from playground.share import figures
from playground.share.content import NO_VERDICT, PARAMETERS, SPEED, Content
from playground.share.lines import Line, X
from playground.share.paint import TOKENS, live
from playground.share.plot import Frame, plot, scales
from playground.verdict import METRICS

ASSETS = TOKENS.parent.parent / "report"
CHART = Frame(520, 290, size=14)
DIGITS = 5  # of the numbers that are hovered over
SAMPLES, LONGEST = 2, 600  # texts of a variant, and characters of one

Json = dict[str, Any]


def report(content: Content) -> str:
    """The report as an HTML file."""
    sections = [_verdict(content), _charts(content), _table(content), _samples(content), _about(content)]
    filled = {
        "title": escape(content.title.en),
        "tokens": TOKENS.read_text("utf-8"),
        "style": (ASSETS / "report.css").read_text("utf-8"),
        "head": _head(content),
        "body": "".join(sections),
        "data": _json({"names": [list(look.title) for look in content.looks], "charts": _hover(content)}),
        "script": (ASSETS / "report.js").read_text("utf-8"),
    }
    page = (ASSETS / "report.html").read_text("utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: filled[found[1]], page)


def say(text: Text) -> str:
    """A text in both languages; the style sheet shows the one that is chosen."""
    languages = (("en", "en", text.en), ("zh", "zh-CN", text.zh))
    return "".join(f'<span class="{name}" lang="{lang}">{escape(words)}</span>' for name, lang, words in languages)


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _head(content: Content) -> str:
    day = time.strftime("%Y-%m-%d", time.gmtime(content.created))
    return f'<h1>{say(content.title)}</h1><p class="note">{say(content.setting)} · {day}</p>'


def _verdict(content: Content) -> str:
    told = "".join(f"<p>{say(text)}</p>" for text in content.said) or f"<p>{say(NO_VERDICT)}</p>"
    return f'<section class="card verdict">{told}</section>'


def _charts(content: Content) -> str:
    losses = _chart(content, "loss", figures.LOSS, figures.found(content, figures.LOSSES))
    norms = _chart(content, "norm", figures.NORM, figures.found(content, figures.NORMS))
    return f'{_legend(content)}<div class="charts">{losses}{norms}</div>'


def _legend(content: Content) -> str:
    def entry(variant: int) -> str:
        named = _named(content, variant)
        return f'<button aria-pressed="true" data-variant="{variant}">{named}</button>'

    return f'<div class="legend" role="group">{"".join(map(entry, range(len(content.looks))))}</div>'


def _named(content: Content, variant: int) -> str:
    """A variant's colour, letter and name."""
    look = content.looks[variant]
    colour = f'<i style="background:var(--{look.hue});opacity:{look.shade:.2f}"></i>'
    return f"{colour}<b>{look.letter}</b> {say(look.title)}"


def _chart(content: Content, name: str, title: Text, drawn: list[Line]) -> str:
    """The chart against every axis, linear and logarithmic; one of them is shown at a time."""
    pictures = []
    for axis in X:
        for log in (False, True):
            frame = Frame(
                CHART.width, CHART.height, log, CHART.size, across={} if name == "norm" else figures.across(content)
            )
            inner = plot(figures.curves(content, drawn, axis), frame, live)
            shown = axis == X[0] and log == (name == "norm")
            box = f'viewBox="0 0 {frame.width:g} {frame.height:g}" data-axis="{axis}" data-log="{int(log)}"'
            pictures.append(
                f'<svg {box} role="img" aria-label="{escape(title.en)}"{"" if shown else " hidden"}>{inner}</svg>'
            )
    choices = "".join(f'<option value="{axis}">{escape(figures.AXES[axis].en)}</option>' for axis in X)
    log = " checked" if name == "norm" else ""
    switches = f'<select aria-label="x">{choices}</select><label><input type="checkbox"{log}> log</label>'
    note = f'<span class="note">{say(figures.BOLD)}</span>' if name == "loss" else ""
    head = f"<header><h2>{say(title)}</h2>{note}<span class='switches'>{switches}</span></header>"
    return (
        f'<section class="card chart" data-chart="{name}">{head}<div class="plot">{"".join(pictures)}</div></section>'
    )


def _hover(content: Content) -> Json:
    """What the script reads under the pointer: every line's numbers, and the scales that they were drawn with."""
    found = {"loss": figures.found(content, figures.LOSSES), "norm": figures.found(content, figures.NORMS)}
    return {
        name: {"scales": _scales(content, drawn), "lines": [_numbers(line) for line in drawn]}
        for name, drawn in found.items()
    }


def _scales(content: Content, drawn: list[Line]) -> Json:
    made = {}
    for axis in X:
        for log in (False, True):
            frame = Frame(CHART.width, CHART.height, log)
            x, y = scales(figures.curves(content, drawn, axis), frame)
            made[f"{axis}-{int(log)}"] = [x.to_dict(), y.to_dict()]
    return made


def _numbers(line: Line) -> Json:
    def short(numbers: list[float]) -> list[float]:
        return [float(f"{number:.{DIGITS}g}") for number in numbers]

    return {
        "variant": line.variant,
        "what": line.what,
        "at": {axis: short(values) for axis, values in line.at.items()},
        "y": short(line.y),
        "error": short(line.error),
    }


def _table(content: Content) -> str:
    ended = Text(*(words.format(unit=unit) for words, unit in zip(ENDED, METRICS[content.metric].unit, strict=True)))
    heads = "".join(f"<th>{say(text)}</th>" for text in (VARIANT, ended, RUNS, PARAMETERS, SPEED))
    rows = "".join(_row(content, variant) for variant in range(len(content.looks)))
    title = f"<h2>{say(RESULTS)}</h2>"
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<section class="card">{title}<div class="scroll">{table}</div></section>'


def _row(content: Content, variant: int) -> str:
    rows = content.rows(variant)
    size = next((f"{row['parameters']:,}" for row in rows if row["parameters"]), "–")
    speeds = [row["tokens_per_second"] for row in rows if row["tokens_per_second"]]
    speed = f"{sum(speeds) / len(speeds):,.0f}" if speeds else "–"
    seeds = "".join(f"<li>{_seed(row, content.metric)}</li>" for row in rows)
    spelt = escape(link.spell(content.experiment.variants[variant]))
    name = f"{_named(content, variant)}<code>{spelt}</code>"
    cells = "".join(f"<td>{cell}</td>" for cell in (content.ended(variant), f"<ul>{seeds}</ul>", size, speed))
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def _seed(row: Json, metric: str) -> str:
    value = "" if row[metric] is None else f" {row[metric]:.4f}"
    state = "" if row["status"] == "finished" else f" {say(STATES[row['status']])}"
    return f"{row['seed']}:{value}{state}"


def _samples(content: Content) -> str:
    def texts(variant: int) -> list[str]:
        return next((row["samples"] for row in content.rows(variant) if row["samples"]), [])[:SAMPLES]

    def shown(variant: int) -> str:
        look = content.looks[variant]
        quotes = "".join(f"<blockquote>{escape(text[:LONGEST])}</blockquote>" for text in texts(variant))
        return f'<div style="--k:var(--{look.hue})"><h3>{look.letter} {say(look.title)}</h3>{quotes}</div>'

    there = [shown(variant) for variant in range(len(content.looks)) if texts(variant)]
    return (
        f'<section class="card"><h2>{say(SAYS)}</h2><div class="samples">{"".join(there)}</div></section>'
        if there
        else ""
    )


def _about(content: Content) -> str:
    where, query = content.result["environment"], link.write(content.experiment)
    versions = ", ".join(f"{name} {version}" for name, version in where["versions"].items())
    pairs = [
        (DEVICE, escape(where["device"] or "–")),
        (MACHINE, escape(where["machine"])),
        (VERSIONS, escape(versions)),
        (LINK, f"<code>?{escape(query)}</code>"),
    ]
    rows = "".join(f"<div><dt>{say(name)}</dt><dd>{value}</dd></div>" for name, value in pairs)
    return f'<section class="card"><h2>{say(WHERE)}</h2><dl>{rows}</dl><p class="note">{say(FOOT)}</p></section>'


RESULTS = Text("Results", "结果")
VARIANT = Text("variant", "变体")
ENDED = Text("at the end, {unit}", "最终（{unit}）")
RUNS = Text("by seed", "各种子")
SAYS = Text("What each one writes", "各自写出的文字")
WHERE = Text("Where this comes from", "结果来源")
DEVICE = Text("device", "设备")
MACHINE = Text("machine", "机器")
VERSIONS = Text("versions", "版本")
LINK = Text("link, after the address of any playground", "链接（接在任一游乐场的地址之后）")
FOOT = Text(
    "Made by the Architecture Playground. Lines are means over the finished seeds, bands ± their standard error.",
    "由架构游乐场生成。曲线为各已完成种子的均值，色带为 ± 标准误。",
)
STATES = {
    "stopped": Text("stopped", "已停止"),
    "diverged": Text("diverged", "已发散"),
    "failed": Text("failed", "失败"),
    "interrupted": Text("interrupted", "已中断"),
}
