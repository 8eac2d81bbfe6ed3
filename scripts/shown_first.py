"""Makes `assets/experiments/shown-first.json`: the page's default experiment, trained here, as its results show it.

python -m scripts.shown_first [LINK]
"""

import json
import sys
import tempfile
from pathlib import Path

from playground import link
from playground.follow import Snapshot, follow
from playground.home import Home
from playground.pool import WorkerPool
from playground.store import Store
from playground.ui.prepared import SHOWN_FIRST, START
from playground.ui.view import view


def main(query: str = START) -> None:
    """Train the experiment of a link and write what the page shows of it."""
    experiment, notes = link.read(query)
    assert not notes, notes
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        store = Store(home.database)
        with WorkerPool(home.database, lock=home.lock):
            id = store.submit(experiment.model_dump_json(), experiment.runs(), home.runs)
            *_, last = map(_progress, follow(store, id))
        store.close()
    shown = view("shown-first", experiment, last)
    assert shown["state"] == "finished", shown["state"]
    SHOWN_FIRST.parent.mkdir(parents=True, exist_ok=True)
    SHOWN_FIRST.write_text(json.dumps(shown, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


def _progress(snapshot: Snapshot) -> Snapshot:
    print("\r", *(f"{run['name']} {run['progress']:.0%}" for run in snapshot["runs"]), end="", file=sys.stderr)
    return snapshot


if __name__ == "__main__":
    main(*sys.argv[1:])
