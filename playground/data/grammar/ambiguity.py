"""Whether a grammar can be read in one way only. Looks at what symbols can write, not at how likely it is."""

from collections.abc import Callable, Iterable
from itertools import combinations
from os.path import commonprefix

from playground.data.grammar.template import Draw, Expand, Literal, Recall, Rules, Symbols

Forms = Callable[[Draw | Recall], list[str]]
Pending = tuple[str, Symbols]
"""What a walk has written but not yet compared, and what it has still to write."""


def refuse_ambiguity(rules: Rules, forms: Forms) -> None:
    """Refuse rules and draws with two options of which one can write the beginning of what the other writes.

    Without such options a reader knows each choice from the text that follows, so a story, and a row of stories, has
    one derivation. Stricter than needed: it takes a repeated word for any word of its category.

    Raises:
        ValueError: naming the rule or category, and the two options.
    """
    for name, rule in rules.items():
        for one, other in combinations(rule, 2):
            if _overlap(one, other, rules, forms):
                raise ValueError(f"in the rule {name!r} one of these can begin the other: {one} | {other}")
        for symbol in (symbol for alternative in rule for symbol in alternative):
            if isinstance(symbol, Draw):
                _refuse_prefixes(symbol, forms(symbol))


def _refuse_prefixes(symbol: Draw, words: Iterable[str]) -> None:
    ordered = sorted(words)
    for one, other in zip(ordered, ordered[1:], strict=False):
        if other.startswith(one):
            raise ValueError(f"in the category {symbol.category!r} {one!r} begins {other!r}")


def _overlap(one: Symbols, other: Symbols, rules: Rules, forms: Forms) -> bool:
    """Whether the symbols can write two texts of which one begins the other (equal texts included)."""
    seen: set[tuple[Pending, Pending]] = set()
    waiting: list[tuple[Pending, Pending]] = [(("", one), ("", other))]
    while waiting:
        pair = waiting.pop()
        if pair in seen:
            continue
        seen.add(pair)
        (a, more_a), (b, more_b) = pair
        if (not a and not more_a) or (not b and not more_b):
            return True
        steps = [(s, (b, more_b)) for s in _write(a, more_a, rules, forms)] if not a else []
        steps = steps or [((a, more_a), s) for s in _write(b, more_b, rules, forms)]
        waiting += [(_drop(x, y), _drop(y, x)) for x, y in steps if _compatible(x[0], y[0])]
    return False


def _write(text: str, symbols: Symbols, rules: Rules, forms: Forms) -> list[Pending]:
    """Every way to take the first symbol."""
    head, rest = symbols[0], symbols[1:]
    if isinstance(head, Expand):
        return [(text, alternative + rest) for alternative in rules[head.rule]]
    return [(text + word, rest) for word in ([head.text] if isinstance(head, Literal) else forms(head))]


def _compatible(a: str, b: str) -> bool:
    return a.startswith(b) or b.startswith(a)


def _drop(pending: Pending, other: Pending) -> Pending:
    """What is left of a walk's text after what both have written."""
    return pending[0][len(commonprefix([pending[0], other[0]])) :], pending[1]
