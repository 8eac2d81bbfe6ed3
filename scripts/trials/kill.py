"""Kills in the middle: a worker, the server, a visitor who leaves, a full disk, a clock that is set; then what is left.

python -m scripts.trials.kill [--rounds 100] [--seed 0]

After every kill: no finished run is lost or changed, none is said to be finished that is not, the database opens and is
sound, and the next run works. A full disk needs a small one, which only root may mount: else it is not tried.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playground.home import Home
from playground.rows import BROKEN_OFF, GOING, RunRow
from playground.store import Store
from scripts.trials.server import Server
from scripts.trials.visitor import Visitor

TINY = "gpt-2,shape.layers=1,shape.width=16"
VICTIM = f"v=1&a={TINY}&b={TINY},position=alibi&recipe.tokens=250000"
NEXT = f"v=1&a={TINY}&recipe.tokens=20000"
PATIENCE = 180.0  # seconds
GRACE = 3.0  # seconds that a run goes on unwatched
DISK, PER_ROUND = 64 * 2**20, 4 * 2**20  # bytes of the small disk, and for what every round leaves on it
CLOCK = """
import os, time
_steady = time.time
def _set() -> float:
    try:
        with open(os.environ["TRIAL_CLOCK"]) as file:
            return _steady() + float(file.read())
    except (OSError, ValueError):
        return _steady()
