"""Compiling a run: whether it pays, from which step on, and a process that does it ahead while training goes on.

The rule reads sizes, never the clock: how long a step takes and what compiling costs are written below as they were
measured on one machine. On a slower one both grow, so what pays remains what pays. The step of the swap thus follows
from architecture, recipe and whether the same was compiled here before.

What was compiled stays in inductor's cache, which outlives the process. It is filled by a process of its own: here, a
compiler would stop training wherever it holds the interpreter, and draw from torch's random stream.
"""

import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from models.architecture import Architecture
from models.text import Text
from models.transformer import Transformer

if TYPE_CHECKING:
    from playground.training import Run

PRECISIONS = {"bf16": torch.bfloat16, "fp16": torch.float16}
Loss = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]

# Measured on two cores of a Xeon with AVX-512 (docs/benchmarks.md); elsewhere, estimates.
RATE = 60e9  # FLOP/s of an eager step
SAVED = 0.2  # of a step's time: in float32 0.27 at width 128 and 0.16 at 256, in bfloat16 (on an EPYC) 0.26 and 0.17
COLD, WARM = 4.0, 0.75  # seconds a layer, the first time (4 layers: 10.7 to 15.5 in all) and from the cache (a guess)
SOON = 10  # steps: the first points come at once
GRAPHED_PASSES = 3  # of a CUDA graph: warmed, recorded, replayed; what fails in one of them is no step of the run

NOT_WORTH_IT = Text(
    "compiling would save about {saving} s and cost about {cost} s", "编译约可节省 {saving} 秒，却要花费约 {cost} 秒"
)
NO_COMPILER = Text("there is no C++ compiler (g++, clang++)", "本机没有 C++ 编译器（g++、clang++）")
ENDED = Text("the compiler ended with {code}", "编译器以代码 {code} 退出")
REFUSED = Text("torch says: {error}", "torch 报告：{error}")


@dataclass(frozen=True, slots=True)
class Plan:
    """The step after which the compiled model trains, or why it never does."""

    step: int | None
    reason: Text | None = None


def plan(run: "Run", warm: bool) -> Plan:
    """Compile where that saves more than it costs; `warm`: the same was compiled here before."""
    seconds_a_step = run.flops_per_token * run.tokens_per_step / RATE
    layers = run.architecture.shape.layers
    cost = (WARM if warm else COLD) * layers
    step = SOON if warm else SOON + math.ceil(cost / seconds_a_step)
    whole = run.recipe.seconds if run.steps is None else run.steps * seconds_a_step
    assert whole is not None
    saving = SAVED * max(0.0, whole - step * seconds_a_step)
    if saving > cost:
        return Plan(step)
    return Plan(None, NOT_WORTH_IT.format(saving=f"{saving:.0f}", cost=f"{cost:.0f}"))


def found_compiler() -> bool:
    """Is there a C++ compiler on this machine?"""
    return any(shutil.which(name) for name in filter(None, (os.environ.get("CXX"), "g++", "clang++", "cl")))


class Compiling:
    """What becomes of one run's `compile=auto`: asked before every step, it says when the swap is due."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.child: subprocess.Popen[str] | None = None
        self.mark = _mark(run)
        self.warm = self.mark.exists()
        self.plan = plan(run, self.warm) if found_compiler() else Plan(None, NO_COMPILER)

    def due(self, step: int) -> bool:
        """Is it decided after `step` steps? Until then, what is not in the cache is compiled ahead."""
        if self.plan.step is None or step >= self.plan.step:
            return True
        if self.child is None and not self.warm and step >= SOON:
            self.child = _begin(self.run)
        return False

    def wait(self) -> Text | None:
        """Wait until the cache is filled; why it cannot be, or None."""
        if self.plan.step is None:
            return self.plan.reason
        if self.warm:
            return None
        self.child = self.child or _begin(self.run)
        error, _ = self.child.communicate()
        if self.child.returncode:
            return ENDED.format(code=self.child.returncode)
        if error.strip():
            return REFUSED.format(error=error.strip())
        self.mark.parent.mkdir(parents=True, exist_ok=True)
        self.mark.touch()
        return None

    def close(self) -> None:
        """End what is still being compiled."""
        if self.child is not None and self.child.poll() is None:
            self.child.kill()
            self.child.communicate()


def compiled_loss(model: Transformer, precision: str, ids_BT: Tensor, targets_BT: Tensor) -> Loss:
    """The model's loss, compiled for batches of this shape; on a GPU a step's kernels are launched as two CUDA graphs.

    Raises:
        RuntimeError: there is no compiler, or it cannot take the model.
    """
    graphed = ids_BT.device.type == "cuda"
    compiled: Loss = torch.compile(model.loss, mode="reduce-overhead") if graphed else torch.compile(model.loss)
    loss = lasting(compiled) if graphed else compiled
    for _ in range(GRAPHED_PASSES if graphed else 1):
        with autocast(ids_BT.device.type, precision):
            loss(ids_BT, targets_BT)[0].backward()
        model.zero_grad()
    return loss


def lasting(loss: Loss) -> Loss:
    """The same loss in tensors of its own: a CUDA graph writes every step's into the same memory."""

    def copied(ids_BT: Tensor, targets_BT: Tensor) -> tuple[Tensor, Tensor]:
        minimized, cross_entropy = loss(ids_BT, targets_BT)
        return minimized.clone(), cross_entropy.clone()

    return copied


def autocast(device: str, precision: str) -> AbstractContextManager[object]:
    """Inside, matrices are multiplied in that precision."""
    dtype = PRECISIONS.get(precision)
    return nullcontext() if dtype is None else torch.autocast(device, dtype)


def _asked(run: "Run") -> dict[str, Any]:
    """All that compiled code depends on."""
    return {
        "architecture": run.architecture.model_dump(mode="json"),
        "batch": run.recipe.batch,
        "context": run.task.context,
        "precision": run.recipe.precision,
        "threads": run.recipe.threads,
        "device": run.device,
        "torch": torch.__version__,
        "models": _sources(),
    }


@cache
def _sources() -> str:
    """Which `models` these are: after a change the compiler's cache has nothing for them."""
    files = sorted((Path(__file__).parent.parent / "models").rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _mark(run: "Run") -> Path:
    """A file beside what was compiled, which says that it was."""
    folder = os.environ.get("TORCHINDUCTOR_CACHE_DIR")
    if folder is None:
        from torch._inductor.runtime.cache_dir_utils import cache_dir

        folder = cache_dir()
    key = hashlib.sha256(json.dumps(_asked(run), sort_keys=True).encode()).hexdigest()
    return Path(folder) / "playground" / key


def _begin(run: "Run") -> "subprocess.Popen[str]":
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "playground.compiling"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={
            "TORCHINDUCTOR_COMPILE_THREADS": "1",  # the cores are at work
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).resolve().parent.parent), *sys.path]),
        },
    )
    assert child.stdin is not None
    child.stdin.write(json.dumps(_asked(run)))
    child.stdin.close()
    child.stdin = None
    return child


def main() -> None:
    """Compile what standard input describes, so that it lies in the cache; print why that cannot be, if it cannot."""
    asked = json.load(sys.stdin)
    torch.set_num_threads(asked["threads"])
    model = Transformer(Architecture.model_validate(asked["architecture"])).to(asked["device"]).train()
    ids_BT = torch.zeros(asked["batch"], asked["context"], dtype=torch.long, device=asked["device"])
    try:
        compiled_loss(model, asked["precision"], ids_BT, ids_BT.clone())
    except RuntimeError as error:
        print(str(error).partition("\n")[0])


if __name__ == "__main__":
    main()
