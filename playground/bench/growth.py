"""How a step's time grows: with layers, width, context and span, one thing at a time, one thread. There is no peer.

Sizes take turns, so that whatever else the machine does falls on all of them. What a step multiplies is beside its
time, so that one sees where time follows the FLOPs and where it does not.
"""

import time
from collections.abc import Callable, Sequence

from models.spelling import change
from models.systems import systems
from playground.bench.measure import Report, in_turns
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
CASES = tuple(SIZES)


def report(cases: Sequence[str] = CASES) -> Report:
    """Seconds a step, and the floating-point operations that the cost model counts in it."""
    found = Report()
    with threads(1):
        for case in cases:
            runs = {size: _run(changes) for size, changes in SIZES[case].items()}
            for size, spread in in_turns({size: _stepping(run) for size, run in runs.items()}, ROUNDS).items():
                found.row(case, size, "seconds_per_step", spread)
                found.rows[-1]["flops_per_step"] = runs[size].flops_per_token * runs[size].tokens_per_step
    return found


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
