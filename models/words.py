"""What the words that options write into a table are made of. Knows no axis."""

from models.text import Text

NONE = Text("—", "—")  # what there is not
PATTERNS = {"all": None, "alternate": Text("alternate layers", "隔层"), "local": Text("local layers", "局部层")}


def same(words: str) -> Text:
    """Words that read alike in both languages."""
    return Text(words, words)


def joined(*parts: Text | None) -> Text:
    """Those that are there, one after the other."""
    there = [part for part in parts if part is not None]
    return Text(", ".join(part.en for part in there), "、".join(part.zh for part in there))


def number(value: float) -> Text:
    """A number: 1e-5 and not 1e-05 or 0.00001."""
    if abs(value) >= 1e-3 or not value:
        return same(f"{value:,g}")
    digits, exponent = f"{value:e}".split("e")
    return same(f"{float(digits):g}e{int(exponent)}")


def in_layers(pattern: str) -> Text | None:
    """Which layers a pattern (see `models.pattern`) or "local" names; None where it is all of them."""
    return PATTERNS.get(pattern, same(pattern.replace("_to_", ":")))
