"""The recipe's fields, and the few of the experiment itself, as controls for the page. Knows nothing of HTML."""

from typing import get_args

from models.text import Text
from playground import recipe as recipes
from playground.data import sources
from playground.data.own_text import OwnText
from playground.experiment import Match, MatchBy
from playground.ui import forms
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both, part

OWN_TEXT = OwnText.name


def fields() -> Json:
    """Every field of the recipe, the seeds, the matching rule, and the title of the two numbers that share a place."""
    parts = [part(path) | {"path": path.name} for path in recipes.paths()]
    return {
        "recipe": [_data(each) if each["path"] == "recipe.data" else each for each in parts],
        "seeds": _field("seeds", "number", sentence("seeds"), sentence("seeds_help")),
        "match": _words("match", {word: sentence(f"match_{word}") for word in get_args(Match)}),
        "match_by": _words("match_by", {word: sentence(f"match_by_{word}") for word in get_args(MatchBy)}),
        "context_batch": {"title": both(sentence("context_batch")), "help": both(sentence("context_batch_help"))},
        "sweep": forms.fields(),
        "own_text": OWN_TEXT,
    }


def _words(name: str, words: dict[str, Text]) -> Json:
    """A choice among words of the experiment itself."""
    titled = [{"word": word, "title": both(title)} for word, title in words.items()]
    return _field(name, "words", sentence(name), sentence(f"{name}_help")) | {"words": titled}


def _field(name: str, kind: str, title: Text, help: Text) -> Json:
    return {"path": name, "kind": kind, "title": both(title), "help": both(help), "optional": False, "options": None}


def _data(field: Json) -> Json:
    """The sources as words; one that takes arguments says how they are spelt."""
    words = [
        {"word": source.name, "title": both(source.title), "help": both(source.help), "spelling": source.spelling}
        for source in sources().values()
    ]
    return field | {"kind": "words", "words": words}
