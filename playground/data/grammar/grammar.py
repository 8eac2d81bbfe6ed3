"""A grammar of stories: words, rules and variables that return; it writes stories and knows their exact entropy.

Rules do not recur, so there are finitely many stories, if a great many. A rule's alternatives are equally likely, and
so are the words a variable may draw: those of its category that no variable holds.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import log
from random import Random
from typing import NamedTuple

from playground.data.grammar.ambiguity import refuse_ambiguity
from playground.data.grammar.template import (
    Draw,
    Expand,
    Literal,
    Recall,
    Rules,
    Symbol,
    Symbols,
    lexicon,
    read_category,
    read_template,
    variables,
)

Choose = Callable[[int], int]
"""n to one of 0 … n - 1, all equally likely."""
Held = Mapping[str, int]
"""Variable to the number of the word it holds."""


class Entropy(NamedTuple):
    """What the stories of a grammar hold on average, exactly; a story includes the empty line after it."""

    nats_per_story: float
    characters_per_story: float

    @property
    def nats_per_character(self) -> float:
        """The entropy rate of one whole story after another."""
        return self.nats_per_story / self.characters_per_story


class Grammar:
    """Words and rules, of which `story` is the first.

    Every grammar is deterministic, or it is refused: see `refuse_ambiguity`. So a text has one derivation, and the
    entropy of the derivations is that of the texts.

    Args:
        words: category to its words, see `read_category`.
        rules: rule to its alternatives, each a template, see `template.py`; the rule `story` is the whole.
        spaced: False for a language written without spaces: they then only show where the words are, and are dropped.

    Raises:
        ValueError: a slot that names nothing, or two options of which one can begin the other.
    """

    def __init__(
        self, words: Mapping[str, Sequence[str]], rules: Mapping[str, Sequence[str]], spaced: bool = True
    ) -> None:
        self.spaced = spaced
        templates = [text for rule in rules.values() for text in rule]
        self.category_of = variables(templates)
        parted = dict(read_category(head, rows) for head, rows in words.items())
        self.words = parted
        if not spaced:
            rules = {name: [_close_up(text) for text in rule] for name, rule in rules.items()}
            self.words = {c: {f: list(map(_close_up, w)) for f, w in forms.items()} for c, forms in parted.items()}
        self.rules: Rules = {
            name: tuple(read_template(text, self.words, self.category_of, set(rules)) for text in rule)
            for name, rule in rules.items()
        }
        self.lexicon = lexicon(templates, parted)
        """Every word the grammar can write."""
        self._known: dict[tuple[Symbols, frozenset[str]], Entropy] = {}
        refuse_ambiguity(self.rules, self.forms)

    def forms(self, symbol: Draw | Recall) -> list[str]:
        """All words of a slot's category, in the slot's form."""
        category = symbol.category if isinstance(symbol, Draw) else self.category_of[symbol.variable]
        return self.words[category][symbol.form]

    def free(self, symbol: Draw, held: Held) -> list[int]:
        """The words a slot may draw: those that no variable holds, or all where none is to be kept."""
        taken = {word for name, word in held.items() if symbol.variable and self.category_of[name] == symbol.category}
        return [word for word in range(len(self.forms(symbol))) if word not in taken]

    def story(self, choose: Choose) -> str:
        """One story, every choice made by `choose`."""
        parts: list[str] = []
        held: dict[str, int] = {}
        waiting: list[Symbol] = [Expand("story")]
        while waiting:
            symbol = waiting.pop()
            if isinstance(symbol, Literal):
                parts.append(symbol.text)
            elif isinstance(symbol, Expand):
                alternatives = self.rules[symbol.rule]
                waiting.extend(reversed(alternatives[choose(len(alternatives))]))
            elif isinstance(symbol, Recall):
                parts.append(self.forms(symbol)[held[symbol.variable]])
            else:
                free = self.free(symbol, held)
                word = free[choose(len(free))]
                parts.append(self.forms(symbol)[word])
                if symbol.variable:
                    held[symbol.variable] = word
        return "".join(parts)

    def stories(self, seed: int, length: int) -> str:
        """Whole stories until there are `length` characters; the same on every machine and Python."""
        random = Random(seed).random  # the one stream that Python promises to keep
        parts, size = [], 0
        while size < length:
            parts.append(self.story(lambda n: int(random() * n)))
            size += len(parts[-1])
        return "".join(parts)

    @cached_property
    def entropy(self) -> Entropy:
        """Exact expectations over all derivations.

        What a choice costs depends on which rules were taken and which variables hold a word, never on the words: they
        are drawn uniformly, so any two of a category may be exchanged, and a slot has its category's mean length.
        """
        return self._expected((Expand("story"),), frozenset())

    def _expected(self, symbols: Symbols, held: frozenset[str]) -> Entropy:
        """Of what `symbols` write when the variables `held` hold some words."""
        key = symbols, held
        if key not in self._known:
            self._known[key] = self._expect(symbols, held)
        return self._known[key]

    def _expect(self, symbols: Symbols, held: frozenset[str]) -> Entropy:
        nats = characters = 0.0
        for i, symbol in enumerate(symbols):
            if isinstance(symbol, Literal):
                characters += len(symbol.text)
            elif isinstance(symbol, Expand):
                alternatives = self.rules[symbol.rule]
                rests = [self._expected(alternative + symbols[i + 1 :], held) for alternative in alternatives]
                nats += log(len(rests)) + sum(rest.nats_per_story for rest in rests) / len(rests)
                characters += sum(rest.characters_per_story for rest in rests) / len(rests)
                break
            else:
                forms = self.forms(symbol)
                characters += sum(map(len, forms)) / len(forms)
                if isinstance(symbol, Draw):
                    numbered = {name: self._any_word(name, held) for name in held}
                    nats += log(len(self.free(symbol, numbered)))
                    held |= {symbol.variable} if symbol.variable else set()
        return Entropy(nats, characters)

    def _any_word(self, variable: str, held: frozenset[str]) -> int:
        """Some word for a variable, another one than its fellows of the same category have."""
        return sorted(name for name in held if self.category_of[name] == self.category_of[variable]).index(variable)


def _close_up(text: str) -> str:
    return text.replace(" ", "")
