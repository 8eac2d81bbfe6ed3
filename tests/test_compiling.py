"""When compiling pays, and that what is compiled ahead trains alike. One model is compiled for real."""

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from models.architecture import Architecture
from models.shape import Shape
from models.spelling import change
from models.systems import systems
from playground import compiling
from playground.compiling import COLD, NO_COMPILER, RATE, SAVED, SOON, WARM, Compiling, found_compiler, lasting, plan
from playground.data import prepare
from playground.events import Compiled, Event, Point
from playground.plan import fitted
from playground.recipe import Recipe
from playground.train import train
from playground.training import Run


def run(architecture: Architecture | None = None, **recipe: object) -> Run:
    architecture = architecture or systems()["llama-3"].twin
    task = prepare("recall", batch=4) if architecture.shape.layers == 1 else prepare("tales", context=64)
    given = Recipe.model_validate({"compile": "auto", **recipe})
    return Run(fitted(architecture, task), given, 0, task)


@pytest.mark.parametrize("warm", [False, True])
def test_a_run_is_compiled_where_that_saves_more_than_it_costs(warm: bool) -> None:
    given = run()
    a_step = given.flops_per_token * given.tokens_per_step / RATE
    cost = (WARM if warm else COLD) * 4
    swap = SOON if warm else SOON + math.ceil(cost / a_step)
    enough = swap + math.ceil(cost / (SAVED * a_step)) + 1
    for steps, step in ((enough, swap), (enough - 2, None)):
        assert plan(run(tokens=steps * given.tokens_per_step), warm).step == step
        seconds = steps * a_step
        assert plan(run(seconds=seconds), warm).step == step


def test_a_run_that_is_not_compiled_says_what_it_would_save_and_cost() -> None:
    assert str(plan(run(tokens=300), False).reason) == "compiling would save about 0 s and cost about 16 s"
    said = decided(run(tokens=2_000))
    assert said.step == 0 and said.reason.startswith("compiling would save about 0 s")


def test_a_longer_or_larger_run_is_never_compiled_less() -> None:
    wide = change(systems()["llama-3"].twin, {"shape.width": "256"})
    for architecture in (systems()["llama-3"].twin, wide):
        chosen = [plan(run(architecture, tokens=tokens), False).step is not None for tokens in (10**5, 10**6, 10**7)]
        assert chosen == sorted(chosen) and chosen[-1]
    assert plan(run(wide, tokens=10**6), False).step is not None


def test_without_a_compiler_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling.shutil, "which", lambda name: None)
    assert decided(run(tokens=5_000)) == Compiled(0, NO_COMPILER.en, NO_COMPILER.zh)


@pytest.mark.skipif(not found_compiler(), reason="there is no C++ compiler")
def test_compiled_ahead_it_trains_alike_and_the_next_run_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("playground.compiling.SAVED", math.inf)
    monkeypatch.setattr("playground.compiling.COLD", 1e-9)  # seconds: the swap follows at once
    small = Architecture(shape=Shape(layers=1, width=16, context=64))
    budget = 30 * 4 * prepare("recall", batch=4).context
    eager = losses(list(train(run(small, tokens=budget, batch=4, compile="off"))))
    first = list(train(run(small, tokens=budget, batch=4)))
    assert [event for event in first if isinstance(event, Compiled)] == [Compiled(SOON + 1)]
    assert losses(first)[:SOON] == eager[:SOON]
    assert losses(first) == pytest.approx(eager, rel=1e-3)
    assert Compiling(run(small, tokens=budget, batch=4)).warm
    assert not Compiling(run(small, tokens=budget, batch=8)).warm


def test_losses_outlive_the_next_step_of_a_cuda_graph_and_gradients_pass_through() -> None:
    """A CUDA graph's results lie where the next step's will: here they do, without one."""
    weight, memory = torch.tensor([2.0, 3.0], requires_grad=True), torch.empty(2)

    def graphed(ids_BT: Tensor, targets_BT: Tensor) -> tuple[Tensor, Tensor]:
        loss = (weight * ids_BT).sum()
        memory[:] = torch.stack([loss, targets_BT.sum()]).detach()
        loss.data = memory[0]
        return loss, memory[1]

    loss = lasting(graphed)
    first = loss(torch.tensor([1.0, 10.0]), torch.tensor([4.0]))
    second = loss(torch.tensor([2.0, 20.0]), torch.tensor([5.0]))
    assert [part.item() for part in (*first, *second)] == [32.0, 4.0, 64.0, 5.0]
    first[0].backward()
    assert weight.grad is not None and weight.grad.tolist() == [1.0, 10.0]


def decided(run: Run) -> Compiled:
    """What the run says of compiling, first of all."""
    return next(event for event in train(run) if isinstance(event, Compiled))


def losses(events: list[Event]) -> list[float | None]:
    return [event.train_loss for event in events if isinstance(event, Point)]
