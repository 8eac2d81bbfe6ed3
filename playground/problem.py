"""A sentence for people, raised where neither torch nor `models` may be imported. `models.text.Refusal` elsewhere."""

from typing import NamedTuple


class Sentence(NamedTuple):
    """The same sentence in English and in Chinese."""

    en: str
    zh: str

    def format(self, **values: object) -> "Sentence":
        """The sentence with `{names}` filled in, in both languages."""
        return Sentence(*(text.format(**values) for text in self))


class Problem(ValueError):
    """What was asked for cannot be done; `str()` is the English sentence, `text` holds both languages."""

    def __init__(self, text: Sentence) -> None:
        super().__init__(text.en)
        self.text = text
