"""A measurement as a worker leaves it in the store: real bytes of three ways to keep a cache, invented seconds."""

from pathlib import Path
from typing import Any

from models.architecture import Architecture
from models.cost import parameters
from playground import link
from playground.bench.measure import machine
from playground.home import Home
from playground.store import Store
from playground.throughput.engines import Engine
from playground.throughput.job import JOB, payload
from playground.throughput.measure import SIZES, Rival, Round

HEADS, WINDOW = 4, 16
QUERY = (
    f"a=llama-3,heads.query={HEADS},heads.kv={HEADS}&b=llama-3,heads.query={HEADS},heads.kv=1"
    f"&c=llama-3,heads.query={HEADS},heads.kv={HEADS},span=window,span.window={WINDOW}"
)
STEP = {"torch": 4e-3, "fp32": 1e-3, "int8": 8e-4, "int4": 5e-4}  # seconds a token of variant A


def plant(folder: Path) -> None:
    """Into the home in `folder`, for the variants of `QUERY`."""
    architectures = [variant.architecture for variant in link.read(QUERY)[0].variants]
    store = Store(Home(folder).database)
    id = store.add_job(JOB, payload(architectures, folder))
    assert store.claim_job("test") is not None
    store.end_job(id, "finished", found(architectures))
    store.close()


def found(architectures: list[Architecture]) -> dict[str, Any]:
    """What was found: B writes twice as fast as A, C four times."""
    rows = [
        Rival(variant, Engine(engine, lambda ids, cache: (ids, cache), 4 * parameters(made)), made).row(
            size, [Round(0.1 * more, (more * seconds / 2**variant,) * 4) for more in (0.9, 1.0, 1.2)]
        )
        for size in SIZES[:-1]
        for variant, made in enumerate(architectures)
        for engine, seconds in STEP.items()
    ]
    last = SIZES[-1]
    return {
        "threads": 1,
        "tokens": 4,
        "load": 0.5,
        "machine": machine(),
        "rows": rows,
        "left_out": [{"context": last.context, "batch": last.batch}],
        "compiling": [],
        "done": len(SIZES),
        "sizes": len(SIZES),
    }
