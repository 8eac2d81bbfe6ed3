"""Where runs live: as the environment says, one folder a run, one file a text."""

from pathlib import Path

from playground.home import Home, home
from playground.rows import letter, run_name


def test_the_environment_chooses_the_place() -> None:
    assert home({"PLAYGROUND_HOME": "/somewhere"}).root == Path("/somewhere")
    assert home({}).root == home({"PLAYGROUND_HOME": ""}).root == Path.home() / ".architecture-playground"


def test_everything_lies_below_it() -> None:
    place = Home(Path("/somewhere"))
    assert {place.root} == {place.database.parent, place.lock.parent, place.runs.parent.parent}


def test_the_same_text_is_kept_once(tmp_path: Path) -> None:
    place = Home(tmp_path)
    first, again, other = (place.keep_text(text) for text in (b"one", b"one", b"two"))
    assert first == again != other and first.read_bytes() == b"one"
    assert len(list(first.parent.iterdir())) == 2


def test_runs_are_named_by_letter_and_seed() -> None:
    assert (run_name(0, 0), run_name(23, 4)) == ("A-seed0", "X-seed4")
    assert letter(1) == "B"
