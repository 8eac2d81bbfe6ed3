"""Training speed: two runs side by side on two cores, as the workers train them, beside a plain loop over transformers.

The peer trains the same two models in both layouts that a person would try: a process with one thread each, and one
process that lets both take turns on two threads. The ratio that counts is that to the faster one.
"""

import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import torch

from playground.bench.loops import COMPILED, SHAPES
from playground.bench.measure import Report, Spread, paired, taking_turns
from playground.threads import threads

OURS, EAGER = "playground, compiled", "playground, eager"
PEERS = ("transformers, two processes", "transformers, two threads")
SEEDS = ("0", "1")
ROUNDS = 9
SECONDS = 1.5  # about, that an engine trains in a round
BEGINNING = 12  # steps before any is measured: ours are compiled within them
CASES = tuple(f"{shape} {precision}" for shape in SHAPES for precision in ("fp32", "bf16"))
METRIC = "tokens_per_second"
TRIED = 3  # steps by which a round's length is found
SIZE = 1024


@dataclass(frozen=True, slots=True)
class Engine:
    """A loop, and how two runs are laid out: the seeds of every process, and its threads."""

    loop: str
    processes: tuple[tuple[str, ...], ...]
    threads: int


APART = (("0",), ("1",))
ENGINES = {
    OURS: Engine(OURS, APART, 1),
    EAGER: Engine(EAGER, APART, 1),
    PEERS[0]: Engine("transformers", APART, 1),
    PEERS[1]: Engine("transformers", (SEEDS,), 2),
}


def report(cases: Sequence[str] = CASES) -> Report:
    """Tokens a second of both runs together, ratios in pairs, losses after the same tokens, the rate of matrices."""
    found = Report()
    for precision, rate in matrix_rates().items():
        found.row(f"matrices {SIZE} x {SIZE}", f"torch, one thread, {precision}", "gflops", rate)
    engines = dict(ENGINES)
    if find_spec("transformers") is None:
        found.not_run["transformers"] = "not installed: see requirements-bench.txt"
        engines = {name: engine for name, engine in engines.items() if name not in PEERS}
    for case in cases:
        _add(found, case, engines)
    return found


def _add(found: Report, case: str, engines: Mapping[str, Engine]) -> None:
    shape, _, precision = case.rpartition(" ")
    with ExitStack() as stack:
        pairs = {name: stack.enter_context(started(engine, shape, precision)) for name, engine in engines.items()}
        for pair in pairs.values():
            pair.train(BEGINNING)
        steps = max(1, round(TRIED * SECONDS / min(pair.train(TRIED) for pair in pairs.values())))
        tokens = steps * SHAPES[shape].tokens * len(SEEDS)

        def rival(pair: "Pair") -> Callable[[], float]:
            return lambda: tokens / pair.train(steps)

        speeds = taking_turns({name: rival(pair) for name, pair in pairs.items()}, ROUNDS)
        about = {name: pair.about() for name, pair in pairs.items()}
    found.add(case, METRIC, {name: Spread.of(values) for name, values in speeds.items()}, ours=OURS)
    for name, values in speeds.items():
        if name != OURS:
            found.row(case, f"{OURS}/{name}", "paired_ratio", paired(speeds[OURS], values))
    if unfit := [run["compiled"] for run in about[OURS] if not run["compiled"].startswith(COMPILED)]:
        found.not_run[f"{case}: {OURS}"] = f"not compiled, so eager as well: {unfit[0]}"
    _add_losses(found, case, about)


def _add_losses(found: Report, case: str, about: Mapping[str, list[dict[str, Any]]]) -> None:
    """Every engine's loss, and how far it is from the eager one, run by run; beside it, how far seeds are apart.

    Raises:
        AssertionError: an engine does other work than the others, since its loss is farther off than a seed's would be.
    """
    curves = {name: [run["losses"] for run in runs] for name, runs in about.items()}
    apart = [one - other for one, other in zip(*curves[EAGER], strict=True)]
    noise = math.sqrt(statistics.mean(difference**2 for difference in apart) / 2)
    found.row(case, "seeds", "loss_noise", Spread.of([noise]))
    for name, runs in curves.items():
        found.row(case, name, "loss", Spread.of(statistics.mean(losses) for losses in runs))
        off = max(
            abs(statistics.mean(one) - statistics.mean(other)) for one, other in zip(runs, curves[EAGER], strict=True)
        )
        found.row(case, name, "loss_from_eager", Spread.of([off]))
        if off > noise:
            raise AssertionError(
                f"{case}: the loss of {name} is {off:.4f} from ours, seeds {noise:.4f} from each other"
            )


class Pair:
    """Both runs of an engine, in processes of their own."""

    def __init__(self, engine: Engine, shape: str, precision: str) -> None:
        command = [sys.executable, "-m", "playground.bench.loops", engine.loop, shape, precision, str(engine.threads)]
        environment = os.environ | {"OMP_NUM_THREADS": str(engine.threads)}
        self.processes = [
            subprocess.Popen(
                [*command, *seeds], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
            )
            for seeds in engine.processes
        ]

    def train(self, steps: int) -> float:
        """Train both runs by as many steps; the seconds until both have."""
        begun = time.perf_counter()
        self._ask(str(steps))
        return time.perf_counter() - begun

    def about(self) -> list[dict[str, Any]]:
        """What is known of every run, in the order of the seeds."""
        return [run for answer in self._ask("loss") for run in answer]

    def _ask(self, demand: str) -> list[Any]:
        for process in self.processes:
            assert process.stdin is not None
            print(demand, file=process.stdin, flush=True)
        return [json.loads(_line(process)) for process in self.processes]

    def close(self) -> None:
        """End the processes."""
        for process in self.processes:
            process.kill()
            process.communicate()


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    if line := process.stdout.readline():
        return line
    raise RuntimeError(f"{process.args} ended with {process.wait()}")


@contextmanager
def started(engine: Engine, shape: str, precision: str) -> Iterator[Pair]:
    """An engine's processes while they are needed."""
    pair = Pair(engine, shape, precision)
    try:
        yield pair
    finally:
        pair.close()


def matrix_rates() -> dict[str, Spread]:
    """GFLOP/s of one thread that multiplies matrices and does nothing else, by precision: what no training exceeds."""
    with threads(1):
        return {name: _rate(dtype) for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16))}


def _rate(dtype: torch.dtype) -> Spread:
    one, other = (torch.randn(SIZE, SIZE).to(dtype) for _ in range(2))
    rates = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        torch.mm(one, other)
        rates.append(2 * SIZE**3 / (time.perf_counter() - begun) / 1e9)
    return Spread.of(rates[1:])
