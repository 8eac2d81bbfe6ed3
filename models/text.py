"""Sentences for people, in every language the page speaks. Knows nothing of models."""

from typing import NamedTuple


class Text(NamedTuple):
    """The same sentence in English and in Chinese."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en

    def format(self, **values: object) -> "Text":
        """The text with `{names}` filled in, in both languages."""
        return Text(*(sentence.format(**values) for sentence in self))

    def within(self) -> "Text":
        """A title in the middle of a sentence: "learning rate", but "QK norm"."""
        return self if self.en[1:2].isupper() else Text(self.en[:1].lower() + self.en[1:], self.zh)


class Refusal(ValueError):
    """What was asked for cannot be done: a sentence for people, and the fields it is about.

    `str()` is the English sentence; `text` holds both languages; `fields` are paths such as `heads.kv`.
    """

    def __init__(self, text: Text, *fields: str) -> None:
        super().__init__(text.en)
        self.text = text
        self.fields = fields
