"""The attention maps of every trained variant on the visitor's own sentence."""

import base64
from threading import Lock

from models.text import Refusal, Text
from playground import probe, runs
from playground.store import RunRow
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.registry import answer, said
from playground.ui.service import Service
from playground.ui.trained import first_runs, has_model

LONGEST = 2000  # characters; more could not be looked at

one_at_a_time = Lock()  # models are loaded for one question and dropped: memory stays bounded however many ask


@answer
def attention(service: Service, given: Json) -> Json:
    """Tokens and maps of `given["text"]` for every variant that has a model; the others are left out."""
    text = sentence_of(given)
    return {"variants": [_looked_at(run, text) for run in first_runs(service.store, given.get("id")) if has_model(run)]}


def sentence_of(given: Json) -> str:
    """The visitor's sentence; raises `Refusal` where there is none, or one too long to look at."""
    text = given.get("text")
    if not isinstance(text, str) or not text:
        raise Refusal(probe.NO_TEXT, "text")
    if len(text) > LONGEST:
        raise Refusal(sentence("maps_too_long", length=f"{len(text):,}", most=f"{LONGEST:,}"), "text")
    return text


def _looked_at(run: RunRow, text: str) -> Json:
    try:
        return {"variant": run.variant, **_maps(run, text)}
    except Refusal as refusal:
        return {"variant": run.variant, **said(refusal)}


def _maps(run: RunRow, text: str) -> Json:
    with one_at_a_time:
        model, tokenizer = runs.load_model(run.folder)
        architecture = model.architecture
        reading = probe.read(tokenizer, text, probe.room(architecture))
        maps_LHTT = probe.attention(model, reading.ids)
    layers, heads = maps_LHTT.shape[:2]
    return {
        "tokens": reading.tokens,
        "layers": layers,
        "heads": heads,
        "maps": base64.b64encode(probe.quantized(maps_LHTT)).decode(),
        "notes": [both(note) for note in notes(reading, architecture.shape.context)],
    }


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
