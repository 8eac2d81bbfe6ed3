"""Patterns of layers: what each word means, told by layers written out, and that reading and writing are inverse."""

from itertools import product

import pytest

from models.pattern import WORDS, acts, checked, period_of, shortest
from models.text import Refusal

MEANT = {
    "all": "xxxxxxxxxxxx",
    "alternate": "xoxoxoxoxoxo",
    "1_to_1": "xoxoxoxoxoxo",
    "3_to_1": "xxxoxxxoxxxo",
    "5_to_1": "xxxxxoxxxxxo",
    "xxo": "xxoxxoxxoxxo",
    "ox": "oxoxoxoxoxox",
    "oxxo": "oxxooxxooxxo",
    "xooooo": "xoooooxooooo",
}


@pytest.mark.parametrize("word", MEANT)
def test_a_word_means_these_layers(word: str) -> None:
    said = "".join("x" if acts(word, layer) else "o" for layer in range(12))
    assert said == MEANT[word]
    period = "".join("x" if here else "o" for here in period_of(word))
    assert (period * 12)[:12] == MEANT[word]


def test_the_shortest_word_says_the_same_of_all_layers() -> None:
    for length in range(1, 9):
        for layers in product((True, False), repeat=length):
            if any(layers):
                word = shortest(layers)
                assert tuple(acts(word, layer) for layer in range(length)) == layers
                assert checked(word, "span.pattern") == word and len(period_of(word)) <= length


@pytest.mark.parametrize(
    ("layers", "word"),
    {"xxxx": "all", "xoxo": "alternate", "xxxoxxx": "3_to_1", "ooxoox": "oox", "xxoxxox": "2_to_1"}.items(),
)
def test_there_is_a_word_where_people_have_one(layers: str, word: str) -> None:
    assert shortest(tuple(letter == "x" for letter in layers)) == word


def test_many_layers_before_one_without_are_written_out() -> None:
    """Two digits are read, so more than 99 have no word."""
    for count, word in ((99, "99_to_1"), (100, "x" * 100 + "o")):
        found = shortest((True,) * count + (False,))
        assert found == word == checked(found, "span.pattern")
        assert [layer for layer in range(count + 1) if not acts(found, layer)] == [count]


def test_what_is_written_out_gets_its_word() -> None:
    written = {
        "x": "all",
        "xo": "alternate",
        "xxxo": "3_to_1",
        "oxox": "ox",
        "xxxxx": "all",
        "ooxx": "ooxx",
        "xox": "xox",
    }
    assert {given: checked(given, "span.pattern") for given in written} == written
    for length in range(1, 8):
        for letters in product("xo", repeat=length):
            if "x" in letters:
                word = checked("".join(letters), "span.pattern")
                assert [acts(word, layer) for layer in range(30)] == [
                    letters[layer % length] == "x" for layer in range(30)
                ]


@pytest.mark.parametrize(
    "word", ["", "some", "0_to_1", "100_to_1", "2_to_2", "o", "ooo", "xyo", "XO", "x" * 257, "x,o"]
)
def test_anything_else_is_refused_by_the_field_s_name(word: str) -> None:
    with pytest.raises(Refusal) as caught:
        checked(word, "position.layers", ("local",))
    assert caught.value.fields == ("position.layers",)
    for sentence in caught.value.text:
        assert all(known in sentence for known in ("position.layers", "local", "alternate", "3_to_1"))
        assert len(sentence) < 300


def test_a_field_s_own_words_pass() -> None:
    assert checked("local", "position.layers", ("local",)) == "local"
    assert [checked(word, "span.pattern") for word in WORDS] == list(WORDS)
