"""One run being trained: model, optimizer, counters and random stream, a step at a time. Says nothing; `train` does.

Losses stay on the device until `fetch` asks for them, so that a step never waits for one.
"""

import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from models.architecture import Architecture
from models.cost import cost
from models.initialize import initialize
from models.text import Text
from models.transformer import Transformer
from playground import optimizer
from playground.compiling import REFUSED, Compiling, autocast, compiled_loss
from playground.data import Task
from playground.device import synchronize
from playground.events import Beat, Overflowed
from playground.overflow import watch
from playground.randomness import Randomness
from playground.recipe import Recipe
from playground.runs import State, write_state
from playground.schedule import learning_rate, timed_learning_rate
from playground.snapshots import steps_to_keep

SAVING_SHARE = 0.03  # of a run's time, at most, that goes into saving its state


@dataclass(frozen=True, slots=True)
class Run:
    """One variant to be trained with one seed. `architecture` has the vocabulary of `task`."""

    architecture: Architecture
    recipe: Recipe
    seed: int
    task: Task
    device: str = "cpu"
    name: str = "run"
    folder: Path | None = None  # where the trained model is written; None: nowhere
    save_seconds: float | None = None  # between savings of its state, at least; None: only where the run ends
    inside: bool = False  # whether it is looked into as it goes
    snapshot_bytes: int = 0  # that snapshots of the weights may take in the folder; 0: none are taken

    @property
    def tokens_per_step(self) -> int:
        """Tokens read in one step."""
        return self.recipe.batch * self.task.context

    @property
    def flops_per_token(self) -> float:
        """Floating-point operations of training on one token."""
        return cost(self.architecture, self.recipe.batch).training_flops_per_token

    @property
    def steps(self) -> int | None:
        """Optimizer steps of the whole run, at least one; None where the budget is in seconds."""
        return self.recipe.steps_at(self.flops_per_token, self.tokens_per_step)

    @property
    def snapshots(self) -> tuple[int, ...]:
        """The steps after which the weights are kept, beside the last."""
        if self.folder is None or not self.snapshot_bytes:
            return ()
        return steps_to_keep(self.architecture, self.steps, self.snapshot_bytes)


