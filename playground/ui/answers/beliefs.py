"""What every trained variant expects at each place of the visitor's sentence, and where two of them disagree."""

import itertools

from models.text import Refusal
from playground import probe, runs
from playground.beliefs import TEMPERATURES, Beliefs, believe, divergence
from playground.store import RunRow
from playground.tokenizer import Tokenizer
from playground.ui.answers.attention import notes, one_at_a_time, sentence_of
from playground.ui.controls import Json, both
from playground.ui.registry import answer, refusal_json
from playground.ui.service import Service
from playground.ui.trained import first_runs, has_model

DIGITS = 5  # significant ones: more is not to be seen
MOST_PLACES = 3  # at which a pair is said to disagree
WORTH = 0.01  # nats of divergence under which two distributions look alike


@answer
def beliefs(service: Service, given: Json) -> Json:
    """Tokens, losses and the likeliest tokens of every variant that has a model; where pairs of them disagree most."""
    text = sentence_of(given)
    looking = [run for run in first_runs(service.store, given.get("id")) if has_model(run)]
    read = [(run, _read(run, text)) for run in looking]
    seen = [(run, each) for run, each in read if not isinstance(each, Refusal)]
    return {
        "temperatures": TEMPERATURES,
        "variants": [{"variant": run.variant, **_shown(each)} for run, each in read],
        "disagreements": [
            found for (a, one), (b, other) in itertools.combinations(seen, 2) if (found := _apart(a, one, b, other))
        ],
    }


_Read = tuple[probe.Reading, Tokenizer, Beliefs, int]


def _read(run: RunRow, text: str) -> _Read | Refusal:
    try:
        with one_at_a_time:
            model, tokenizer = runs.load_model(run.folder)
            context = model.architecture.shape.context
            reading = probe.read(tokenizer, text, min(context, probe.MOST_TOKENS))
            return reading, tokenizer, believe(model, reading.ids), context
    except Refusal as refusal:
        return refusal


def _shown(read: _Read | Refusal) -> Json:
    if isinstance(read, Refusal):
        return refusal_json(read)
    reading, tokenizer, believed, context = read
    places = []
    for ids, log_p_V, log_z in zip(believed.likeliest, believed.log_p_TV, believed.normalizers(), strict=True):
        head = [[tokenizer.piece(id), _rounded(float(log_p_V[id]))] for id in ids]
        places.append({"likeliest": head, "log_z": [_rounded(number) for number in log_z]})
    return {
        "tokens": reading.tokens,
        "losses": [None, *(_rounded(loss) for loss in believed.losses)],
        "places": places,
        "notes": [both(note) for note in notes(reading, context)],
    }


def _apart(a: RunRow, one: _Read, b: RunRow, other: _Read) -> Json | None:
    """The places at which two variants that read the same tokens disagree most; None where they read others."""
    if one[0].ids != other[0].ids or one[1] != other[1]:
        return None
    nats = divergence(one[2].log_p_TV, other[2].log_p_TV)
    order = sorted(range(len(nats)), key=lambda row: -nats[row])[:MOST_PLACES]
    places = [{"place": row + 1, "nats": _rounded(nats[row])} for row in order if nats[row] >= WORTH]
    return {"a": a.variant, "b": b.variant, "places": places}


def _rounded(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")
