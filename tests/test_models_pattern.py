"""Patterns of layers: however short they are written, they say the same of every layer."""

from itertools import product

import pytest

from models.pattern import WORDS, acts, checked, period_of, shortest
from models.text import Refusal

PERIODS = [period for length in range(1, 7) for period in product((True, False), repeat=length) if any(period)]


def written_out(period: tuple[bool, ...]) -> str:
    return "".join("x" if here else "o" for here in period)


@pytest.mark.parametrize("period", PERIODS, ids=written_out)
def test_a_period_written_out_repeats(period: tuple[bool, ...]) -> None:
    word = checked(written_out(period), "span.pattern")
    assert [acts(word, layer) for layer in range(60)] == [period[layer % len(period)] for layer in range(60)]
    assert checked(word, "span.pattern") == word


@pytest.mark.parametrize("layers", PERIODS, ids=written_out)
def test_the_shortest_pattern_says_the_same_of_these_layers(layers: tuple[bool, ...]) -> None:
    word = checked(shortest(layers), "span.pattern")
    assert [acts(word, layer) for layer in range(len(layers))] == list(layers)
    assert len(period_of(word)) <= len(layers)


@pytest.mark.parametrize("count", [99, 100, 255])
def test_many_layers_to_one(count: int) -> None:
    layers = (True,) * count + (False,)
    assert period_of(checked(shortest(layers), "span.pattern")) == layers


@pytest.mark.parametrize("word", WORDS)
def test_the_words_offered_are_patterns(word: str) -> None:
    assert checked(word, "span.pattern") == word == shortest(period_of(word))


@pytest.mark.parametrize("word", ["", "o", "ooo", "xyz", "0_to_1", "3to1", "x" * 257])
def test_what_acts_nowhere_or_is_no_pattern_is_refused(word: str) -> None:
    with pytest.raises(Refusal, match=r"span\.pattern"):
        checked(word, "span.pattern")
