"""Which layers something acts on, in a word. Knows neither what acts nor how many layers there are.

`all`; `alternate`: every other layer, beginning with the first; `3_to_1`: three layers with, then one without; or one
period written out, `x` a layer with and `o` a layer without: `oxxo`. A pattern repeats until the layers run out.
"""

import re

from models.text import Refusal, Text

WORDS = ("all", "alternate", "3_to_1", "5_to_1")  # offered; the others are as good
_N_TO_1 = re.compile(r"([1-9]\d?)_to_1")
_WRITTEN_OUT = re.compile(r"[xo]{1,256}")


def period_of(word: str) -> tuple[bool, ...]:
    """One period of the pattern: does it act on this layer? Assumes that `checked` let the word pass."""
    if word in ("all", "alternate"):
        return (True,) if word == "all" else (True, False)
    found = _N_TO_1.fullmatch(word)
    if found:
        return (True,) * int(found[1]) + (False,)
    assert _WRITTEN_OUT.fullmatch(word), word
    return tuple(letter == "x" for letter in word)


def acts(word: str, layer: int) -> bool:
    """Does it act on `layer`, counted from 0?"""
    period = period_of(word)
    return period[layer % len(period)]


def shortest(layers: tuple[bool, ...]) -> str:
    """The shortest pattern that says the same of these layers, a word where there is one."""
    assert layers, "no layers, no pattern"
    length = next(n for n in range(1, len(layers) + 1) if all(layers[i] == layers[i % n] for i in range(len(layers))))
    return _written(layers[:length])


def _written(period: tuple[bool, ...]) -> str:
    if all(period):
        return "all"
    if 1 < len(period) <= 100 and all(period[:-1]):
        return "alternate" if len(period) == 2 else f"{len(period) - 1}_to_1"
    return "".join("x" if here else "o" for here in period)


def checked(word: str, field: str, more: tuple[str, ...] = ()) -> str:
    """`word`, if it is a pattern or one of the `more` words that the field knows.

    Raises `Refusal` that names `field`: for anything else, and for a pattern that acts nowhere.
    """
    if word in ("all", "alternate", *more) or _N_TO_1.fullmatch(word):
        return word
    if _WRITTEN_OUT.fullmatch(word) and "x" in word:
        period, whole = period_of(word), len(word)
        length = next(n for n in range(1, whole + 1) if period[:n] * (whole // n) == period)  # xox is no xo
        return _written(period[:length])
    known = ", ".join((*more, "all", "alternate", "3_to_1"))
    shown = word if len(word) <= 40 else word[:37] + "…"
    raise Refusal(
        Text(
            f"{field}={shown!r} is no pattern of layers; there are {known} and the like, or one period written out "
            "with x for a layer with and o for a layer without, such as xxo.",
            f"{field}={shown!r} 不是层的排列方式；可选 {known} 之类，或写出一个周期："
            "x 表示该层有，o 表示没有，例如 xxo。",
        ),
        field,
    )
