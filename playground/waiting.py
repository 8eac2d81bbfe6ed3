"""Who waits how long: the queue played through with the workers that there are. Knows no page.

How long a run takes is told by the speed at which the last ones here were trained; as long as none was, nobody says.
"""

import math
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.cost import cost
from playground.experiment import from_json
from playground.rows import RunRow
from playground.store import Store

RECENT = 8  # runs whose speed is asked about
FRESH = 0.5  # seconds for which an answer holds, whoever asks
SOON = 0.1  # seconds after which it is looked again for a run that was not there
BEGUN = 0.02  # share of a running run from which on its own pace counts
UNKNOWN = 60.0  # seconds, of a run of which nothing is known: only the order depends on it


@dataclass(frozen=True, slots=True)
class Wait:
    """Where a queued run stands: runs that begin before it, and the seconds until it begins, None while unknown."""

    ahead: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Work:
    """What a run is to do: FLOPs of training, or seconds where those are its budget, and its last step."""

    flops: float | None
    seconds: float | None
    steps: int | None


class Queue:
    """The queue of a store, emptied by as many workers as `workers` says."""

    def __init__(self, store: Store, workers: Callable[[], int]) -> None:
        self.store, self.workers = store, workers
        self._lock, self._known, self._looked = threading.Lock(), dict[str, Wait](), -math.inf

    def look(self, asked: Iterable[str] = ()) -> Mapping[str, Wait]:
        """Every queued run that a worker may take, by id; recently, sooner where one that is `asked` about is new."""
        with self._lock:
            age = time.monotonic() - self._looked
            if age > FRESH or (age > SOON and any(id not in self._known for id in asked)):
                self._known = self._played()
                self._looked = time.monotonic()
            return self._known

    def _played(self) -> dict[str, Wait]:
        rows = [row for row in self.store.going() if row.state == "running" or row.worker is None]
        if not any(row.state == "queued" for row in rows):
            return {}
        rate = self._rate(rows)
        lasts = {row.id: self._left(row, rate) for row in rows}
        known = all(seconds is not None for seconds in lasts.values())
        guessed = {id: UNKNOWN if each is None else each for id, each in lasts.items()}
        order = play(rows, guessed, self.store.turns(), self.workers())
        return {id: Wait(place, seconds if known or not seconds else None) for place, (id, seconds) in enumerate(order)}

    def _rate(self, going: Iterable[RunRow]) -> float | None:
        """FLOPs a second and a run, the median over what was measured here last."""
        ended = [row for row in self.store.lately_finished(RECENT) if row.started and row.ended]
        rates = [self._pace(row, 1.0, row.ended - row.started) for row in ended if row.ended and row.started]
        running = [row for row in going if row.begun is not None and row.state == "running"]
        if not any(rates):
            rates = [self._pace(row, self._done(row), time.monotonic() - (row.begun or 0.0)) for row in running]
        measured = [rate for rate in rates if rate]
        return statistics.median(measured) if measured else None

    def _pace(self, row: RunRow, done: float, seconds: float) -> float | None:
        flops = self._work(row).flops
        return flops * done / seconds if flops and done >= BEGUN and seconds > 0 else None

    def _done(self, row: RunRow) -> float:
        steps = self._work(row).steps
        return min(1.0, row.step / steps) if steps else 0.0

    def _left(self, row: RunRow, rate: float | None) -> float | None:
        """Seconds that a run still takes."""
        work, since = self._work(row), time.monotonic() - (row.begun or time.monotonic())
        if work.seconds is not None:
            return max(0.0, work.seconds - since)
        return None if not rate or work.flops is None else work.flops * (1 - self._done(row)) / rate

    def _work(self, row: RunRow) -> Work:
        submitted = self.store.experiment(row.experiment)
        return Work(None, None, None) if submitted is None else _works(submitted.json)[row.variant]


def play(
    rows: Sequence[RunRow], lasts: Mapping[str, float], turns: Mapping[str, int], workers: int
) -> list[tuple[str, float]]:
    """The queued runs in the order in which workers will take them, and after how many seconds; `Store.claim`'s rule.

    Args:
        rows: all that is queued or running, in the order of the queue.
        lasts: the seconds that each still takes, by id.
        turns: of every owner who waits, when one of theirs was last taken.
        workers: how many there are.
    """
    running = [(lasts[row.id], row) for row in rows if row.state == "running"]
    waiting = [row for row in rows if row.state == "queued"]
    order: list[tuple[str, float]] = []
    served, now, turn = dict(turns), 0.0, max(turns.values(), default=0)
    while waiting:
        if len(running) >= max(workers, 1):
            running.sort(key=lambda each: each[0])
            now, _ = running.pop(0)
        owners, experiments = (Counter(getattr(row, of) for _, row in running) for of in ("owner", "experiment"))
        # Whose run a worker took since `rows` were read waits no more, and has no turn among `turns`.
        taken = min(waiting, key=lambda row: (owners[row.owner], served.get(row.owner, 0), experiments[row.experiment]))
        waiting.remove(taken)
        turn += 1
        served[taken.owner] = turn
        running.append((now + lasts[taken.id], taken))
        order.append((taken.id, now))
    return order


@lru_cache(maxsize=64)
def _works(json: str) -> tuple[Work, ...]:
    """What the runs of every variant are to do. The vocabulary is the one asked for: near enough."""
    experiment, found = from_json(json), []
    for variant in experiment.variants:
        recipe, shape = variant.recipe_in(experiment), variant.architecture.shape
        per_token = cost(variant.architecture, recipe.batch).training_flops_per_token
        tokens, steps = recipe.tokens_at(per_token), recipe.steps_at(per_token, recipe.batch * shape.context)
        found.append(Work(None if tokens is None else tokens * per_token, recipe.seconds, steps))
    return tuple(found)