time.time = _set
"""


class Trial:
    """A server with a home, what has finished on it so far, and what was found wrong."""

    def __init__(self, folder: Path, draw: random.Random) -> None:
        self.folder, self.draw, self.wrong = folder, draw, list[str]()
        self.tried: Counter[str] = Counter()
        self.clock = folder / "clock"
        (folder / "site").mkdir()
        (folder / "site" / "sitecustomize.py").write_text(CLOCK)
        environment = {
            "PYTHONPATH": str(folder / "site"),
            "TRIAL_CLOCK": str(self.clock),
            "PLAYGROUND_GRACE_SECONDS": str(GRACE),
            "PLAYGROUND_SAVE_SECONDS": "0.2",
            "PLAYGROUND_MAX_HISTORY_DAYS": "none",  # a clock that is set must not make what is kept too old
        }
        self.server = Server(folder, environment)
        self.finished: dict[str, list[tuple[int, str]]] = {}

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The server's store, looked at from here."""
        store = Store(Home(self.server.home).database)
        try:
            yield store
        finally:
            store.close()

    def round(self, kind: str) -> None:
        """One kill, and what is left of everything after it."""
        self.tried[kind] += 1
        getattr(self, kind)()
        self._sound(kind)
        visitor = Visitor(self.server.url)
        rows = self._watched(visitor, visitor.train(NEXT)["id"])
        if [row.state for row in rows] != ["finished"]:
            self.wrong.append(f"after {kind}, the next run: {[(row.state, str(row.reason)) for row in rows]}")
        visitor.close()
        self._remember()

    def worker(self) -> None:
        """A worker is killed; what it trained can be gone on with to its end."""
        visitor, id = self._begun()
        os.kill(self.draw.choice(self.server.workers()), signal.SIGKILL)
        self._gone_on_with(visitor, id, "worker")

    def server_(self) -> None:
        """The server is killed, and started again."""
        visitor, id = self._begun()
        self.server.end(signal.SIGKILL)
        visitor.close()
        self.server.start()
        again = Visitor(self.server.url)
        again.owner = visitor.owner
        self._gone_on_with(again, id, "server")

    def tab(self) -> None:
        """A visitor leaves: the run stops after its grace, and nobody is told that it finished."""
        visitor, id = self._begun(VICTIM.replace("250000", "2000000"))
        visitor.close()
        states = {row.state for row in self._ended(id)}
        if states != {"stopped"}:
            self.wrong.append(f"tab: the abandoned runs are {states}")

    def disk(self) -> None:
        """The disk fills up while a run goes on, and is emptied again."""
        visitor, id = self._begun()
        filler = self.server.home / "filler"
        with filler.open("wb") as file:
            try:
                while True:
                    os.write(file.fileno(), b"\0" * 2**16)
            except OSError:
                pass
        self._wait(lambda: not _going(self._rows(id)) or self.draw.random() < 0.02, "the full disk to be noticed")
        filler.unlink()
        self._gone_on_with(visitor, id, "disk")

    def clock_(self) -> None:
        """The clock is set a day forward or back while a run goes on, which does not care."""
        visitor, id = self._begun()
        self.clock.write_text(str(self.draw.choice((-86_400, 86_400, 3600, -1))))
        states = {row.state for row in self._watched(visitor, id)}
        if states != {"finished"}:
            self.wrong.append(f"clock: the runs are {states}")
        visitor.close()

    def _begun(self, link: str = VICTIM) -> tuple[Visitor, str]:
        """A visitor's experiment, at a random moment after a run of it has begun."""
        visitor = Visitor(self.server.url)
        said = visitor.train(link)
        assert "id" in said, said
        # An open page looks also while it waits.
        self._wait(lambda: self._look(said["id"]) and any(row.step for row in self._rows(said["id"])), "a run to begin")
        time.sleep(self.draw.uniform(0, 1.5))
        return visitor, said["id"]

    def _gone_on_with(self, visitor: Visitor, id: str, kind: str) -> None:
        """Everything ends, what broke off is resumed, and then all has finished."""
        rows = self._watched(visitor, id)
        odd = [row.state for row in rows if row.state not in (*BROKEN_OFF, "finished")]
        if odd:
            self.wrong.append(f"{kind}: left as {odd}")
        self._sound(kind)
        self._remember()
        if any(row.state in BROKEN_OFF for row in rows):
            said = visitor.ask("resume", id=id)
            rows = self._watched(visitor, id) if "id" in said else rows
        if {row.state for row in rows} != {"finished"}:
            self.wrong.append(f"{kind}: resumed, the runs are {[(row.state, str(row.reason)) for row in rows]}")
        visitor.close()

    def _watched(self, visitor: Visitor, id: str) -> list[RunRow]:
        """The runs once they have ended, looked at as an open page does meanwhile."""
        self._wait(lambda: self._look(id) and not _going(self._rows(id)), f"experiment {id} to end")
        return self._rows(id)

    def _look(self, id: str) -> bool:
        with self.store() as store:
            store.see(id)
        return True

    def _ended(self, id: str) -> list[RunRow]:
        self._wait(lambda: not _going(self._rows(id)), f"experiment {id} to end")
        return self._rows(id)

    def _rows(self, id: str) -> list[RunRow]:
        with self.store() as store:
            return store.runs(id)

    def _wait(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert self.server.alive, self.server.said()[-4000:]
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            time.sleep(0.05)

    def _sound(self, kind: str) -> None:
        """What was finished is as it was; what is said to be finished is; the database is sound."""
        with self.store() as store:
            for id, events in self.finished.items():
                row = store.run(id)
                if row is None or row.state != "finished" or store.events(id) != events:
                    self.wrong.append(f"after {kind}: finished run {id} is {row and row.state}, or says something else")
            for row in _all(store, "finished"):
                last = [line for _, line in store.events(row.id) if '"kind": "finished"' in line]
                if not last or not (row.folder / "model.safetensors").is_file():
                    self.wrong.append(f"after {kind}: run {row.id} is said to be finished and is not")
        check = sqlite3.connect(Home(self.server.home).database)
        said = check.execute("PRAGMA quick_check").fetchone()[0]
        check.close()
        if said != "ok" or list(self.server.home.glob("playground.db.2*")):
            self.wrong.append(f"after {kind}: the database is {said}, or was set aside")

    def _remember(self) -> None:
        with self.store() as store:
            for row in _all(store, "finished"):
                self.finished.setdefault(row.id, store.events(row.id))


def _all(store: Store, state: str) -> list[RunRow]:
    experiments = [one for one in store.history(None, 10**6) if one.origin is None]  # what was trained here
    return [row for one in experiments for row in store.runs(one.id) if row.state == state]


def _going(rows: list[RunRow]) -> bool:
    return any(row.state in GOING for row in rows)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[bool]:
    """A disk of its own for `folder`, of `size` bytes; False where it may not be mounted."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


# Of a hundred: how many of which.
SHARES = {"worker": 40, "server_": 20, "tab": 15, "clock_": 15, "disk": 10}


def kinds(rounds: int, draw: random.Random) -> list[str]:
    """So many kinds of kill, in their shares, in any order; every kind at least once where there is room."""
    dealt = [kind for kind, share in SHARES.items() for _ in range(max(1, rounds * share // 100))]
    while len(dealt) < rounds:
        dealt.append("worker")
    draw.shuffle(dealt)
    return dealt[:rounds]


def killed(rounds: int, seed: int, folder: Path) -> dict[str, Any]:
    """What was tried, and what was found wrong."""
    draw, begun = random.Random(seed), time.monotonic()
    with small_disk(folder / "home", DISK + rounds * PER_ROUND) as small:
        trial = Trial(folder, draw)
        with trial.server:
            for kind in kinds(rounds, draw):
                if kind != "disk" or small:
                    trial.round(kind)
                    print(f"\r{sum(trial.tried.values())} kills, {len(trial.wrong)} wrong ", end="", file=sys.stderr)
        tracebacks = trial.server.said().count("Traceback (most recent call last)")
    print(file=sys.stderr)
    return {
        "tried": dict(trial.tried),
        "not tried": [] if small else ["disk: no right to mount a small one"],
        "finished runs": len(trial.finished),
        "tracebacks logged": tracebacks,
        "wrong": trial.wrong,
        "seconds": round(time.monotonic() - begun),
    }


def main() -> None:
    """All rounds; the exit status says whether anything was found wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="playground-kill-") as folder:
        found = killed(asked.rounds, asked.seed, Path(folder))
    print(json.dumps(found, indent=1))
    sys.exit(bool(found["wrong"]))


if __name__ == "__main__":
    main()
