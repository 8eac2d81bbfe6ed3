"""An experiment as a query string, differences only: `v=1&a=gpt-2&b=llama-3,position=alibi&recipe.lr=1e-3&seeds=2`.

Writing and strict reading serve the commands too: a variant is spelt `SYSTEM,field=value,recipe.field=value`. Reading a
link forgives: what cannot be read is named and skipped. Knows no page.
"""

import string
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from models import spelling
from models.architecture import Architecture
from models.systems import catalogue, systems
from models.text import Refusal, Text
from playground import recipe as recipes
from playground.experiment import MOST_VARIANTS, Experiment, Variant, compose
from playground.formed import expanded, form_of
from playground.forms import Ladder, Sweep
from playground.recipe import Recipe

VERSION = "1"
LETTERS = string.ascii_lowercase.replace("v", "")[:MOST_VARIANTS]  # v is the link's version
LONGEST = 20_000  # characters of a link that are read
MOST_NOTES = 10  # on what could not be read
PIECES = 60  # choices of one variant that are read
DEFAULT = ("gpt-2", "llama-3")
REST = {name: name for name in ("seeds", "match", "match_by")} | {
    "hash": "data_hash",
    Sweep.key: "",  # and their fields
    Ladder.key: "",
}
NOT_OURS = (
    "run",
    "lang",
    "view",
    "tab",
    "show",
    "hide",
    "embed",
    "stage",
    "autoplay",
)  # the page's own; so is whatever begins with an underscore

Made = TypeVar("Made")


def variant(text: str, name: str | None = None) -> Variant:
    """The variant that `SYSTEM,field=value,recipe.field=value …` spells; its name is the text.

    Raises:
        Refusal: naming the nearest right system, field, option or value, or the choices that do not go together.
    """
    system, pieces = _split(text)
    return _variant(system, _unique(pieces), name or text)


def spell(made: Variant) -> str:
    """The text that `variant` reads as this one: a system and the differences to its tiny twin."""
    system = made.system if made.system in systems() else nearest(made.original)
    changes = spelling.differences(made.original, systems()[system].twin)
    changes |= {f"recipe.{field}": value for field, value in made.recipe.items()}
    return ",".join([system, *(f"{path}={value}" for path, value in changes.items())])


def nearest(architecture: Architecture) -> str:
    """The system whose tiny twin it takes the fewest changes to make `architecture` of."""
    return min(systems(), key=lambda id: len(spelling.differences(architecture, systems()[id].twin)))


def write(experiment: Experiment) -> str:
    """The experiment as a query string without its question mark. Names are left out: they are the variants' texts."""
    pairs = {"v": VERSION}
    pairs |= {letter: spell(made) for letter, made in zip(LETTERS, experiment.chosen, strict=False)}
    changes = recipes.differences(experiment.recipe, Recipe())
    pairs |= {f"recipe.{field}": value for field, value in changes.items()}
    if experiment.seeds != 1:
        pairs["seeds"] = str(experiment.seeds)
    for name in ("match", "match_by"):
        if getattr(experiment, name) != Experiment.model_fields[name].default:
            pairs[name] = getattr(experiment, name)
    if experiment.data_hash:
        pairs["hash"] = experiment.data_hash
    if experiment.form:
        pairs[experiment.form.key] = experiment.form.spelt()
    return urlencode(pairs, safe=",=~:/")


def read(query: str | Mapping[str, str]) -> tuple[Experiment, list[Text]]:
    """The experiment of a link, and what in it could not be read; never raises.

    A link without variants gives the default ones.
    """
    notes: list[Text] = []
    pairs = _pairs(query, notes)
    version = pairs.pop("v", VERSION)
    if version != VERSION:
        notes.append(OTHER_VERSION.format(version=_short(version), known=VERSION))
    variants = [
        made for letter in LETTERS if letter in pairs and (made := _forgiving(pairs.pop(letter), letter, notes))
    ]
    changes = {name: pairs.pop(name) for name in list(pairs) if name.startswith("recipe.")}
    recipe = _longest(changes, lambda some: _recipe(Recipe(), some), "", notes)
    rest = {name: pairs.pop(name) for name in REST if name in pairs}
    notes += [_named("", notes_of(name)) for name in pairs if name not in NOT_OURS and not name.startswith("_")]
    variants = variants or [variant(text) for text in DEFAULT]
    return _longest(rest, lambda some: _composed(variants, recipe, some), "", notes), _few(notes)


def _composed(variants: Sequence[Variant], recipe: Recipe, words: Mapping[str, str]) -> Experiment:
    """The experiment with what a link says beside variants and recipe: seeds, matching rule, hash, form."""
    fields = {field: words[name] for name, field in REST.items() if field and name in words}
    return expanded(compose(variants, recipe, form=form_of(words), **fields))


def _few(notes: list[Text]) -> list[Text]:
    """The first notes, and how many more there are: a hostile link has thousands."""
    more = len(notes) - MOST_NOTES
    return notes if more <= 0 else [*notes[:MOST_NOTES], AND_MORE.format(count=more)]


def names_an_experiment(query: str) -> bool:
    """Does a page's address say what to compare, or only what is the page's own?"""
    names = [name for name, _ in parse_qsl(_sound(query[:LONGEST]).removeprefix("?"), keep_blank_values=True)]
    return any(name not in NOT_OURS and not name.startswith("_") for name in names)


