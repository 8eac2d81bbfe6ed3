"""Where runs live: the store, the runs' folders, visitors' texts. Knows paths, nothing else."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "PLAYGROUND_HOME"
DEFAULT = "~/.architecture-playground"


@dataclass(frozen=True, slots=True)
class Home:
    """A folder that holds everything a server or a command keeps."""

    root: Path

    @property
    def database(self) -> Path:
        """The run store."""
        return self.root / "playground.db"

    @property
    def lock(self) -> Path:
        """Held by the process whose workers serve the store."""
        return self.root / "playground.lock"

    @property
    def runs(self) -> Path:
        """The folder of one experiment's runs, "{id}" standing for the experiment's id."""
        return self.root / "runs" / "{id}"

    def keep_text(self, text: bytes) -> Path:
        """Keep a visitor's text, and return the file; the same text is kept once."""
        path = self.root / "texts" / f"{hashlib.sha256(text).hexdigest()}.txt"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(f".{os.getpid()}.partial")
            partial.write_bytes(text)
            os.replace(partial, path)
        return path


def home(environment: Mapping[str, str] = os.environ) -> Home:
    """The home of this process: what `PLAYGROUND_HOME` names, else a folder of the user's."""
    return Home(Path(environment.get(VARIABLE) or DEFAULT).expanduser())
