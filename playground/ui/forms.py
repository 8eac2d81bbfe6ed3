"""Sweeps and ladders as the page asks for them and shows them: letters, shades, labels. Knows no HTML.

Every variant keeps the colour of the base variant it is made of; of a sweep the larger values are darker, of a ladder
the later rungs.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.architecture import Architecture
from models.spelling import Path
from models.text import Refusal, Text
from playground import grid
from playground.experiment import Experiment
from playground.formed import localized, reading
from playground.forms import BETWEEN, Ladder, Rung, Sweep, numbers, spelt_sweep
from playground.ladder import choices
from playground.noise import noise_in
from playground.recipe import Recipe
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both, having
from playground.ui.differences import compared

LETTERS = "ABCD"
HUES = "abcd"  # of options, where only one variant is swept over them
FAINTEST = 0.35  # shade of the smallest value, of 1
LONGEST = 400


def asked(given: Any) -> Sweep | Ladder | None:
    """The form that the browser asked for: `{"kind": "sweep", "path", "values"}` or `{"kind": "ladder"}`.

    Raises:
        Refusal: it is none.
    """
    if given is None:
        return None
    kind = given.get("kind") if isinstance(given, dict) else None
    if kind == "ladder":
        return Ladder()
    if kind != "sweep":
        raise Refusal(sentence("bad_request"))
    return spelt_sweep(f"{str(given.get('path'))[:LONGEST]}:{str(given.get('values', ''))[:LONGEST]}")


def chosen(form: Sweep | Ladder | None) -> Json | None:
    """The form as the page holds it."""
    if isinstance(form, Sweep):
        return {"kind": form.kind, "path": form.path, "values": BETWEEN.join(form.values)}
    return {"kind": form.kind} if form else None


def described(experiment: Experiment) -> Json | None:
    """What the form of an expanded experiment amounts to: its size, what cannot be built, its name."""
    form = experiment.form
    if form is None:
        return None
    missing = [_missing(point.base, point.value, point.why) for point in getattr(form, "points", ()) if point.why]
    return {
        "variants": len(experiment.variants),
        "runs": len(experiment.variants) * experiment.seeds,
        "title": both(form.title) if isinstance(form, Sweep) else None,
        "missing": missing,
    }


def fields() -> list[Json]:
    """Everything that can be swept: its name, what it is about, and the options that have it."""
    return [_field(name, paths[0]) for name, paths in numbers().items()]


def suggested(experiment: Experiment, path: str) -> str:
    """Values to begin with, as the page writes them."""
    return ", ".join(grid.suggested(experiment, path))


def changes(experiment: Experiment) -> int:
    """In how many choices two variants differ, where a ladder between them can be asked for; else 0."""
    two = experiment.form is None and len(experiment.variants) == 2
    return len(choices(*experiment.variants)) if two else 0


def looks(experiment: Experiment, labels: Sequence[Text]) -> list[Json]:
    """Letter, shade and title of every variant of a form; empty for an experiment without. `labels`: of `labelled`."""
    form = experiment.form
    if isinstance(form, Sweep):
        return _of_sweep(form)
    return _of_ladder(experiment, form, labels) if isinstance(form, Ladder) else []


def shown(experiment: Experiment, runs: Iterable[Mapping[str, Any]], labels: Sequence[Text]) -> Json | None:
    """What the form shows by now, with its sentences; None for an experiment without. `labels`: of `labelled`."""
    form = experiment.form
    if form is None:
        return None
    content = reading(experiment, runs, LETTERS[: len(experiment.base)], labels, noise_in(experiment))[form.key]
    if isinstance(form, Sweep):
        menu = {slug: both(title) for slug, title in form.menu.items()}
        return {"kind": form.kind, "title": both(form.title), "menu": menu or None, **localized(content, both)}
    rows = [row | {"label": label} for row, label in zip(content["rows"], labels, strict=True)]
    return {"kind": form.kind, **localized(content | {"rows": rows}, both)}


def labelled(experiment: Experiment) -> list[Text]:
    """What the change of each rung is called: "LayerNorm → RMSNorm"; as it is spelt where nothing shows it.

    To be asked once an experiment: every label compares two variants.
    """
    form = experiment.form
    if not isinstance(form, Ladder):
        return []
    found: dict[str, Text] = {}
    for rung in sorted(form.rungs, key=lambda rung: rung.kind != "alone"):
        if rung.variant is not None and rung.against is not None:
            found.setdefault(rung.change, _label(experiment, rung))
    return [found.get(rung.change, Text(rung.change, rung.change)) for rung in form.rungs]


def _label(experiment: Experiment, rung: Rung) -> Text:
    assert rung.variant is not None and rung.against is not None
    pills = compared(experiment.variants[rung.against], experiment.variants[rung.variant])
    joined = Text(", ".join(pill.en for pill in pills), "，".join(pill.zh for pill in pills))
    return joined if pills else Text(rung.change, rung.change)


def _of_sweep(form: Sweep) -> list[Json]:
    title, menu = form.title, form.menu
    alone = bool(menu) and {point.base for point in form.points} == {0}
    found: dict[int, Json] = {}
    for point in form.points:
        if point.variant is not None:
            value = menu.get(point.value, Text(point.value, point.value))
            said = Text(f"{title.en} {value.en}", f"{title.zh} {value.zh}")
            place = form.values.index(point.value)
            look = _look(point.base, place / (len(form.values) - 1), said)
            found[point.variant] = look | (_hue(place) if alone else {})
    return [found[number] for number in sorted(found)]


def _hue(place: int) -> Json:
    """Options are told apart by colour, and the second four by dashes: they have no order that shades could show."""
    return {"shade": 1.0, "hue": HUES[place % len(HUES)], "dashed": place >= len(HUES)}


def _of_ladder(experiment: Experiment, form: Ladder, labels: Sequence[Text]) -> list[Json]:
    steps = sum(rung.kind == "way" for rung in form.rungs)
    found: dict[int, Json] = {}
    for place, (rung, label) in enumerate(zip(form.rungs, labels, strict=True)):
        if rung.variant is None or rung.kind == "whole":
            continue
        way = rung.kind == "way"
        words = sentence("ladder_way" if way else "ladder_alone", change="{change}")
        title = Text(words.en.format(change=label.en), words.zh.format(change=label.zh))
        look = _look(int(way), (place + 1) / steps if way else 0.5, title)
        found.setdefault(rung.variant, look | {"dashed": not way})
    found.setdefault(0, _look(0, 1.0, sentence("ladder_first")))
    return [found[number] for number in range(len(experiment.variants))]


def _look(base: int, place: float, title: Text) -> Json:
    return {"letter": LETTERS[base], "shade": round(FAINTEST + (1 - FAINTEST) * place, 3), "title": both(title)}


def _missing(base: int, value: str, why: Text | None) -> Json:
    assert why is not None
    return {"letter": LETTERS[base], "value": value, "why": both(why)}


def _field(name: str, path: Path) -> Json:
    return {
        "path": name,
        "axis": path.axis,
        "group": both((Recipe if path.axis == "recipe" else Architecture.axes()[path.axis]).axis_title),
        "title": both(path.title),
        "help": both(path.help),
        "options": having(path) if path.axis != "recipe" else None,
    }