@dataclass(slots=True)
class Segment:
    """The steps since the last fetch."""

    losses: list[Tensor] = field(default_factory=list)  # what was minimized
    cross_entropies: list[Tensor] = field(default_factory=list)
    grad_norms: list[Tensor] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the steps since the last fetch have shown."""

    first_bad: int | None  # the first step (counted from 1) whose loss was not finite
    train_loss: float | None  # mean cross-entropy of the finite steps before it, nats per token
    grad_norm: float | None  # the last finite one
    tokens_per_second: float
    overflow: Overflowed | None = None  # the first tensor that was not finite, where that is watched


class Training:
    """The state of a run. After `restore(state())` it goes on as if it had never stopped, to the bit on a CPU."""

    def __init__(self, run: Run) -> None:
        self.run, self.step, self.seconds, self.lr = run, 0, 0.0, 0.0
        self.steps = run.steps  # of the whole run, asked once: it is needed at every step
        self.restored = 0  # the step it began at
        self.segment = Segment()
        self.model = initialize(Transformer(run.architecture), run.seed).to(run.device).train()
        self.parameters = [*self.model.parameters()]
        self.optimizer = optimizer.build(self.model, run.recipe)
        self.random = Randomness(run.seed, run.device)
        self.watch = watch(self.model, run.recipe)
        self.loss = self.model.loss
        self.snapshots = frozenset(run.snapshots)
        self.compiling = Compiling(run) if run.recipe.compile == "auto" else None  # None: decided
        self.saved, self.saving = time.monotonic(), 0.0  # when the state was last saved, and how long that took
        self.company = 1  # runs whose steps are one

    @property
    def out_of_time(self) -> bool:
        """Is a budget in seconds used up?"""
        return self.run.recipe.seconds is not None and self.step > 0 and self.seconds >= self.run.recipe.seconds

    @property
    def due_to_be_saved(self) -> bool:
        """Is it time to save the state? Never so often that it takes a noticeable part of the run."""
        seconds, others_wait = self.run.save_seconds, self.company * self.saving
        return seconds is not None and time.monotonic() - self.saved >= max(seconds, others_wait / SAVING_SHARE)

    def save(self) -> None:
        """Write the state into the run's folder. What that takes is no time of training."""
        assert self.run.folder is not None
        begun = time.monotonic()
        write_state(self.run.folder, self.state())
        self.saved = time.monotonic()
        self.saving = self.saved - begun

    def advancing(self) -> Iterator[Beat]:
        """`advance`, and the word of it."""
        self.advance()
        yield Beat(self.step)

    def advance(self) -> None:
        """One optimizer step on the next batch."""
        begun = time.perf_counter()
        if self.watch is not None:
            self.watch.step = self.step + 1
        ids_BT, targets_BT = (part.to(self.run.device) for part in self.run.task.batch(self.run.seed, self.step))
        self.lr = self.rate()
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr
        with self.random.drawing(), self.precision():
            loss, cross_entropy = self.loss(ids_BT, targets_BT)
        loss.backward()
        norm = optimizer.clip(self.parameters, self.run.recipe.clip)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.stepped(loss, cross_entropy, norm, begun)

    def stepped(self, loss: Tensor, cross_entropy: Tensor, grad_norm: Tensor, begun: float) -> None:
        """Note what a step that began at `begun` (`perf_counter`) has shown."""
        self.segment.losses.append(loss.detach())
        self.segment.cross_entropies.append(cross_entropy.detach())
        self.segment.grad_norms.append(grad_norm)
        self.step += 1
        self._spend(begun)

    def fetch(self) -> Fetched:
        """Wait for the device, and read what the steps since the last fetch have shown."""
        begun = time.perf_counter()
        synchronize(self.run.device)
        losses, cross_entropies, norms = (_numbers(part) for part in _parts(self.segment))
        self._spend(begun)
        good = next((n for n, loss in enumerate(losses) if not math.isfinite(loss)), len(losses))
        tokens_per_second = len(losses) * self.run.tokens_per_step / self.segment.seconds
        first_bad = None if good == len(losses) else self.step - len(losses) + good + 1
        self.segment = Segment()
        finite_norms = [norm for norm in norms[: good + 1] if math.isfinite(norm)]
        overflow = self.watch.first() if self.watch is not None else None
        return Fetched(
            first_bad,
            sum(cross_entropies[:good]) / good if good else None,
            finite_norms[-1] if finite_norms else None,
            tokens_per_second,
            overflow,
        )

    def precision(self) -> AbstractContextManager[object]:
        """Inside, matrices are multiplied as the recipe asks for."""
        return autocast(self.run.device, self.run.recipe.precision)

    def compile(self) -> Text | None:
        """Train with the compiled model from here on, and return None; or say why that cannot be, or would not pay.

        Not to be asked twice.
        """
        compiling, self.compiling = self.compiling, None
        assert compiling is not None
        begun, drawn = time.perf_counter(), self.random.states
        batch = (part.to(self.run.device) for part in self.run.task.batch(self.run.seed, self.step))
        try:
            if reason := compiling.wait():
                return reason
            with self.random.drawing():
                self.loss = compiled_loss(self.model, self.run.recipe.precision, *batch)
        except RuntimeError as error:  # no compiler on this machine, or a model it cannot take
            return REFUSED.format(error=str(error).partition("\n")[0])
        finally:
            self.random.states = drawn
            self.optimizer.zero_grad()  # a pass that failed may have left some
            self._spend(begun)
        return None

    def close(self) -> None:
        """End what is being compiled for it, if anything is."""
        if self.compiling is not None:
            self.compiling.close()

    def state(self) -> State:
        """Everything that `restore` needs."""
        tensors = {f"model/{name}": parameter.detach() for name, parameter in self.model.named_parameters()}
        moments = optimizer.state_tensors(self.optimizer, self.model)
        tensors |= {f"optimizer/{name}": tensor for name, tensor in moments.items()}
        tensors |= {f"random/{name}": tensor for name, tensor in self.random.states.items()}
        for name, part in zip(Segment.__slots__, _parts(self.segment), strict=False):
            if part:
                tensors[f"segment/{name}"] = torch.stack(part)
        counters = {"step": self.step, "seconds": self.seconds, "lr": self.lr, "segment": self.segment.seconds}
        copies = {name: tensor.to("cpu", copy=True).contiguous() for name, tensor in tensors.items()}
        return State(copies, counters)

    def restore(self, state: State) -> None:
        """Be where `state` was taken."""
        kinds: dict[str, dict[str, Tensor]] = {"model": {}, "optimizer": {}, "random": {}, "segment": {}}
        for key, tensor in state.tensors.items():
            kind, _, name = key.partition("/")
            kinds[kind][name] = tensor
        with torch.no_grad():
            for name, parameter in self.model.named_parameters():
                parameter.copy_(kinds["model"][name])
        optimizer.load_state_tensors(self.optimizer, self.model, kinds["optimizer"])
        self.random.states = kinds["random"]
        self.step, self.seconds, self.lr = (state.counters[name] for name in ("step", "seconds", "lr"))
        self.restored = self.step
        parts = {name: [*stacked.to(self.run.device)] for name, stacked in kinds["segment"].items()}
        self.segment = Segment(**parts, seconds=state.counters["segment"])

    def rate(self) -> float:
        """The learning rate of the next step."""
        if self.steps is None:
            return timed_learning_rate(self.run.recipe, self.step, self.seconds)
        return learning_rate(self.run.recipe, self.step, self.steps)

    def _spend(self, since: float) -> None:
        spent = time.perf_counter() - since
        self.seconds += spent
        self.segment.seconds += spent


def _parts(segment: Segment) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    return segment.losses, segment.cross_entropies, segment.grad_norms


def _numbers(tensors: list[Tensor]) -> list[float]:
    return torch.stack(tensors).tolist() if tensors else []
