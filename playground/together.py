"""Several seeds of one variant, a step of all of them at once. Knows no store, and nothing of what runs say.

The R runs' weights, gradients and moments lie in common tensors [R, …]; every run's own model and optimizer are windows
onto its part. So all but the step itself goes on as in a run alone, and the losses agree with that run's within
rounding. Meant for devices that one run's step leaves idle.
"""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from models.architecture import Architecture
from models.cost import cost
from models.transformer import Transformer
from playground import optimizer
from playground.device import synchronize
from playground.events import Beat
from playground.recipe import Recipe
from playground.training import Run, Training

MOST = 8  # runs in one step
FULL = 3e11  # FLOPs of a step that keeps a GPU busy by itself; a guess, no GPU was at hand
MOMENTS = ("exp_avg", "exp_avg_sq")  # as AdamW's state names them
SPARE = 8.0  # times the predicted bytes: every worker may begin as many at once, and maps of attention come on top
given_up: set[tuple[Architecture, int, str]] = set()  # whose common step broke off in this process: see `_kind`

HELD = "held"  # what a run says that somebody has paused
Value = TypeVar("Value")


def seats(architecture: Architecture, recipe: Recipe, gpu_bytes: int) -> int:
    """How many seeds of a variant are best trained in one step, on a device with so much memory; 1: each by itself.

    Never on a processor (`gpu_bytes` 0), where the common step gains nothing (docs/benchmarks.md) and a run by itself
    can be repeated to the bit. Nor where a run ends by the clock, is compiled, is watched for overflow, or draws random
    numbers as it goes, since these are its own.
    """
    own = recipe.seconds is not None or recipe.compile != "off" or recipe.precision == "fp16"
    if not gpu_bytes or own or architecture.dropout.rate or _kind(architecture, recipe) in given_up:
        return 1
    costs = cost(architecture, recipe.batch)
    flops = costs.training_flops_per_token * recipe.batch * architecture.shape.context
    return max(1, min(MOST, int(FULL / flops), int(gpu_bytes / (SPARE * costs.training_bytes))))


def _kind(architecture: Architecture, recipe: Recipe) -> tuple[Architecture, int, str]:
    return architecture, recipe.batch, recipe.precision


class Seat(Training):
    """A run that asks for its steps instead of taking them, until it is `alone`."""

    def __init__(self, run: Run, together: "Together") -> None:
        super().__init__(run)
        self.together, self.alone = together, together.runs == 1
        self.company = together.runs

    def advancing(self) -> Iterator[Beat]:
        """Ask for the next step, which is taken once all have asked; or take it."""
        if not self.alone:
            step = self.step
            self.together.asking.append(self)
            while not self.alone and self.step == step:
                yield Beat(step)
            if self.step > step:
                yield Beat(self.step)
                return
        yield from super().advancing()


@dataclass(slots=True, eq=False)
class _Turn(Generic[Value]):
    """One of the runs that `Together` pulls, and what the others have to know of it."""

    number: int
    run: Iterator[Value]
    seat: Seat | None = None  # which has asked for a step that is not taken yet
    held: bool = False  # somebody has paused it
    parted: bool = False  # it goes on alone, and nobody waits for it
    ended: bool = False

    @property
    def ready(self) -> bool:
        """May the others take their step without waiting for it?"""
        return not self.held and (self.seat is not None or self.parted)

    def answered(self) -> None:
        """The step that it asked for was taken, or it was told to go on alone."""
        self.parted = self.parted or (self.seat is not None and self.seat.alone)
        self.seat = None


class Together:
    """Where so many runs of one variant meet: they are pulled in turns, and step when all that go on have asked."""

    def __init__(self, runs: int) -> None:
        self.runs = runs
        self.asking: list[Seat] = []
        self.common: Common | None = None

    def turns(self, runs: Sequence[Iterator[Value]]) -> Iterator[tuple[int, Value]]:
        """Pull the runs to their ends; yields what they yield, each with its number.

        One that is held lets the others come as far; then it is asked again and again. Those that have parted are
        pulled a value at a time, and nobody waits for them.
        """
        going = [_Turn(number, run) for number, run in enumerate(runs)]
        while going:
            for turn in going:
                if turn.seat is None or turn.held:
                    yield from self._pull(turn)
            going = [turn for turn in going if not turn.ended]
            if all(turn.ready for turn in going):
                self.step()
                for turn in going:
                    turn.answered()
        self.common = None  # it knows the seats, and they know it: nothing else would free the weights at once

    def _pull(self, turn: _Turn[Value]) -> Iterator[tuple[int, Value]]:
        """What a run says until it asks for a step, is held or ends; of one that has parted, the next value alone."""
        while True:
            asked = len(self.asking)
            try:
                value = next(turn.run)
            except StopIteration:
                turn.ended = True
                self.asking = [seat for seat in self.asking if seat is not turn.seat]
                return
            if len(self.asking) > asked:  # a seat asks by putting itself on the list
                turn.seat = self.asking[-1]
            turn.held = value == HELD
            yield turn.number, value
            if turn.seat is not None or turn.held or turn.parted:
                return

    def step(self) -> None:
        """Take the step that was asked for. One who is left, or at another step than the first, goes on alone."""
        asking, self.asking = self.asking, []
        members = [seat for seat in asking if seat.step == asking[0].step]
        if len(members) < 2 or not self._stepped(members):
            members = []
        for seat in asking:
            if seat not in members:
                _part(seat)

    def _stepped(self, members: Sequence[Seat]) -> bool:
        try:
            self.common = self.common or Common(members)
            self.common.step(members)
        except Exception as error:  # memory ran out, or a model that cannot be taken so: each will say so itself
            print(f"these runs go on one by one: {error}", file=sys.stderr)
            given_up.add(_kind(members[0].run.architecture, members[0].run.recipe))
            self.common = None
            return False
        return True


