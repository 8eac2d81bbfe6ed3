"""What architectures cost here: predicted beside measured, and where a step's time goes. A worker's job.

Predicted is what `models.cost` and `models.intensity` say before anything is built, and this machine's matrix rate and
bandwidth; measured is what a built model was seen to do, on one thread, variants in turns. Knows no page and no store.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from models.architecture import Architecture
from models.cost import BACKWARD, FLOAT_BYTES, cache_bytes, cost, parameters
from models.initialize import initialize
from models.intensity import Work, decode_work, prefill_work, training_work
from models.text import Refusal, Text
from models.transformer import Transformer
from playground import optimizer
from playground.bench.measure import Spread, machine, taking_turns
from playground.recipe import Recipe
from playground.shares import attention, profiled
from playground.threads import threads
from playground.throughput.bandwidth import MOST, read_bandwidth
from playground.throughput.job import name_of
from playground.throughput.matrix_rate import matrix_rate

JOB = "costing"
CACHED = 2**20  # bytes that stay in a processor's caches
ROUNDS = 7
LARGEST = 1e12  # FLOPs of a step: more takes minutes to be measured
TOKENS = 8  # written in a round
ACTIVITIES = ("training", "prefill", "decode")  # that are measured
TOGETHER = 64  # sequences written at once, on a roofline


def payload(architectures: Sequence[Architecture], batch: int) -> dict[str, Any]:
    """The job that measures these architectures here; `run` names what its result holds for."""
    described = [architecture.model_dump(mode="json") for architecture in architectures]
    return {"run": name_of(architectures, batch), "architectures": described, "batch": batch}


def costing_job(payload: dict[str, Any]) -> dict[str, Any]:
    """`measured` as a worker's job."""
    return measured([Architecture.model_validate(each) for each in payload["architectures"]], int(payload["batch"]))


def works(architecture: Architecture, batch: int) -> dict[str, Work]:
    """What each activity computes and moves.

    A step of `batch` contexts, one context read, one token after it, and one for each of `TOGETHER` such sequences.
    """
    context = architecture.shape.context
    return {
        "training": training_work(architecture, batch),
        "prefill": prefill_work(architecture, context),
        "decode": decode_work(architecture, context),
        "together": decode_work(architecture, context, TOGETHER),
    }


def check(architecture: Architecture, batch: int) -> None:
    """Raise `Refusal` where measuring would take too long."""
    flops = training_work(architecture, batch).flops
    if flops > LARGEST:
        raise Refusal(TOO_LARGE.format(flops=f"{flops:.1e}", most=f"{LARGEST:.0e}"), "shape.width", "recipe.batch")


def measured(architectures: Sequence[Architecture], batch: int) -> dict[str, Any]:
    """This machine's rates, and a row a variant: `counted`, what it `keeps`, `seconds` by activity, `shares` of time.

    Raises:
        Refusal: a variant whose step is too large.
    """
    for architecture in architectures:
        check(architecture, batch)
    with threads(1):
        subjects = [_Subject(architecture, batch) for architecture in architectures]
        here = {"flops": matrix_rate(), "bandwidth": read_bandwidth(MOST), "cached": read_bandwidth(CACHED)}
        rows = [subject.counted() for subject in subjects]
        for activity in ACTIVITIES:
            turns = taking_turns({str(n): partial(each.seconds, activity) for n, each in enumerate(subjects)}, ROUNDS)
            for number, found in turns.items():
                rows[int(number)]["seconds"][activity] = Spread.of(found).to_dict()
        for subject, row in zip(subjects, rows, strict=True):
            row["shares"] = {"fused": subject.shares(fused=True), "apart": subject.shares(fused=False)}
    return {"here": here, "variants": rows, "batch": batch, "rounds": ROUNDS, "machine": machine()}


def predicted(architecture: Architecture, batch: int, here: Mapping[str, float] | None) -> dict[str, Any]:
    """What is known before anything is built; `seconds` too where this machine's rates are known.

    FLOPs of a step with every score computed, as kernels do; on the roofline only those that the mask lets through.
    """
    costs, context = cost(architecture, batch), architecture.shape.context
    return {
        "parameters": costs.parameters,
        "flops": BACKWARD * costs.dense_flops.total * batch * context,
        "state_bytes": costs.state_bytes,
        "activation_bytes": costs.activation_bytes,
        "cache_bytes": cache_bytes(architecture, context),
        "works": {
            name: {"flops": work.flops, "numbers": work.numbers} for name, work in works(architecture, batch).items()
        },
        "seconds": {name: bound(work, here) for name, work in works(architecture, batch).items()} if here else None,
    }


