"""What a table writes of an architecture: a few words for each axis, and what sets one architecture apart from another.

Knows no option and no system: every option brings its words.
"""

from models.architecture import Architecture
from models.option import Axis
from models.spelling import Path, differences, paths, written
from models.text import Text
from models.words import NONE, number, same

SHOWN = tuple(axis for axis in Architecture.axes() if axis != "init")  # almost nobody publishes how matrices start
WORD_NONE = Text("none", "无")


def cells(architecture: Architecture) -> dict[str, Text]:
    """The words for every axis in `SHOWN`; a dash for what there is not."""
    return {axis: choice.cell(architecture) for axis, choice in architecture.choices() if axis in SHOWN}


def contrast(axis: str, mine: Text, theirs: Text) -> Text:
    """ "norm (RMSNorm for LayerNorm)"."""
    return _contrast(Architecture.axes()[axis].axis_title, mine, theirs)


def finer(mine: Architecture, theirs: Architecture, axis: str) -> list[Text]:
    """ "epsilon (1e-6 for 1e-5)": the parameters by which two choices differ whose words are the same."""
    one, other = getattr(mine, axis), getattr(theirs, axis)
    values = {path: (getattr(one, path.field), getattr(other, path.field)) for path in _parameters(one, axis)}
    return [_contrast(path.title, _value(a), _value(b)) for path, (a, b) in values.items() if a != b]


def differing(mine: Architecture, theirs: Architecture) -> list[str]:
    """The axes in `SHOWN`, shape aside, on which two architectures differ."""
    changed = {path.partition(".")[0] for path in differences(mine, theirs)}
    return [axis for axis in SHOWN if axis in changed and axis != "shape"]


def _contrast(title: Text, mine: Text, theirs: Text) -> Text:
    one, other = (WORD_NONE if words == NONE else words for words in (mine, theirs))
    space = " " if other.zh[0].isascii() else ""
    return Text(f"{title.within().en} ({one.en} for {other.en})", f"{title.zh}（{one.zh}，后者为{space}{other.zh}）")


def _parameters(choice: Axis, axis: str) -> list[Path]:
    return [path for path in paths() if path.axis == axis and path.option in ("", choice.slug)]


def _value(value: object) -> Text:
    return number(value) if isinstance(value, float) else same(written(value))
