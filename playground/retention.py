"""How long experiments are kept, and how much they may take together: the profile says so, this sees to it.

Only experiments that have ended go, the oldest first; with them go their folders and texts that nobody needs any more.
"""

import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from models.text import Refusal, Text
from playground.home import Home
from playground.profile import MiB, Profile
from playground.rows import GOING, ExperimentRow
from playground.store import Store

DAY = 86_400.0
LEAST_FREE = 256 * MiB  # bytes that visitors' texts and archives leave free on the disk
SHARE_OF_TEXTS = 0.1  # of what the history may take
RECENT = 3600.0  # seconds for which a text is kept that no experiment names yet: it has just been pasted


def tidy(store: Store, home: Home, profile: Profile, spared: Collection[str] = ()) -> list[str]:
    """Delete what is too old or too much; the ids of what went. `spared`: owners whose experiments stay."""
    ended = [row for row in reversed(store.history(None, 10**6)) if row.owner not in spared and _over(store, row)]
    sizes = {row.id: _size(home, row) for row in ended}
    for id, events in store.bytes_of_events().items():
        if id in sizes:
            sizes[id] += events
    left, gone, now = sum(sizes.values()), [], time.time()
    for row in ended:
        old = profile.history_days is not None and now - row.created > DAY * profile.history_days
        much = profile.history_bytes is not None and left > profile.history_bytes
        if (old or much) and remove(store, home, row.id):
            left -= sizes[row.id]
            gone.append(row.id)
    _forget_texts(store, home)
    return gone


def make_room(store: Store, home: Home, profile: Profile, size: int) -> None:
    """See that `size` more bytes can be kept of what a visitor brings.

    Raises:
        Refusal: the disk is nearly full, or there are too many texts that experiments need.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(home.root).free - size < LEAST_FREE:
        raise Refusal(FULL)
    if profile.history_bytes is None:
        return
    most = profile.history_bytes * SHARE_OF_TEXTS
    if _texts(home) + size > most:
        _forget_texts(store, home, recent=0.0)
    if _texts(home) + size > most:
        raise Refusal(FULL)


def _texts(home: Home) -> int:
    return sum(path.stat().st_size for path in (home.root / "texts").glob("*.txt"))


def remove(store: Store, home: Home, id: str) -> bool:
    """Delete an experiment, and its runs' folder where it is one of this home; False while it goes on."""
    if not store.delete(id):
        return False
    shutil.rmtree(_folder(home, id), ignore_errors=True)
    return True


def _over(store: Store, row: ExperimentRow) -> bool:
    return not any(run.state in GOING for run in store.runs(row.id))


def _folder(home: Home, id: str) -> Path:
    return Path(str(home.runs).replace("{id}", id))


def _size(home: Home, row: ExperimentRow) -> int:
    folder, total = _folder(home, row.id), 0
    for path in folder.rglob("*") if folder.is_dir() else ():
        with suppress(OSError):  # a file may go while it is looked at
            total += path.stat().st_size if path.is_file() else 0
    return total


def _forget_texts(store: Store, home: Home, recent: float = RECENT) -> None:
    needed = {row.settings.text for row in store.history(None, 10**6)}
    for path in (home.root / "texts").glob("*.txt"):
        with suppress(OSError):
            if str(path) not in needed and time.time() - path.stat().st_mtime >= recent:
                path.unlink()


FULL = Text(
    "This server has no room for it at the moment. Please try again later.", "本服务器暂时没有足够的空间，请稍后再试。"
)
