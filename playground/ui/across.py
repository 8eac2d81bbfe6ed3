"""Experiments of the history beside each other: their curves, where they ended, and what may not be compared. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.text import Text
from playground.experiment import Experiment
from playground.follow import Snapshot
from playground.ui import forms
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.view import view


@dataclass(frozen=True, slots=True)
class Together:
    """One of the experiments, by its place among those that are shown together."""

    id: str
    experiment: Experiment
    snapshot: Snapshot
    title: Json


def together(chosen: Sequence[Together]) -> Json:
    """The experiments as the chart reads them, and a sentence for everything that must not be read out of it."""
    return {"views": [_view(one) for one in chosen], "notes": [both(note) for note in notes(chosen)]}


def notes(chosen: Sequence[Together]) -> list[Text]:
    """What of these experiments may not be compared: losses on other text, losses per other tokens."""
    found = []
    if len({key for one in chosen for key, _ in _texts(one)}) > 1:
        found.append(sentence("past_other_data", each=_each([[name for _, name in _texts(one)] for one in chosen])))
    spelt = [_tokenizers(one) for one in chosen]
    if len({word for words in spelt for word in words}) > 1:
        found.append(sentence("past_other_tokens", each=_each(spelt)))
    return found


def _view(one: Together) -> Json:
    shown = view(one.id, one.experiment, one.snapshot, forms.labelled(one.experiment))
    return {**shown, "title": one.title, "data": one.experiment.recipe.data}


def _texts(one: Together) -> list[tuple[str, str]]:
    """The content that it was trained on, by its hash, and what that is called: a name may stand for other content."""
    hashes = dict.fromkeys(run["started"]["data_hash"] for run in one.snapshot["runs"] if run["started"])
    return [(hash, f"{one.experiment.recipe.data} ({hash[:6]})") for hash in hashes]


def _tokenizers(one: Together) -> list[str]:
    """How its runs split their text: "characters, 63", by tokenizer and size of the vocabulary."""
    begun = [run for run in one.snapshot["runs"] if run["started"]]
    kinds = [one.experiment.variants[run["variant"]].recipe_in(one.experiment).tokenizer for run in begun]
    words = (f"{kind}, {run['started']['vocabulary']}" for kind, run in zip(kinds, begun, strict=True))
    return list(dict.fromkeys(words))


def _each(words: Sequence[Sequence[str]]) -> str:
    """The words of every experiment behind its number, which both languages write alike."""
    return "; ".join(f"{number}: {' / '.join(each)}" for number, each in enumerate(words, start=1))
