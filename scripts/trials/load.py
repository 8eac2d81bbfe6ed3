"""Many visitors at once: open pages, some of them training; how long they wait, whether they know, and what it takes.

python -m scripts.trials.load [--visitors 20] [--training 6] [--seconds 300]

Everything runs on this machine, the visitors beside the server: what is measured is what both take from its cores.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.trials.server import Server, children
from scripts.trials.visitor import Json, Visitor

LINKS = "v=1&a=gpt-2,shape.layers=2,shape.width=64&b=llama-3,shape.layers=2,shape.width=64&recipe.lr={lr}"
THINKS = (1.0, 4.0)  # seconds between two actions of a visitor
WITHIN = 0.5  # seconds in which 95 of 100 page actions are to be answered
UPDATES = 2.0  # a second that a running experiment's page is to get
GROWTH = 0.05  # of the server's memory in the second half, at most
LOOK = 1.0  # seconds between two looks at the memory


@dataclass(slots=True)
class Seen:
    """What all visitors saw; every list is only added to."""

    actions: dict[str, list[float]] = field(default_factory=dict)  # seconds
    rates: list[float] = field(default_factory=list)  # updates a second, one number an experiment that ran
    gaps: list[float] = field(default_factory=list)  # seconds between two updates of one that runs
    waits: list[float] = field(default_factory=list)  # seconds in the queue
    wrong: list[str] = field(default_factory=list)
    finished: int = 0


class Person:
    """A visitor who looks at a page, does something now and then, and may train one experiment after the other."""

    def __init__(self, url: str, number: int, until: float, seen: Seen) -> None:
        self.number, self.until, self.seen = number, until, seen
        self.draw, self.left = random.Random(number), threading.Event()
        self.visitor = Visitor(url)
        self.open = threading.Thread(target=self.visitor.stay, args=(self.left,), daemon=True)
        # Their own learning rate: by it everything that is theirs is known.
        self.link = LINKS.format(lr=f"0.00{number + 1:02d}") + "&recipe.tokens=150000"

    def look(self) -> None:
        """Open the page, and use it until time is up."""
        self.open.start()
        chosen = self._timed("open", query=self.link)["experiment"]
        while time.monotonic() < self.until:
            time.sleep(self.draw.uniform(*THINKS))
            name = self.draw.choice(("describe", "describe", "describe", "source", "costs", "explained", "difference"))
            said = self._timed(name, **{**self._changed(chosen), "one": "gpt-2", "other": "palm"})
            if "refusal" in said:
                self.seen.wrong.append(f"{name}: {said['refusal']}")
            if name == "describe" and self._rate(said["recipe"]["values"]) != self._rate(chosen["recipe"]):
                self.seen.wrong.append(f"visitor {self.number} was told of somebody else's choices")
        self.left.set()

    def close(self) -> None:
        """Close the page, once the server has ended."""
        self.open.join()
        self.visitor.close()

    def train(self) -> None:
        """Train, watch it to its end, and again until time is up."""
        while time.monotonic() < self.until:
            said = self.visitor.train(self.link, inside=False)
            if "id" not in said:
                self.seen.wrong.append(f"visitor {self.number} may not train: {said}")
                return
            self._watch(said["id"])

    def _watch(self, id: str) -> None:
        begun, first, last, count, unknown = time.monotonic(), None, None, 0, 0
        for value in self.visitor.values("follow", id=id):
            now = time.monotonic()
            if value["id"] != id or self._rate(value["chosen"]["recipe"]) != f"0.00{self.number + 1:02d}":
                self.seen.wrong.append(f"visitor {self.number} sees another's experiment")
            unknown = unknown + 1 if value["state"] == "queued" and not value["place"] else 0
            if unknown > 1:  # once is a run that a worker has just taken
                self.seen.wrong.append(f"visitor {self.number} waits without knowing")
            if value["state"] == "running":
                if first is None:
                    first = now
                    self.seen.waits.append(now - begun)
                else:
                    self.seen.gaps.append(now - (last or now))
                last, count = now, count + 1
            self.seen.finished += value["state"] == "finished"
            if now > self.until:
                self.visitor.ask("stop", id=id)
        if first is not None and last is not None and last - first > 1:
            self.seen.rates.append((count - 1) / (last - first))

    def _rate(self, recipe: Json) -> str:
        return str(recipe.get("recipe.lr"))

    def _changed(self, chosen: Json) -> Json:
        wide = {"shape.width": self.draw.choice(("32", "64", "96")), "shape.layers": "2"}
        return {**chosen, "variants": [{**one, "changes": one["changes"] | wide} for one in chosen["variants"]]}

    def _timed(self, name: str, **given: Any) -> Json:
        begun = time.monotonic()
        said = self.visitor.ask(name, **given)
        self.seen.actions.setdefault(name, []).append(time.monotonic() - begun)
        return said


def loaded(visitors: int, training: int, seconds: float, folder: Path) -> Json:
    """What so many visitors saw in so many seconds, on a server of their own."""
    seen, memory = Seen(), list[tuple[float, int]]()
    with Server(folder, {"PLAYGROUND_MAX_VISITORS": str(max(8, training))}) as server:
        _warm(server)
        begun = time.monotonic()
        people = [Person(server.url, number, begun + seconds, seen) for number in range(visitors)]
        threads = [threading.Thread(target=_guarded, args=(person.look, seen)) for person in people]
        threads += [threading.Thread(target=_guarded, args=(person.train, seen)) for person in people[:training]]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            memory.append((time.monotonic() - begun, server.memory()))
            time.sleep(LOOK)
        workers = len(children(server.process.pid)) if server.process else 0
        if "Traceback" in server.said():
            seen.wrong.append("a traceback was logged")
    for person in people:
        person.close()
    return _summed(seen, memory, seconds) | {"visitors": visitors, "training": training, "workers": workers}


def _warm(server: Server) -> None:
    """Until everything is imported and the workers are up: that is the start's business, not the load's."""
    visitor = Visitor(server.url, 120)
    said = visitor.train(LINKS.format(lr="0.5") + "&recipe.tokens=2000")
    for _ in visitor.values("follow", id=said["id"]):
        pass
    visitor.close()


def _guarded(act: Any, seen: Seen) -> None:
    try:
        act()
    except Exception as error:  # a visitor's page would say that the server does not answer
        seen.wrong.append(f"{type(error).__name__}: {error}"[:300])


def _summed(seen: Seen, memory: list[tuple[float, int]], seconds: float) -> Json:
    every = sorted(second for each in seen.actions.values() for second in each)
    half = [each for at, each in memory if at > seconds / 2 and each]
    growth = (statistics.mean(half[-5:]) / statistics.mean(half[:5]) - 1) if len(half) > 10 else None
    p95 = _quantile(every, 0.95)
    return {
        "seconds": round(seconds),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "page actions": len(every),
        "action seconds": {"median": _quantile(every, 0.5), "p95": p95, "most": every[-1] if every else None},
        "p95 by action": {name: _quantile(sorted(each), 0.95) for name, each in seen.actions.items()},
        "updates a second": {"median": _quantile(sorted(seen.rates), 0.5), "least": min(seen.rates, default=None)},
        "longest gap between updates": max(seen.gaps, default=None),
        "seconds in the queue": {"median": _quantile(sorted(seen.waits), 0.5), "most": max(seen.waits, default=None)},
        "experiments finished": seen.finished,
        "MiB of the server": {
            "first": memory[0][1] >> 20,
            "last": memory[-1][1] >> 20,
            "most": max(memory, key=lambda at: at[1])[1] >> 20,
        },
        "growth in the second half": growth,
        "held": {
            "actions": p95 is not None and p95 <= WITHIN,
            "updates": bool(seen.rates) and min(seen.rates) >= UPDATES,
            "memory": growth is None or growth <= GROWTH,
        },
        "wrong": sorted(set(seen.wrong)),
    }


def _quantile(ordered: list[float], share: float) -> float | None:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) if ordered else None


def main() -> None:
    """All visitors; the exit status says whether what is promised was held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in {"visitors": 20, "training": 6, "seconds": 300}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="playground-load-") as folder:
        found = loaded(asked.visitors, asked.training, asked.seconds, Path(folder))
    print(json.dumps(found, indent=1))
    sys.exit(bool(found["wrong"]) or not all(found["held"].values()))


if __name__ == "__main__":
    main()
