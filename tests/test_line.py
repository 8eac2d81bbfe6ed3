"""A line: so many at a time, the others in the order in which they came, and nobody is forgotten in it."""

import threading
from contextlib import ExitStack

import pytest

from playground.ui.line import Line

SOON = 20.0  # seconds: a condition that holds returns at once


def test_the_first_are_served_and_the_others_know_their_place() -> None:
    line = Line(2)
    with ExitStack() as all_of_them:
        places = [all_of_them.enter_context(line.join(str(number))) for number in range(5)]
        assert [place.wait(0) for place in places] == [0, 0, 1, 2, 3]
    assert len(line) == 0


def test_who_ends_makes_room_for_the_next() -> None:
    line, served = Line(1), list[int]()

    def wait() -> None:
        with line.join("second") as second:
            served.append(second.wait(SOON))

    with ExitStack() as work:
        work.enter_context(line.join("first"))
        thread = threading.Thread(target=wait)
        thread.start()
        assert not served
    thread.join(SOON)
    assert served == [0] and len(line) == 0


def test_the_order_is_that_of_coming() -> None:
    line = Line(1)
    with line.join("first") as first:
        with line.join("second") as second, line.join("third") as third:
            assert (first.wait(0), second.wait(0), third.wait(0)) == (0, 1, 2)
        with line.join("fourth") as fourth:
            assert fourth.wait(0) == 1


def test_an_error_gives_the_place_up_too() -> None:
    line = Line(1)
    with pytest.raises(ZeroDivisionError), line.join("first"):
        raise ZeroDivisionError
    with line.join("second") as second:
        assert second.wait(0) == 0


def test_who_leaves_is_not_kept_waiting() -> None:
    line = Line(1)
    with line.join("first") as first, line.join("second") as second:
        assert second.wait(0) == 1
        timer = threading.Timer(0.01, line.leave, ["second"])
        timer.start()
        assert second.wait(SOON) == 0 and second.left and not first.left
        timer.join()
