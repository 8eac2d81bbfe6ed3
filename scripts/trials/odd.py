"""Odd values: what nobody would type into a page, drawn from a seed. Knows no server."""

import copy
import random
import string
from typing import Any
from urllib.parse import quote

from models import spelling
from models.systems import systems
from playground import recipe as recipes

MARKUP = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    '"><svg onload=window.pwned=1>',
    "javascript:window.pwned=1",
    "${window.pwned=1}",
    "{{7*7}}",
)
PATHS = (
    "../" * 6 + "etc/passwd",
    "/etc/passwd",
    "..\\..\\windows\\win.ini",
    "C:\\windows",
    "file:///etc/passwd",
    "%2e%2e%2f",
)
TEXTS = (
    *MARKUP,
    *PATHS,
    *(
        "",
        " ",
        "\0",
        "\n",
        "'; DROP TABLE run; --",
        "%s%n{0}{x}",
        "‮abc",
        "é" * 500,
        "x" * 30_000,
        "\ud800",
        "𝕏",
        "none",
    ),
    *("NaN", "inf", "-1", "1e999", "0x10", "١٢", "true", "null", "gpt-2", "a" * 32, "0" * 64),
)
NUMBERS = (
    0,
    -1,
    1,
    2**31,
    2**63,
    10**30,
    -(10**30),
    10**400,
    0.5,
    1e-320,
    1e308,
    float("nan"),
    float("inf"),
    True,
    False,
)
DEEP: Any = []
for _ in range(60):
    DEEP = [DEEP]
OTHERS: tuple[Any, ...] = (None, [], {}, [[]], {"": None}, DEEP, [None] * 2000, {str(n): n for n in range(2000)})
NAMES = tuple(path.name for path in (*spelling.paths(), *recipes.paths()))
WORDS = (
    "rope",
    "alibi",
    "none",
    "full",
    "window",
    "pre",
    "post",
    "rmsnorm",
    "gelu",
    "bpe",
    "recall:4:8",
    "text",
    "on",
    "1e-3",
)


class Odd:
    """Odd values, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)

    def value(self) -> Any:
        """Anything that JSON can hold, and a little more."""
        kind = self.draw.random()
        if kind < 0.4:
            return self.text()
        return self.draw.choice(NUMBERS if kind < 0.7 else OTHERS)

    def text(self) -> str:
        """A hostile text, a word that means something, or noise."""
        kind = self.draw.random()
        if kind < 0.5:
            return self.draw.choice(TEXTS)
        if kind < 0.7:
            return self.draw.choice(WORDS + NAMES)
        letters = string.printable + "中文é\u200b\U0001f600"
        return "".join(self.draw.choices(letters, k=self.draw.randint(0, 40)))

    def changed(self, value: Any) -> Any:
        """`value` with one or a few of its parts, at any depth, replaced, left out or doubled."""
        made = copy.deepcopy(value)
        for _ in range(self.draw.choice((1, 1, 1, 2, 5))):
            made = self._one(made)
        return made

    def _one(self, value: Any) -> Any:
        if isinstance(value, dict) and value and self.draw.random() < 0.85:
            key = self.draw.choice(list(value))
            kind = self.draw.random()
            if kind < 0.1:
                return {name: part for name, part in value.items() if name != key}
            if kind < 0.2:
                return value | {self.text(): self.value()}
            return value | {key: self._one(value[key])}
        if isinstance(value, list) and value and self.draw.random() < 0.8:
            place = self.draw.randrange(len(value))
            if self.draw.random() < 0.2:
                return value + value[place:] * self.draw.choice((1, 30))
            return [*value[:place], self._one(value[place]), *value[place + 1 :]]
        return self.value()

    def link(self) -> str:
        """A link: pieces that mean something, pieces that mean nothing, broken anywhere."""
        pieces = [self._piece() for _ in range(self.draw.randint(0, 8))]
        if self.draw.random() < 0.7:
            pieces.insert(0, f"v=1&a={self.draw.choice(list(systems()))}")
        link = self.draw.choice(("&", "&", "&", ";", "&&")).join(pieces)
        if self.draw.random() < 0.2 and link:
            place = self.draw.randrange(len(link))
            link = link[:place] + self.draw.choice(("%", "%ff", "\0", "=", "&", ",", "中")) + link[place + 1 :]
        return link * (400 if self.draw.random() < 0.005 else 1)

    def _piece(self) -> str:
        kind = self.draw.random()
        if kind < 0.35:
            name = self.draw.choice(list("abcdefghvxyz"))
            changes = ",".join(f"{self._name()}={self._word()}" for _ in range(self.draw.randint(0, 4)))
            return f"{name}={self.draw.choice((*systems(), self.text()))},{changes}"
        if kind < 0.6:
            name = self.draw.choice(("seeds", "match", "match_by", "hash", "sweep", "ladder", "run", "v"))
            return f"{name}={self._word()}"
        if kind < 0.8:
            return f"sweep={self._name()}:{'~'.join(self._word() for _ in range(self.draw.randint(0, 6)))}"
        return f"{quote(self._name(), errors='replace')}={quote(self._word(), errors='replace')}"

    def _name(self) -> str:
        return self.draw.choice(NAMES) if self.draw.random() < 0.8 else self.text()

    def _word(self) -> str:
        if self.draw.random() < 0.5:
            return self.draw.choice(WORDS)
        return str(self.draw.choice(NUMBERS)) if self.draw.random() < 0.5 else self.text()

    def broken(self, content: bytes) -> bytes:
        """Bytes cut off, flipped, doubled or mixed with noise."""
        kind, place = self.draw.random(), self.draw.randrange(max(1, len(content)))
        if kind < 0.3:
            return content[:place]
        if kind < 0.7 and content:
            flipped = bytearray(content)
            for _ in range(self.draw.choice((1, 3, 50))):
                flipped[self.draw.randrange(len(flipped))] ^= 1 << self.draw.randrange(8)
            return bytes(flipped)
        return content[:place] + self.draw.randbytes(self.draw.choice((1, 100, 5000))) + content[place:]
