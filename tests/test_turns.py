"""Whose turn it is where runs ask for several threads; turns of owners are in test_store.py."""

import json
from pathlib import Path

from playground.store import Store

BOTH = json.dumps({"recipe": {"threads": 1}, "variants": [{"recipe": {}}, {"recipe": {"threads": "2"}}]})


def test_a_run_of_two_threads_waits_until_both_are_free_and_then_has_them_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs.db")
    store.submit(BOTH, [(0, 0), (1, 0), (0, 1)], tmp_path)
    narrow = store.claim("one", 2)
    assert narrow is not None and narrow.variant == 0
    assert store.claim("two", 2) is None  # nor does the one behind it pass
    store.end(narrow.id, "finished")
    wide = store.claim("one", 2)
    assert wide is not None and wide.variant == 1
    assert store.claim("two", 2) is None
    assert store.claim("two", 3) is not None
    store.close()


def test_a_run_of_more_threads_than_there_are_has_them_where_nothing_runs(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs.db")
    store.submit(json.dumps({"recipe": {"threads": 4}}), [(0, 0), (0, 1)], tmp_path)
    assert store.claim("one", 2) is not None and store.claim("two", 2) is None
    store.close()
