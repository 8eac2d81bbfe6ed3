"""How architectures differ, in a few words: "LayerNorm → RMSNorm", "Heads: MHA 4 → GQA 4/2". Knows no page."""

from models.architecture import Architecture
from models.option import Axis
from models.spelling import axis_paths, written
from models.text import Text
from playground import recipe as recipes
from playground.experiment import Variant
from playground.ui.controls import ROWS, named, word_of


def compared(base: Variant, other: Variant) -> list[Text]:
    """What changes from `base` to `other`: an axis or a parameter each, the recipe's changes last."""
    pills = []
    for axis in in_order():
        pills += _changes(axis, getattr(base.original, axis), getattr(other.original, axis))
    return pills + [_arrow(title, old, new) for title, old, new in _recipe(base, other)]


def own_words(architecture: Architecture, others: list[Architecture]) -> list[Text]:
    """What this architecture has where any of `others` has something else: "RMSNorm", "Biases: all"."""
    found = []
    for axis in in_order():
        choice = getattr(architecture, axis)
        differing = [getattr(other, axis) for other in others if getattr(other, axis) != choice]
        if differing:
            found += _own(axis, choice, differing[0])
    return found


def in_order() -> list[str]:
    """Every axis, those with a row on the page first, in the order of the rows."""
    shown = [axis for row in ROWS for axis in row.axes]
    return shown + [axis for axis in Architecture.axes() if axis not in shown]


def _own(axis: str, choice: Axis, other: Axis) -> list[Text]:
    name, others = called(choice), called(other)
    if name is not None and name != others:
        return [_titled(choice, name)]
    return [Text(f"{title.en} {new.en}", f"{title.zh} {new.zh}") for title, _, new in _parameters(axis, choice, other)]


def own_recipe(made: Variant, others: list[Variant]) -> list[Text]:
    """What this variant changes in the recipe where any of `others` does not: "warmup 0"."""
    found = [pair for other in others for pair in _recipe(other, made)]
    return list(dict.fromkeys(Text(f"{title.en} {new.en}", f"{title.zh} {new.zh}") for title, _, new in found))


def _recipe(base: Variant, other: Variant) -> list[tuple[Text, Text, Text]]:
    """Title, old word and new word of every field of the recipe in which two variants have their own way."""
    titles = {path.field: path.title for path in recipes.paths()}
    fields = {**base.recipe, **other.recipe}
    words = {field: (base.recipe.get(field, "·"), other.recipe.get(field, "·")) for field in fields}
    return [(titles[field], named(old), named(new)) for field, (old, new) in words.items() if old != new]


def called(choice: Axis) -> Text | None:
    """A choice in a word or two: "RMSNorm", "SwiGLU", "GQA 4/2"; None on an axis of several numbers."""
    reading = getattr(choice, "reading", None)
    if reading is not None:
        return Text(reading(), reading())
    word = word_of(choice)
    if not word:
        return None
    known = {
        word: title for cls in type(choice).__mro__ if issubclass(cls, Axis) for word, title in cls.words().items()
    }
    return known.get(word, Text(word, word))


def _changes(axis: str, before: Axis, after: Axis) -> list[Text]:
    if before == after:
        return []
    old, new = called(before), called(after)
    if old is None or new is None or old == new:
        return _numbers(axis, after, before)
    return [_titled(after, Text(f"{old.en} → {new.en}", f"{old.zh} → {new.zh}"), old)]


def _numbers(axis: str, choice: Axis, base: Axis) -> list[Text]:
    """The parameters in which two choices differ: "layers 4 → 12"."""
    return [_arrow(*parameter) for parameter in _parameters(axis, choice, base)]


def _parameters(axis: str, choice: Axis, base: Axis) -> list[tuple[Text, Text, Text]]:
    """Title, old word and new word of every parameter in which two choices differ."""
    titles = {path.field: path.title for path in axis_paths(axis, Architecture.axes()[axis])}
    found = []
    for field in type(choice).model_fields:
        old, new = (written(getattr(side, field, None)) for side in (base, choice))
        if old != new:
            found.append((titles.get(field, Text(field, field)), named(old), named(new)))
    return found


def _arrow(title: Text, old: Text, new: Text) -> Text:
    return Text(f"{title.en} {old.en} → {new.en}", f"{title.zh} {old.zh} → {new.zh}")


def _titled(choice: Axis, text: Text, other: Text | None = None) -> Text:
    """Names such as LayerNorm explain themselves; plain words such as "pre" or "none" are said with their axis."""
    if all(each.en[:1].isupper() for each in (text, other) if each):
        return text
    title = choice.axis_title
    return Text(f"{title.en}: {text.en}", f"{title.zh}：{text.zh}")
