"""What a server bears, at a size that a test can have: docs/reliability.md has what it bears by hand."""

from pathlib import Path

import pytest

from scripts.trials import attack, kill, load

pytestmark = pytest.mark.slow

SMALL = {"calls": 80, "uploads": 20, "archives": 44, "raw": 60}


def test_bad_input_breaks_nothing(tmp_path: Path) -> None:
    found = attack.attacked(SMALL, 0, tmp_path)
    assert found.wrong == {}
    assert all(found.tried[kind] >= count for kind, count in SMALL.items()) and found.tried["guesses"]


def test_what_is_killed_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    found = kill.killed(2, 5, tmp_path)
    assert found["wrong"] == [] and found["tracebacks logged"] == 0
    assert found["tried"] == {"worker": 1, "server_": 1} and found["finished runs"] >= 6


def test_many_visitors_are_told_apart(tmp_path: Path) -> None:
    """How quickly they are answered is measured by hand: a test does not wait by the clock."""
    found = load.loaded(4, 1, 3.0, tmp_path)
    assert found["wrong"] == [] and found["page actions"] > 4