def notes_of(name: str) -> Refusal:
    """Why the link's `name` means nothing."""
    known = ["v", *REST, *(path.name for path in recipes.paths())]
    return spelling.misspelt(name, known)


def settings(texts: Mapping[str, str], recipe: Recipe) -> Recipe:
    """`recipe` with `recipe.field=value` settings, as a command gets them; raises `Refusal` for any other."""
    for name in texts:
        if not name.startswith("recipe."):
            raise spelling.misspelt(name, [path.name for path in recipes.paths()])
    return _recipe(recipe, texts)


def _recipe(recipe: Recipe, texts: Mapping[str, str]) -> Recipe:
    return recipes.change(recipe, {name.removeprefix("recipe."): text for name, text in texts.items()})


def _variant(system: str, pieces: Mapping[str, str], name: str) -> Variant:
    recipe = {path.removeprefix("recipe."): text for path, text in pieces.items() if path.startswith("recipe.")}
    choices = {path: text for path, text in pieces.items() if not path.startswith("recipe.")}
    architecture = spelling.change(_twin(system), choices)
    made = {"name": name, "architecture": architecture, "recipe": recipe, "system": system}
    return spelling.validated(Variant, made)


def _split(text: str) -> tuple[str, list[str]]:
    system, *pieces = (piece.strip() for piece in _sound(text).split(","))
    return system, [piece for piece in pieces if piece]


def _unique(pieces: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for piece in pieces:
        path, equals, value = piece.partition("=")
        if not equals:
            raise Refusal(NO_VALUE.format(piece=repr(_short(piece))), _short(piece))
        if path in found:
            raise Refusal(TWICE.format(path=repr(_short(path))), path)
        found[path] = value
    return found


def _pairs(query: str | Mapping[str, str], notes: list[Text]) -> dict[str, str]:
    if not isinstance(query, str):
        return {_sound(str(name)): _sound(str(text)[:LONGEST]) for name, text in query.items()}
    if len(query) > LONGEST:
        notes.append(TOO_LONG.format(length=len(query), read=LONGEST))
    pairs: dict[str, str] = {}
    for name, text in parse_qsl(_sound(query[:LONGEST]).removeprefix("?"), keep_blank_values=True):
        pairs.setdefault(name, text)
    return pairs


def _sound(text: str) -> str:
    """The text, a question mark for every half of a character: JSON can hold one, a file cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _twin(system: str) -> Architecture:
    """The twin of a system; raises `Refusal` for one that there is not, or that the table alone holds."""
    if system not in catalogue():
        raise spelling.misspelt(system, systems())
    return catalogue()[system].twin


def _forgiving(text: str, letter: str, notes: list[Text]) -> Variant | None:
    """As `variant`, leaving out what cannot be; None where even the system cannot."""
    system, pieces = _split(text)
    found: dict[str, str] = {}
    for piece in pieces[:PIECES]:
        try:
            found |= _unique([piece])
        except Refusal as refusal:
            notes.append(_named(letter, refusal))
    if len(pieces) > PIECES:
        notes.append(TOO_MANY.format(letter=letter, count=len(pieces), read=PIECES))
    try:
        _twin(system)
    except Refusal as refusal:
        notes.append(_named(letter, refusal))
        return None

    def make(some: Mapping[str, str]) -> Variant:
        name = ",".join([system, *(f"{path}={value}" for path, value in some.items())])
        return _variant(system, some, name[:400])

    return _longest(found, make, letter, notes)


def _longest(
    texts: Mapping[str, str], make: Callable[[Mapping[str, str]], Made], where: str, notes: list[Text]
) -> Made:
    """`make` of as many of `texts` as can be: whatever a refusal names is left out and noted, the last first."""
    left = dict(texts)
    while True:
        try:
            return make(left)
        except Refusal as refusal:
            notes.append(_named(where, refusal))
            left.pop(_culprit(list(left), refusal))


def _culprit(names: list[str], refusal: Refusal) -> str:
    """The last of `names` that the refusal is about."""
    assert names, f"refused with nothing asked: {refusal}"
    about = [name for name in names if any(_concerns(field, name) for field in refusal.fields)]
    return (about or names)[-1]


def _concerns(field: str, name: str) -> bool:
    return field == name or field.startswith(name + ".") or name.startswith(field + ".") or field.startswith(name + "=")


def _named(where: str, refusal: Refusal) -> Text:
    en, zh = refusal.text
    return SKIPPED.format(en=en, zh=zh, where=f"{where}: " if where else "")


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


SKIPPED = Text("The link was read without a part of it. {where}{en}", "链接中有一部分未能读取，已跳过。{where}{zh}")
AND_MORE = Text("And {count} more parts of the link could not be read.", "链接中还有 {count} 处未能读取。")
OTHER_VERSION = Text(
    "The link is of version {version}; it was read as version {known}, so some of it may be missing.",
    "链接的版本是 {version}，这里按版本 {known} 读取，部分内容可能缺失。",
)
TOO_LONG = Text(
    "The link has {length} characters; the first {read} were read.", "链接长 {length} 个字符，只读取了前 {read} 个。"
)
TOO_MANY = Text(
    "{letter}: {count} choices were given; the first {read} were read.",
    "{letter}：给出了 {count} 项，只读取了前 {read} 项。",
)
NO_VALUE = Text(
    "{piece} is no choice: write field=value, such as norm=rmsnorm.",
    "{piece} 不是有效的写法，应为 field=value，例如 norm=rmsnorm。",
)
TWICE = Text("{path} was given twice.", "{path} 给出了两次。")
