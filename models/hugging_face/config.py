"""A `config.json` read key by key. Remembers what was read, so that no key can go by unread; knows no model type."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from models.text import Refusal, Text

Fields = dict[str, Any]


class UnsupportedArchitecture(Refusal):
    """A configuration or a model that cannot be carried over; names the keys it is about and their values."""


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)


def _is_word(value: Any) -> bool:
    return isinstance(value, str)


def _is_section(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


def _list_of(kind: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list | tuple) and all(kind(one) for one in value)


WHOLE = _is_whole, Text("a whole number", "整数")
NUMBER = _is_number, Text("a number", "数字")
SWITCH = _is_switch, Text("true or false", " true 或 false")
WORD = _is_word, Text("text", "文字")
SECTION = _is_section, Text("an object in braces", "花括号中的一组键值")
WHOLES = _list_of(lambda value: _is_whole(value) or _is_switch(value)), Text("a list of whole numbers", "整数列表")
WORDS = _list_of(_is_word), Text("a list of words", "字符串列表")
LISTS = _list_of(lambda value: isinstance(value, list | tuple)), Text("a list of lists", "由列表组成的列表")
Kind = tuple[Callable[[Any], bool], Text]


class Config:
    """One object of a configuration.

    `fields`: what was given; `defaults`: what an absent key means; `aliases`: the other names that a key goes by;
    `path`: where this object stands in the whole. A key without default must be there. `null` is not absence: it is
    refused, except by the getters that may return None. All getters raise `UnsupportedArchitecture` naming the key.
    """

    def __init__(
        self,
        fields: Mapping[str, Any],
        defaults: Mapping[str, Any] | None = None,
        aliases: Mapping[str, tuple[str, ...]] | None = None,
        path: str = "",
    ) -> None:
        self._fields, self._path = fields, path
        self._defaults, self._aliases = defaults or {}, aliases or {}
        self._read: set[str] = set()
        self._sections: list[Config] = []

    def whole(self, key: str) -> int:
        """A whole number."""
        return self._value(key, WHOLE)

    def whole_or_none(self, key: str) -> int | None:
        """A whole number or null."""
        return self._value(key, WHOLE, optional=True)

    def number(self, key: str) -> float:
        """A finite number."""
        return float(self._value(key, NUMBER))

    def number_or_none(self, key: str) -> float | None:
        """A finite number or null."""
        value = self._value(key, NUMBER, optional=True)
        return None if value is None else float(value)

    def switch(self, key: str) -> bool:
        """True or false."""
        return self._value(key, SWITCH)

    def word(self, key: str) -> str:
        """A word."""
        return self._value(key, WORD)

    def wholes_or_none(self, key: str) -> list[int] | None:
        """A list of whole numbers, or null."""
        return self._value(key, WHOLES, optional=True)

    def words_or_none(self, key: str) -> list[str] | None:
        """A list of words, or null."""
        return self._value(key, WORDS, optional=True)

    def lists(self, key: str) -> list[Any]:
        """A list of lists."""
        return self._value(key, LISTS)

    def section(self, key: str) -> "Config":
        """An object inside this one, empty if it is null or left out."""
        fields = self._value(key, SECTION, optional=True) if self.knows(key) else None
        section = Config(fields or {}, path=f"{self._written(key)}.")
        self._sections.append(section)
        return section

    def has(self, key: str) -> bool:
        """Was the key given, by whichever name, and be it null?"""
        return bool(self._given(key))

    def expects(self, key: str) -> bool:
        """Is it a key of this type, whose absence means something?"""
        return key in self._defaults

    def knows(self, key: str) -> bool:
        """Was the key given, or does its absence mean something?"""
        return self.has(key) or self.expects(key)

    def holds(self, key: str) -> bool:
        """Was the key given, and not as null?"""
        return any(self._fields[name] is not None for name in self._given(key))

    def is_empty(self) -> bool:
        """Was nothing given?"""
        return not self._fields

    def skip(self, *keys: str) -> None:
        """Count these keys as read: what was read already makes them idle."""
        for key in keys:
            self._read.update(self._given(key))

    def skip_all(self) -> None:
        """Count everything in this object as read."""
        self._read.update(self._fields)

    def over(self, base: "Config") -> "Config":
        """What `base` holds with this object put over it."""
        merged = Config({**base._fields, **self._fields}, path=base._path if self.is_empty() else self._path)
        self.skip_all()
        base.skip_all()
        self._sections.append(merged)
        return merged

    def refused(self, key: str, why: Text) -> UnsupportedArchitecture:
        """The refusal of what `key` says: `key=value` and, after a colon, why."""
        name = self._written(key)
        given = self._fields.get(self._given(key)[0]) if self.has(key) else self._defaults.get(key)
        shown = f"{name}={as_json(given)}"
        return UnsupportedArchitecture(Text(f"{shown}: {why.en}", f"{shown}：{why.zh}"), name)

    def unread(self) -> dict[str, Any]:
        """What was given and not read, by its path; null is nothing."""
        here = {
            f"{self._path}{name}": value
            for name, value in self._fields.items()
            if name not in self._read and value is not None
        }
        return here | {name: value for section in self._sections for name, value in section.unread().items()}

    def written_among(self, keys: Iterable[str]) -> list[str]:
        """Those of `keys` that were given, as they were written."""
        return [f"{self._path}{name}" for key in keys for name in self._given(key)]

    def _given(self, key: str) -> list[str]:
        return [name for name in (key, *self._aliases.get(key, ())) if name in self._fields]

    def _written(self, key: str) -> str:
        given = self._given(key)
        return f"{self._path}{given[0] if given else key}"

    def _value(self, key: str, kind: Kind, optional: bool = False) -> Any:
        value = self._raw(key)
        if (optional and value is None) or kind[0](value):
            return value
        raise self.refused(key, Text(f"it must be {kind[1].en}.", f"必须是{kind[1].zh}。"))

    def _raw(self, key: str) -> Any:
        names = self._given(key)
        self._read.update(names)
        if not names:
            if key in self._defaults:
                return self._defaults[key]
            name = f"{self._path}{key}"
            raise UnsupportedArchitecture(Text(f"{name} is missing.", f"缺少 {name}。"), name)
        if any(self._fields[name] != self._fields[names[0]] for name in names):
            both = ", ".join(f"{name}={as_json(self._fields[name])}" for name in names)
            sentence = Text(f"{both}: these are names of the same thing.", f"{both}：这些键是同一个量的不同名字。")
            raise UnsupportedArchitecture(sentence, *(f"{self._path}{name}" for name in names))
        return self._fields[names[0]]


def as_json(value: Any) -> str:
    """A value as `config.json` has it, cut where it is long."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
