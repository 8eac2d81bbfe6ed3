"""What a run takes of a cluster: cores as its recipe says, of a GPU as much as its memory is predicted to need.

Knows numbers, no Ray.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from models.cost import cost
from models.text import Refusal, Text
from playground.experiment import Experiment

PROCESS = 2**29  # bytes of a GPU that a process takes before it trains anything
SPARE = 1.5  # times the predicted bytes: torch keeps what it frees
SHARES = 100  # that a GPU is dealt out in


@dataclass(frozen=True, slots=True)
class Node:
    """One machine of the cluster."""

    name: str
    cpus: float
    gpus: float
    gpu_bytes: int = 0  # of the smallest of its GPUs; 0: it has none

    def plain(self) -> dict[str, Any]:
        """As the page shows it."""
        return {"name": self.name, "cpus": self.cpus, "gpus": self.gpus}


@dataclass(frozen=True, slots=True)
class Demand:
    """What one task takes."""

    cpus: int
    gpus: float  # 0: it runs on the processor

    @property
    def device(self) -> str:
        """Where the run computes, as its settings have it."""
        return "cuda" if self.gpus else "cpu"


def gpu_bytes(device: str, nodes: Iterable[Node]) -> int:
    """Memory of the largest GPU that runs on `device` may take; 0 where they do not take one."""
    return 0 if device == "cpu" else max((node.gpu_bytes for node in nodes), default=0)


def demand(experiment: Experiment, variant: int, device: str, nodes: Iterable[Node], runs: int = 1) -> Demand:
    """What a task of so many of the variant's runs takes on these nodes; `auto` is a GPU where there is one.

    Raises:
        Refusal: no node has as many cores, or a GPU where one is asked for, or one with the memory.
    """
    chosen, known = experiment.variants[variant], [*nodes]
    recipe = chosen.recipe_in(experiment)
    cores = max((node.cpus for node in known), default=0)
    if recipe.threads > cores:
        raise Refusal(TOO_FEW_CORES.format(asked=recipe.threads, most=int(cores)), "recipe.threads")
    most = gpu_bytes(device, known)
    if device == "cuda" and not most:
        raise Refusal(NO_GPU, "device")
    if not most:
        return Demand(recipe.threads, 0.0)
    return Demand(recipe.threads, share(runs * cost(chosen.architecture, recipe.batch).training_bytes, most))


def share(training_bytes: int, gpu_bytes: int) -> float:
    """The share of a GPU that a run takes, in hundredths; raises `Refusal` where a whole one does not suffice."""
    needed = PROCESS + SPARE * training_bytes
    if PROCESS + training_bytes > gpu_bytes:
        raise Refusal(TOO_LARGE.format(needed=needed / 2**30, most=gpu_bytes / 2**30), "shape.width", "recipe.batch")
    return min(1.0, math.ceil(SHARES * needed / gpu_bytes) / SHARES)


TOO_FEW_CORES = Text(
    "A run with {asked} threads was asked for, and no node of the cluster has more than {most} cores. "
    "Lower recipe.threads, or add a node with more cores.",
    "单次训练要求 {asked} 个线程，而集群中没有一个节点超过 {most} 个核。请减小 recipe.threads，或加入核数更多的节点。",
)
NO_GPU = Text(
    "A GPU was asked for, and no node of the cluster has one. Choose the device cpu or auto, or add a node with a GPU.",
    "要求使用 GPU，但集群中没有带 GPU 的节点。请把设备改为 cpu 或 auto，或加入带 GPU 的节点。",
)
TOO_LARGE = Text(
    "Training this needs about {needed:.3g} GiB of GPU memory, and no node's GPU has more than {most:.3g} GiB. "
    "Make the model, the batch or the context smaller.",
    "训练预计需要约 {needed:.3g} GiB 显存，而集群节点的 GPU 最多只有 {most:.3g} GiB。请减小模型、批大小或上下文长度。",
)
