"""Experiments trained apart from all others, in a folder that is gone afterwards. Knows not what is made of them."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playground.experiment import Experiment
from playground.follow import ended
from playground.home import Home
from playground.pool import WorkerPool
from playground.results import result
from playground.store import Store


@contextmanager
def workshop() -> Iterator[tuple[Store, Home]]:
    """A store of its own with workers, and where it keeps its runs."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        store = Store(home.database)
        with WorkerPool(home.database, lock=home.lock):
            yield store, home
        store.close()


def trained(experiment: Experiment, runs: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """These runs (variant, seed) of an experiment, as `result.json` has them; all must have finished."""
    with workshop() as (store, home):
        last = ended(store, store.submit(experiment.model_dump_json(), runs, home.runs))
    rows = result(experiment, last, {}, {})["runs"]
    assert all(row["status"] == "finished" for row in rows), [row["status"] for row in rows]
    return rows
