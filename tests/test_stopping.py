"""Stop strings: the text ends before them, however it is cut into pieces, and nothing of them is ever shown."""

import random

import pytest

from playground.problem import Problem
from playground.stopping import LONGEST, MOST, Stopper


def fed(stops: list[str], pieces: list[str]) -> tuple[str, str | None, list[str]]:
    """The whole text, the string that ended it, and what was shown after each piece."""
    stopper = Stopper(stops)
    shown = [stopper.feed(piece) for piece in pieces]
    return "".join([*shown, stopper.finish()]), stopper.hit, shown


def by_definition(stops: list[str], text: str) -> tuple[str, str | None]:
    """The first place where a stop string is complete; the longest of those that are complete there."""
    for end in range(1, len(text) + 1):
        complete = [stop for stop in stops if text[:end].endswith(stop)]
        if complete:
            longest = max(complete, key=len)
            return text[: end - len(longest)], longest
    return text, None


def test_a_text_ends_before_the_string() -> None:
    assert fed(["END"], ["one END two"])[:2] == ("one ", "END")
    assert fed(["END"], ["one E", "N", "D two", " three"])[:2] == ("one ", "END")
    assert fed([], ["one ", "two"]) == ("one two", None, ["one ", "two"])


def test_what_may_be_the_beginning_waits() -> None:
    assert fed(["END"], ["a", "E", "N", "x", "E"]) == ("aENxE", None, ["a", "", "", "ENx", ""])
    assert fed(["aab"], ["a", "a", "a", "b"]) == ("a", "aab", ["", "", "a", ""])
    assert fed(["停止"], ["好停", "了", "停", "止"]) == ("好停了", "停止", ["好", "停了", "", ""])


def test_the_string_that_is_complete_first_wins() -> None:
    assert fed(["abc", "b"], ["abc"])[:2] == fed(["abc", "b"], ["a", "b", "c"])[:2] == ("a", "b")
    assert fed(["b", "ab"], ["xab"])[:2] == fed(["ab", "b"], ["x", "a", "b"])[:2] == ("x", "ab")


@pytest.mark.parametrize("seed", range(200))
def test_pieces_make_no_difference(seed: int) -> None:
    """Words of two letters, where stop strings overlap with themselves and with each other, against the definition."""
    dice = random.Random(seed)
    stops = ["".join(dice.choices("a你", k=dice.randint(1, 4))) + dice.choice(["", "b"]) for _ in range(3)]
    text = "".join(dice.choices("a你b", weights=(5, 5, 1), k=12))
    cuts = sorted(dice.sample(range(len(text) + 1), 5))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole, hit, shown = fed(stops, pieces)
    assert (whole, hit) == by_definition(stops, text)
    for count in range(len(shown) + 1):
        assert whole.startswith("".join(shown[:count]))


def test_some_of_those_texts_end_and_some_do_not() -> None:
    dice = random.Random(0)
    found = {by_definition(["aa你"], "".join(dice.choices("a你b", k=12)))[1] for _ in range(50)}
    assert found == {None, "aa你"}


@pytest.mark.parametrize("stops", [[""], ["a", ""], ["a" * (LONGEST + 1)], ["a"] * (MOST + 1), ["caf\udce9"]], ids=len)
def test_what_makes_no_sense_is_refused(stops: list[str]) -> None:
    with pytest.raises(Problem, match="stop string"):
        Stopper(stops)