class Common:
    """What R runs have in common: their weights, one optimizer, and the seats in the order of their rows."""

    def __init__(self, seats: Sequence[Seat]) -> None:
        self.seats, first = seats, seats[0]
        self.loss = _Loss(first.model)
        each = [dict(seat.model.named_parameters()) for seat in seats]
        self.weights = {name: _stacked([one[name] for one in each]) for name in each[0]}
        self.optimizer = optimizer.build(first.model, first.run.recipe, self.weights)
        for name, weight in self.weights.items():
            self._share(weight, [one[name] for one in each])

    def step(self, asking: Sequence[Seat]) -> None:
        """One optimizer step of every row; those that do not ask any more are carried along, and heard no more."""
        begun, first = time.perf_counter(), asking[0]
        batches = [seat.run.task.batch(seat.run.seed, first.step) for seat in self.seats]
        ids_RBT, targets_RBT = (torch.stack(part).to(first.run.device) for part in zip(*batches, strict=True))
        # Inside vmap no kernel of CUDA's sees that gradients will be asked for, so what they need is not kept.
        with first.precision(), sdpa_kernel(SDPBackend.MATH):
            losses_R, cross_entropies_R = vmap(self._of_row)(self.weights, ids_RBT, targets_RBT)
        losses_R.sum().backward()
        norms_R = _clip([*self.weights.values()], first.run.recipe.clip)
        rate = first.rate()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad()
        synchronize(first.run.device)  # else the first to ask for its numbers would be charged for all
        for row, seat in enumerate(self.seats):
            if seat in asking:
                seat.lr = rate
                seat.stepped(losses_R[row], cross_entropies_R[row], norms_R[row], begun)

    def _of_row(self, weights: Mapping[str, Tensor], ids_BT: Tensor, targets_BT: Tensor) -> tuple[Tensor, Tensor]:
        named = {f"model.{name}": weight for name, weight in weights.items()}
        loss, cross_entropy = functional_call(self.loss, named, (ids_BT, targets_BT))
        return loss, cross_entropy

    def _share(self, weight: Tensor, parameters: Sequence[nn.Parameter]) -> None:
        """Make every run's parameter and its moments a row of the common ones."""
        runs = [*zip(self.seats, parameters, strict=True)]
        rows = [_moments(seat.optimizer, parameter) for seat, parameter in runs]
        common = {name: torch.stack([row[name] for row in rows]) for name in MOMENTS}
        steps = torch.tensor(float(self.seats[0].step), device=weight.device)
        self.optimizer.state[weight] = {"step": steps, **common}
        for row, (seat, parameter) in enumerate(runs):
            parameter.data = weight.data[row]
            windows = {name: tensor[row] for name, tensor in common.items()}
            seat.optimizer.state[parameter] = {"step": steps, **windows}


class _Loss(nn.Module):
    """A model's loss as a forward pass, which is what `functional_call` calls."""

    def __init__(self, model: Transformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids_BT: Tensor, targets_BT: Tensor) -> tuple[Tensor, Tensor]:
        return self.model.loss(ids_BT, targets_BT)


def _moments(adam: torch.optim.Optimizer, parameter: Tensor) -> dict[str, Tensor]:
    """AdamW's running means for a parameter, as it begins where there are none yet."""
    state = adam.state.get(parameter) or {}
    return {name: state.get(name, torch.zeros_like(parameter)) for name in MOMENTS}


def _stacked(parameters: Sequence[Tensor]) -> Tensor:
    return torch.stack([parameter.detach() for parameter in parameters]).requires_grad_()


def _clip(weights: Sequence[Tensor], limit: float | None) -> Tensor:
    """`optimizer.clip`, row by row: the norms [R] of the gradients before they are scaled down."""
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    norms_R = torch.stack([gradient.flatten(1).norm(dim=1) for gradient in gradients]).norm(dim=0)
    if limit is not None:
        factors_R = (limit / (norms_R + 1e-6)).clamp(max=1.0)
        torch._foreach_mul_(gradients, [factors_R.view(-1, *[1] * (one.dim() - 1)) for one in gradients])
    return norms_R


def _part(seat: Seat) -> None:
    """Let the run go on by itself: from here on its steps are counted by its own optimizer."""
    seat.alone, seat.company = True, 1
    for state in seat.optimizer.state.values():
        state["step"] = state["step"].clone()
