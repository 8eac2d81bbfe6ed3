"""What five seeds of a variant cost in one step, beside one seed, and beside five steps of their own.

On a GPU where there is one, else on a thread of the processor: whether `playground.together` pays is decided by this.
"""

import time
from collections.abc import Callable, Sequence

from models.spelling import change
from models.systems import systems
from playground.bench.measure import Report, in_turns
from playground.data import prepare
from playground.device import choose, describe, synchronize
from playground.plan import fitted
from playground.recipe import Recipe
from playground.threads import threads
from playground.together import Seat, Together
from playground.training import Run, Training

SEEDS, STEPS, ROUNDS = 5, 5, 9
CASES = ("width 16, 2 layers", "width 32", "width 64", "width 128", "width 256")
METRIC = "seconds_per_step"


def report(cases: Sequence[str] = CASES) -> Report:
    """Seconds until every seed has made its step: of one, of all in one step, of all by themselves."""
    found, device = Report(), choose()
    with threads(1):
        for case in cases:
            runs = [_run(case, seed, device) for seed in range(SEEDS)]
            rivals = {"one seed": _apart(runs[:1]), "together": _together(runs), "one by one": _apart(runs)}
            found.add(f"{case}, {describe(device)}", METRIC, in_turns(rivals, ROUNDS), ours="together")
    return found


def _run(case: str, seed: int, device: str) -> Run:
    width, _, layers = case.removeprefix("width ").removesuffix(" layers").partition(", ")
    shape = {"shape.width": width, "shape.layers": layers or "4", "shape.context": "64"}
    architecture = change(systems()["llama-3"].twin, shape | {"heads.query": "4", "heads.kv": "4"})
    task = prepare(Recipe().data, context=64, batch=Recipe().batch)
    return Run(fitted(architecture, task), Recipe(), seed, task, device)


def _apart(runs: Sequence[Run]) -> Callable[[], float]:
    trainings = [Training(run) for run in runs]
    return lambda: _timed(lambda: [training.advance() for training in trainings], runs[0].device)


def _together(runs: Sequence[Run]) -> Callable[[], float]:
    meeting = Together(len(runs))
    seats = [Seat(run, meeting) for run in runs]

    def step() -> None:
        meeting.asking += seats
        meeting.step()
        assert not any(seat.alone for seat in seats), "it is not one step"

    return lambda: _timed(step, runs[0].device)


def _timed(step: Callable[[], object], device: str) -> float:
    clock = time.process_time if device == "cpu" else time.perf_counter  # what else the machine does counts less
    step()
    synchronize(device)
    begun = clock()
    for _ in range(STEPS):
        step()
    synchronize(device)
    return (clock() - begun) / STEPS
