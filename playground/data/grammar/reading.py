"""Reading a text with a grammar: in how many ways, how probable, and how much of a model's sample is right.

A sentence ends with `.`, `!`, `?` or their Chinese forms, closing quotation mark included. It parses if it can stand in
a story, whoever the story is about: the words in its slots must agree with one another (the same name for the same
person, with that person's pronoun), not with other sentences.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from math import log

from playground.data.grammar.grammar import Grammar
from playground.data.grammar.template import SENTENCE_END, WORD, Draw, Expand, Literal, Recall, Symbol, Symbols

SENTENCE = re.compile(r".*?" + SENTENCE_END.pattern, re.DOTALL)

Held = dict[str, int]
"""Variable to the number of the word it holds."""
Step = tuple[Symbols, str, Held, float]
"""What stands in a symbol's place, what is written, what is then held, and the log-probability of it."""


class Reader:
    """Reads with a grammar what the grammar, or a model that learnt from it, has written."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar

    def derivations(self, story: str) -> list[float]:
        """The log-probability, in nats, of every derivation of a text as one whole story; empty where there is none."""
        return list(self._read((Expand("story"),), story, strict=True))

    def parses(self, sentence: str) -> bool:
        """Whether a sentence can stand in some story."""
        return any(True for shape in self.sentences for _ in self._read(shape, sentence, strict=False))

    def words(self, text: str) -> list[str]:
        """The words of a text. Without spaces to go by, each run of letters is cut so that the fewest letters are left
        over which no word of the lexicon takes, and among those cuts into the fewest words; what is left over is a word
        for each letter."""
        runs = WORD.findall(text)
        return runs if self.grammar.spaced else [word for run in runs for word in self._segment(run)]

    def score(self, text: str) -> dict[str, float]:
        """Shares in [0, 1]: `words_in_lexicon` of the words, `sentences_parsed` of the sentences. What follows the last
        end of a sentence is not judged; a text without any end of a sentence scores 0."""
        sentences = [sentence.strip() for sentence in SENTENCE.findall(text)]
        words = self.words("\n".join(sentences))
        known = sum(word in self.grammar.lexicon for word in words)
        parsed = sum(map(self.parses, sentences))
        return {"words_in_lexicon": known / max(1, len(words)), "sentences_parsed": parsed / max(1, len(sentences))}

    @cached_property
    def sentences(self) -> list[Symbols]:
        """Every shape of sentence the rules hold."""
        rules = [rule for name, rule in self.grammar.rules.items() if name == "story" or self._is_sentences(name)]
        return [shape for rule in rules for alternative in rule for shape in self._cut(alternative)]

    def _is_sentences(self, rule: str) -> bool:
        """Whether a rule writes whole sentences rather than a part of one."""
        return all(self._ends_sentence(alternative[-1]) for alternative in self.grammar.rules[rule])

    def _ends_sentence(self, symbol: Symbol) -> bool:
        if isinstance(symbol, Expand):
            return self._is_sentences(symbol.rule)
        return isinstance(symbol, Literal) and SENTENCE_END.search(symbol.text) is not None

    def _cut(self, symbols: Symbols) -> Iterator[Symbols]:
        """The sentences that stand in an alternative itself, without those of rules it expands."""
        shape: list[Symbol] = []
        for symbol in symbols:
            if not shape and isinstance(symbol, Literal):
                symbol = Literal(symbol.text.lstrip())
            if symbol != Literal(""):
                shape.append(symbol)
            if self._ends_sentence(symbol):
                if not isinstance(shape[0], Expand):
                    yield tuple(shape)
                shape = []
        assert not shape, f"a sentence without an end: {shape}"

    def _read(self, symbols: Symbols, text: str, strict: bool) -> Iterator[float]:
        """The log-probabilities of the ways to write a text; unless strict, a repeated word may be its first."""
        waiting: list[tuple[Symbols, int, Held, float]] = [(symbols, 0, {}, 0.0)]
        while waiting:
            (head, *rest), at, held, logp = waiting.pop()
            for more, written, holds, step in self._steps(head, held, strict):
                if not text.startswith(written, at):
                    continue
                then, end = (*more, *rest), at + len(written)
                if then:
                    waiting.append((then, end, holds, logp + step))
                elif end == len(text):
                    yield logp + step

    def _steps(self, symbol: Symbol, held: Held, strict: bool) -> Iterator[Step]:
        """Every way to take a symbol."""
        if isinstance(symbol, Literal):
            yield (), symbol.text, held, 0.0
        elif isinstance(symbol, Expand):
            alternatives = self.grammar.rules[symbol.rule]
            yield from ((alternative, "", held, -log(len(alternatives))) for alternative in alternatives)
        elif isinstance(symbol, Recall) and symbol.variable in held:
            yield (), self.grammar.forms(symbol)[held[symbol.variable]], held, 0.0
        elif isinstance(symbol, Draw) or not strict:
            yield from self._draws(symbol, held)

    def _draws(self, symbol: Draw | Recall, held: Held) -> Iterator[Step]:
        if isinstance(symbol, Recall):
            symbol = Draw(self.grammar.category_of[symbol.variable], symbol.form, symbol.variable)
        free = self.grammar.free(symbol, held)
        for word in free:
            holds = held | {symbol.variable: word} if symbol.variable else held
            yield (), self.grammar.forms(symbol)[word], holds, -log(len(free))

    def _segment(self, run: str) -> list[str]:
        longest = max(map(len, self.grammar.lexicon))
        best: list[tuple[int, int, int]] = [(0, 0, 0)]  # letters left over, words, where the last word begins
        for end in range(1, len(run) + 1):
            cuts = [(best[end - 1][0] + 1, best[end - 1][1] + 1, end - 1)]
            for start in range(max(0, end - longest), end):
                if run[start:end] in self.grammar.lexicon:
                    cuts.append((best[start][0], best[start][1] + 1, start))
            best.append(min(cuts))
        borders = [len(run)]
        while borders[-1]:
            borders.append(best[borders[-1]][2])
        return [run[start:end] for start, end in pairwise(reversed(borders))]
