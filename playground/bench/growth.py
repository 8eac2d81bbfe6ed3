"""How a step's time grows: with layers, width, context, span and variants, one thing at a time. There is no peer.

Sizes take turns, so that whatever else the machine does falls on all of them. What a step multiplies is beside its
time, so that one sees where time follows the FLOPs and where it does not. `python -m scripts.growth` draws it.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from models.spelling import change
from models.systems import systems
from playground.bench.loops import SHAPES
from playground.bench.measure import Report, Spread, in_turns
from playground.bench.train import BEGINNING, EAGER, Engine, Pair, started
from playground.data import prepare
from playground.plan import fitted
from playground.recipe import Recipe
from playground.threads import threads
from playground.training import Run, Training

BASE = {"shape.layers": "4", "shape.width": "128", "shape.context": "64"}
TOKENS = 768  # in a step, whatever the context, unless one context is more
ROUNDS = 5
SPANS = {"full": {"span": "full"}} | {
    f"window {window}": {"span": "window", "span.window": str(window)} for window in (512, 256, 64, 16)
}
LONG = {"shape.layers": "2", "shape.context": "2048"}
SIZES: dict[str, dict[str, dict[str, str]]] = {
    "layers": {count: {"shape.layers": count} for count in ("1", "2", "4", "8")},
    "width": {width: {"shape.width": width} for width in ("64", "128", "256", "512")},
    "context": {length: {"shape.context": length} for length in ("64", "256", "768")},
    "span": {name: LONG | span for name, span in SPANS.items()},
}
SIDE_BY_SIDE = (1, 2, 3, 4)  # variants, a process and a thread each, as workers train them
SHAPE, STEPS = "width 128", 12  # theirs, and how many steps are taken in a turn
METRIC = "seconds_per_step"
CASES = (*SIZES, "variants")


def report(cases: Sequence[str] = CASES) -> Report:
    """Seconds a step, and the floating-point operations that the cost model counts in it.

    Of one thread it is the processor's time; of variants side by side, that until each has made its step.
    """
    found = Report()
    for case in cases:
        if case in SIZES:
            _add_sizes(found, case)
        else:
            _add_variants(found, case)
    return found


def _add_sizes(found: Report, case: str) -> None:
    with threads(1):
        runs = {size: _run(changes) for size, changes in SIZES[case].items()}
        for size, spread in in_turns({size: _stepping(run) for size, run in runs.items()}, ROUNDS).items():
            _row(found, case, size, spread, runs[size], 1)


def _add_variants(found: Report, case: str) -> None:
    with ExitStack() as stack:
        engines = {str(count): Engine(EAGER, tuple((str(n),) for n in range(count)), 1) for count in SIDE_BY_SIDE}
        groups = {size: stack.enter_context(started(engine, SHAPE, "fp32")) for size, engine in engines.items()}
        for group in groups.values():
            group.train(BEGINNING)
        run = SHAPES[SHAPE].run("fp32", "off", 0)
        for size, spread in in_turns({size: _all_stepping(group) for size, group in groups.items()}, ROUNDS).items():
            _row(found, case, size, spread, run, int(size))


def _row(found: Report, case: str, size: str, spread: Spread, run: Run, count: int) -> None:
    found.row(case, size, METRIC, spread)
    found.rows[-1]["flops_per_step"] = count * run.flops_per_token * run.tokens_per_step


def _all_stepping(group: Pair) -> Callable[[], float]:
    return lambda: group.train(STEPS) / STEPS


def _run(changes: dict[str, str]) -> Run:
    architecture = change(systems()["llama-3"].twin, BASE | changes)
    context = architecture.shape.context
    recipe = Recipe(batch=max(1, TOKENS // context))
    task = prepare(recipe.data, context=context, batch=recipe.batch)
    return Run(fitted(architecture, task), recipe, 0, task)


def _stepping(run: Run) -> Callable[[], float]:
    training = Training(run)

    def step() -> float:
        begun = time.process_time()  # of this process alone: what a machine does beside it counts less
        training.advance()
        return time.process_time() - begun

    return step
