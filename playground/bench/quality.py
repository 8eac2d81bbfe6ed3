"""What the default budget reaches, and how long it takes: losses, and how much of the samples is language.

Both languages of the tales, the page's default pair, one seed. There is no peer to measure; the grammar is the judge.
"""

import statistics
import tempfile
import time
from pathlib import Path

from playground import link
from playground.bench.measure import Report, Spread
from playground.data import sources
from playground.follow import Snapshot, ended
from playground.home import Home
from playground.pool import WorkerPool
from playground.store import Store

PAIR = "v=1&a=gpt-2&b=llama-3"
TALES = ("tales", "tales-zh")
READY = 120.0  # seconds


def report() -> Report:
    """Losses, seconds from Train to the end, and shares of words and sentences that are in the grammar."""
    found = Report()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        store = Store(home.database)
        with WorkerPool(home.database, lock=home.lock) as pool:
            pool.wait_until_ready(READY)
            for data in TALES:
                _add(found, data, *_trained(store, home, f"{PAIR}&recipe.data={data}"))
        store.close()
    return found


def _trained(store: Store, home: Home, query: str) -> tuple[Snapshot, float]:
    experiment, notes = link.read(query)
    assert not notes, notes
    begun = time.perf_counter()
    last = ended(store, store.submit(experiment.model_dump_json(), experiment.runs(), home.runs))
    return last, time.perf_counter() - begun


def _add(found: Report, data: str, last: Snapshot, seconds: float) -> None:
    _row(found, data, "pair", "seconds", seconds)
    for name, run in zip(("gpt-2", "llama-3"), last["runs"], strict=True):
        _row(found, data, name, "val_loss", run["finished"]["val_loss"])
        _row(found, data, name, "training_tokens_per_second", Spread.of(run["tokens_per_second"]).median)
        for metric, share in _language(data, run["sampled"]["texts"]).items():
            _row(found, data, name, metric, share)


def _language(data: str, texts: list[str]) -> dict[str, float]:
    """Shares in [0, 1], the mean over the samples; a sentence that a sample's end cuts off is not judged."""
    scores = [score for text in texts if (score := sources()[data].score(text))]
    return {metric: statistics.mean(score[metric] for score in scores) for metric in scores[0]}


def _row(found: Report, case: str, engine: str, metric: str, value: float) -> None:
    found.add(case, metric, {engine: Spread.of([value])}, ours=engine)
