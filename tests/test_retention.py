"""What is too old or too much goes, the oldest first; what goes on, what is spared and what is not ours stays."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import shared

from models.text import Refusal
from playground import retention
from playground.home import Home
from playground.profile import PROFILES, Profile
from playground.retention import DAY, RECENT, make_room, remove, tidy
from playground.store import Settings, Store

DAYS = Profile(name="local", history_days=7)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    store = Store(home.database, check=True)
    yield store
    store.close()


def trained(store: Store, home: Home, age: float, size: int = 1000, owner: str = "mia") -> str:
    """An ended experiment of that age in days, with a file of that size in its folder."""
    id = shared.submit(store, shared.experiment("a=gpt-2"), owner=owner)
    folder = home.root / "runs" / id / "A-seed0"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"x" * size)
    store._write("UPDATE experiment SET created = ? WHERE id = ?", time.time() - age * DAY, id)
    return id


def test_what_is_too_old_goes_with_its_folder(store: Store, home: Home) -> None:
    old, new, spared = (trained(store, home, age, owner=who) for age, who in ((8, "mia"), (6, "mia"), (9, "gallery")))
    assert tidy(store, home, DAYS, spared=("gallery",)) == [old]
    assert store.experiment(old) is None and not (home.root / "runs" / old).exists()
    for id in (new, spared):
        assert store.experiment(id) is not None and (home.root / "runs" / id / "A-seed0").is_dir()


def test_of_what_is_too_much_the_oldest_go(store: Store, home: Home) -> None:
    ids = [trained(store, home, age, size=100_000) for age in (3, 2, 1)]
    assert tidy(store, home, Profile(name="local", history_bytes=250_000)) == ids[:1]
    assert tidy(store, home, Profile(name="local")) == []


def test_what_goes_on_stays_however_old(store: Store, home: Home) -> None:
    made = shared.experiment("a=gpt-2")
    id = store.submit(made.to_json(), made.runs(), home.runs)
    store._write("UPDATE experiment SET created = 0")
    assert tidy(store, home, DAYS) == [] and not remove(store, home, id)


def test_texts_that_nobody_needs_go_but_not_fresh_ones(store: Store, home: Home) -> None:
    needed, left, fresh = (home.keep_text(content) for content in (b"needed", b"left", b"fresh"))
    for path in (needed, left):
        os.utime(path, (0, time.time() - 2 * RECENT))
    trained(store, home, 9)
    made = shared.experiment("a=gpt-2")
    store.submit(made.to_json(), made.runs(), home.runs, settings=Settings(text=str(needed)))
    tidy(store, home, DAYS)
    assert (needed.exists(), left.exists(), fresh.exists()) == (True, False, True)


def test_what_visitors_bring_is_bounded(store: Store, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    small = PROFILES["public-cpu"].model_copy(update={"history_bytes": 1000})
    needed, left = home.keep_text(b"n" * 60), home.keep_text(b"l" * 30)
    made = shared.experiment("a=gpt-2")
    store.submit(made.to_json(), made.runs(), home.runs, settings=Settings(text=str(needed)))
    make_room(store, home, small, 10)
    assert left.exists()
    make_room(store, home, small, 40)  # what no experiment needs makes room
    assert needed.exists() and not left.exists()
    with pytest.raises(Refusal, match="no room"):
        make_room(store, home, small, 41)
    monkeypatch.setattr(retention, "LEAST_FREE", 2**60)
    with pytest.raises(Refusal, match="no room"):
        make_room(store, home, PROFILES["local"], 1)
