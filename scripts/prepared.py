"""Makes what ships finished: `assets/gallery/NAME.zip` for every prepared experiment, and what the page shows first.

python -m scripts.prepared [NAME …], or --words: what the page shows first again, from its archive, in words of today.
"""

import json
import sys
import tempfile
from pathlib import Path

from playground import link
from playground.experiment import from_json
from playground.follow import Follower, Snapshot, follow
from playground.home import Home
from playground.share.archive import take_in
from playground.share.files import ARCHIVE, file
from playground.store import Store
from playground.ui.gallery import FOLDER, id_of
from playground.ui.prepared import FIRST, PREPARED, SHOWN_FIRST, Prepared
from playground.ui.view import view
from scripts.trained import workshop


def main(*names: str) -> None:
    """Train the prepared experiments, or those of these names, and write what ships of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if names == ("--words",):
        return show_first((FOLDER / f"{FIRST}.zip").read_bytes())
    with workshop() as (store, home):
        for prepared in PREPARED:
            if not names or prepared.name in names:
                make(prepared, store, home)


def make(prepared: Prepared, store: Store, home: Home) -> None:
    """Train one and write its archive; of the first also what the page shows."""
    experiment, notes = link.read(prepared.query)
    assert not notes, notes
    id = store.submit(experiment.model_dump_json(), experiment.runs(), home.runs)
    for snapshot in follow(store, id):
        _progress(snapshot)
    _, content = file(store, id, ARCHIVE)
    (FOLDER / f"{prepared.name}.zip").write_bytes(content)
    print(f"\n{prepared.name}: {len(content):,} bytes", file=sys.stderr)
    if prepared.name == FIRST:
        show_first(content)


def show_first(content: bytes) -> None:
    """Write what the page shows before anything is trained: the results of this archive."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        store = Store(home.database)
        id = take_in(store, home.runs, content, "", id_of(content))
        row = store.experiment(id)
        assert row is not None
        shown = view(id, from_json(row.json), Follower(store, id).snapshot())
        store.close()
    assert shown["state"] == "finished", shown["state"]
    for run in shown["runs"]:
        run["id"] = run["name"]  # the store's own is another at every making
    SHOWN_FIRST.parent.mkdir(parents=True, exist_ok=True)
    SHOWN_FIRST.write_text(json.dumps(shown, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


def _progress(snapshot: Snapshot) -> None:
    print("\r", *(f"{run['name']} {run['progress']:.0%}" for run in snapshot["runs"]), end="", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
