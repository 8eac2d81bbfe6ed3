"""Where a command finds an experiment: the folder of a comparison, an archive, or the id of one that is kept here."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from models.text import Refusal, Text
from playground.home import Home, home
from playground.share import archive
from playground.store import Store

ID = re.compile(r"[0-9a-f]{32}")


@contextmanager
def opened(named: str) -> Iterator[tuple[Store, str]]:
    """The store that holds the experiment, and its id there.

    Raises:
        Refusal: `named` is nothing of the three, or an archive that cannot be read.
    """
    path = Path(named)
    if path.is_dir():
        if not Home(path).database.is_file():
            raise Refusal(NO_FOLDER.format(folder=path), "experiment")
        with closing(Store(Home(path).database)) as store:
            if not (latest := store.history(None, 1)):
                raise Refusal(NO_FOLDER.format(folder=path), "experiment")
            yield store, latest[0].id
    elif path.is_file():
        with tempfile.TemporaryDirectory() as folder, closing(Store(Home(Path(folder)).database)) as store:
            yield store, archive.take_in(store, Home(Path(folder)).runs, content_of(path), "", "0" * 32)
    else:
        with closing(_kept(named)) as store:
            yield store, named


def content_of(path: Path) -> bytes:
    """The bytes of an archive; raises `Refusal` where it is too large or cannot be read."""
    try:
        if path.stat().st_size > archive.MOST_BYTES:
            raise Refusal(archive.LARGE.format(most=archive.MOST_BYTES // archive.MiB), "experiment")
        return path.read_bytes()
    except OSError as error:
        raise Refusal(NOTHING.format(named=path, reason=error.strerror), "experiment") from None


def _kept(named: str) -> Store:
    database = home().database
    if ID.fullmatch(named) and database.is_file():
        store = Store(database)
        if store.experiment(named):
            return store
        store.close()
    raise Refusal(NOTHING.format(named=named, reason="no folder, no file, no id"), "experiment")


NO_FOLDER = Text("{folder} holds no experiment that was trained.", "{folder} 中没有训练过的实验。")
NOTHING = Text(
    "{named} is no experiment ({reason}): name a folder that compare wrote, an archive (.zip), or an id.",
    "{named} 不是实验（{reason}）：请给出 compare 的输出文件夹、存档（.zip）或实验编号。",
)
