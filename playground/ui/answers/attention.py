"""The attention maps of every variant on the visitor's own sentence, after any step whose weights were kept."""

import base64
from dataclasses import asdict
from threading import Lock

from models.text import Refusal, Text
from playground import head_scores, probe, runs, snapshots
from playground.events import Kept, decode
from playground.head_scores import Scores
from playground.store import RunRow, Store
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.registry import answer, refusal_json
from playground.ui.service import Service
from playground.ui.trained import first_runs, has_model

LONGEST = 2000  # characters; more could not be looked at

one_at_a_time = Lock()  # models are loaded for one question and dropped: memory stays bounded however many ask


@answer
def attention(service: Service, given: Json) -> Json:
    """Tokens and maps of `given["text"]` for every variant that has weights to load; the others are left out.

    `given["step"]`: the weights are the latest kept up to that step, the first where none are as early; the last ones
    if it is left out. With the maps go what each head does, and which heads have formed.
    """
    text, step = sentence_of(given), _step_of(given)
    looked = [_looked_at(service.store, run, text, step) for run in first_runs(service.store, given.get("id"))]
    return {"variants": [each for each in looked if each]}


def sentence_of(given: Json) -> str:
    """The visitor's sentence; raises `Refusal` where there is none, or one too long to look at."""
    text = given.get("text")
    if not isinstance(text, str) or not text:
        raise Refusal(probe.NO_TEXT, "text")
    if len(text) > LONGEST:
        raise Refusal(sentence("maps_too_long", length=f"{len(text):,}", most=f"{LONGEST:,}"), "text")
    return text


def _step_of(given: Json) -> int | None:
    step = given.get("step")
    if step is not None and (type(step) is not int or step < 0):
        raise Refusal(sentence("bad_request"))
    return step


_History = list[tuple[int, Scores]]  # steps whose weights can be loaded, rising, and the habits of the heads then


def _history(store: Store, run: RunRow) -> _History:
    line_of = f'"kind": "{Kept.kind}"'
    said = [decode(line) for _, line in store.events(run.id) if line_of in line]
    ended = runs.read_about(run.folder).provenance.get("step", run.step) if has_model(run) else None
    there = {
        event.step: event.habits
        for event in said
        if isinstance(event, Kept) and (event.step == ended or snapshots.kept(run.folder, event.step))
    }
    if ended is not None:
        there.setdefault(ended, {})
    return sorted(there.items())


def _looked_at(store: Store, run: RunRow, text: str, step: int | None) -> Json | None:
    try:
        history = _history(store, run)
        return {"variant": run.variant, **_maps(run, text, history, step)} if history else None
    except Refusal as refusal:
        return {"variant": run.variant, **refusal_json(refusal)}


def _maps(run: RunRow, text: str, history: _History, step: int | None) -> Json:
    steps = [each for each, _ in history]
    at = steps[-1] if step is None else max([each for each in steps if each <= step], default=steps[0])
    with one_at_a_time:
        last = has_model(run) and at == steps[-1]
        model, about = runs.load(run.folder) if last else snapshots.load(run.folder, at)
        architecture = model.architecture
        reading = probe.read(about.tokenizer, text, probe.room(architecture))
        maps_LHTT = probe.attention(model, reading.ids)
        habits = dict(history)[at] or head_scores.plain(head_scores.habits(model))
    scores = head_scores.plain(head_scores.on_text(maps_LHTT)) | habits
    if not maps_LHTT.isfinite().all():
        raise Refusal(sentence("maps_not_finite", step=f"{at:,}"))
    layers, heads = maps_LHTT.shape[:2]
    return {
        "step": at,
        "steps": steps,
        "tokens": reading.tokens,
        "layers": layers,
        "heads": heads,
        "maps": base64.b64encode(probe.quantized(maps_LHTT)).decode(),
        "scores": scores,
        "formed": [asdict(each) for each in head_scores.formed(_through(history, at, scores))],
        "notes": [both(note) for note in notes(reading, architecture.shape.context)],
    }


def _through(history: _History, at: int, scores: Scores) -> _History:
    """The habits up to the last step; where nobody has measured them, as they were found now, at `at`."""
    known = [(step, habits or (scores if step == at else {})) for step, habits in history]
    return [(step, habits) for step, habits in known if habits]


def notes(reading: probe.Reading, context: int) -> list[Text]:
    """What the visitor should know about how his sentence was read."""
    notes = []
    shown = len(reading.ids)
    if reading.cut:
        key = "maps_cut_context" if shown == context else "maps_cut"
        notes.append(sentence(key, shown=shown, whole=reading.whole))
    if reading.unknown:
        notes.append(sentence("panel_unknown", characters=" ".join(reading.unknown[:12])))
    return notes