def bound(work: Work, here: Mapping[str, float]) -> float:
    """The least seconds that it can take: computing and moving at once, each at its best."""
    size = work.numbers * FLOAT_BYTES
    return max(work.flops / here["flops"], size / here["cached" if size <= CACHED else "bandwidth"])


class _Subject:
    """One variant, built, with an optimizer and a batch."""

    def __init__(self, architecture: Architecture, batch: int) -> None:
        shape = architecture.shape
        self.architecture, self.batch = architecture, batch
        self.model = initialize(Transformer(architecture), seed=0).train()
        self.optimizer = optimizer.build(self.model, Recipe())
        self.ids_BT = torch.arange(batch * shape.context).reshape(batch, shape.context) % shape.vocabulary
        self._work: dict[str, Callable[[], None]] = {"training": self.step, "prefill": self.read, "decode": self.write}

    def forward_backward(self) -> None:
        self.model.loss(self.ids_BT, self.ids_BT)[0].backward()

    def update(self) -> None:
        self.optimizer.step()
        self.optimizer.zero_grad()

    def step(self) -> None:
        self.forward_backward()
        self.update()

    @torch.inference_mode()
    def read(self) -> None:
        self.model(self.ids_BT[:1])

    def write(self) -> None:
        cache = self.cache
        positions_T = torch.arange(self.architecture.shape.context - 1, self.architecture.shape.context)
        with torch.inference_mode():
            for _ in range(TOKENS):
                self.model.step(self.ids_BT[:1, -1:], positions_T, cache)

    @cached_property
    @torch.inference_mode()
    def cache(self) -> Any:
        """Of all of a context but its last token, which is then written again and again."""
        before = self.architecture.shape.context - 1
        return self.model.step(self.ids_BT[:1, :before], torch.arange(before), None)[1] if before else None

    def seconds(self, activity: str) -> float:
        """Of one step, one context read, or one token."""
        begun = time.perf_counter()
        self._work[activity]()
        return (time.perf_counter() - begun) / (TOKENS if activity == "decode" else 1)

    def counted(self) -> dict[str, Any]:
        """What needs no clock: parameters, FLOPs as torch counts them, bytes that are held."""
        kept = _Kept(self.model)
        with kept:
            self.forward_backward()
        with FlopCounterMode(display=False) as counter, attention(fused=False):  # it knows no fused kernel of the CPU
            self.forward_backward()
        self.optimizer.step()
        held = [*self.model.parameters(), *(p.grad for p in self.model.parameters() if p.grad is not None)]
        held += [each for state in self.optimizer.state.values() for each in state.values() if each.numel() > 1]
        self.optimizer.zero_grad()
        with torch.inference_mode():
            whole = self.model.step(self.ids_BT[:1], torch.arange(self.ids_BT.shape[1]), None)[1]
        return {
            "parameters": sum(parameter.numel() for parameter in self.model.parameters()),
            "flops": counter.get_total_flops(),
            "state_bytes": sum(tensor.nbytes for tensor in held),
            "activation_bytes": kept.bytes,
            "cache_bytes": sum(tensor.nbytes for pair in whole for tensor in pair),
            "seconds": {},
        }

    def shares(self, fused: bool) -> list[dict[str, Any]]:
        """See `profiled`; warmed by one step."""
        self.step()
        return profiled(self.forward_backward, self.update, parameters(self.architecture), fused)


class _Kept(torch.autograd.graph.saved_tensors_hooks):
    """Counts the bytes that autograd keeps for backward, each once, parameters left out."""

    def __init__(self, model: nn.Module) -> None:
        self._sizes: dict[int, int] = {}
        self._own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
        super().__init__(self._note, lambda tensor: tensor)

    @property
    def bytes(self) -> int:
        """So far."""
        return sum(self._sizes.values())

    def _note(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in self._own:
            self._sizes[storage.data_ptr()] = storage.nbytes()
        return tensor


TOO_LARGE = Text(
    "A step of {flops} FLOPs takes too long to be measured here; up to {most} can be. Predictions need no measuring.",
    "一步需要 {flops} FLOPs，在这里测量太久；最多可测 {most}。预测值无需测量。",
)
