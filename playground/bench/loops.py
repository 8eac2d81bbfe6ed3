"""One process of the training benchmark: trains as many steps as it is told to, by an engine's loop. Measures nothing.

`python -m playground.bench.loops ENGINE SHAPE PRECISION SEED …` reads a demand a line: a number trains every seed by as
many steps, `loss` asks how its loss stands; each is answered with a line of JSON. Whoever trains, runs of one seed
start from the same weights and read the same batches.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch.nn import functional as F

from models.architecture import Architecture
from models.hugging_face import to_transformers
from models.initialize import initialize
from models.spelling import change
from models.systems import systems
from models.transformer import Transformer
from playground.compiling import Compiling, autocast
from playground.data import prepare
from playground.events import Beat, Compiled, Point
from playground.experiment import Experiment, Variant
from playground.recipe import Recipe
from playground.recording import Recorder
from playground.schedule import POINTS, learning_rate
from playground.store import Settings, Store
from playground.train import train
from playground.training import Run

STEPS = 2_000  # of the run that is begun; no benchmark comes to its end
EVERY, LAST = STEPS // POINTS, 5  # steps between the curve's points; points whose losses are compared
COMPILED = "from step"
VOCABULARY = 65


@dataclass(frozen=True, slots=True)
class Shape:
    """A LLaMA of four layers and four heads, and the batches it reads."""

    width: int
    hidden: int
    context: int
    batch: int

    @property
    def tokens(self) -> int:
        """Tokens of one step."""
        return self.context * self.batch

    def architecture(self) -> Architecture:
        """Our spelling of it."""
        changes = {
            "shape.layers": 4, "shape.width": self.width, "shape.context": self.context, "shape.vocabulary": VOCABULARY,
            "heads.query": 4, "heads.kv": 4, "heads.head_dim": "none", "feed_forward.size": self.hidden,
        }  # fmt: skip
        return change(systems()["llama-3"].twin, {path: str(value) for path, value in changes.items()})

    def run(self, precision: str, compiled: str, seed: int) -> Run:
        """What is trained; the data use part of the vocabulary."""
        tokens = STEPS * self.tokens
        recipe = Recipe.model_validate(
            {"batch": self.batch, "tokens": tokens, "precision": precision, "compile": compiled}
        )
        return Run(self.architecture(), recipe, seed, prepare(recipe.data, context=self.context, batch=self.batch))


SHAPES = {"width 128": Shape(128, 320, 64, 12), "width 256": Shape(256, 640, 128, 16)}


class Loop(Protocol):
    """Trains one run."""

    def train(self, steps: int) -> None:
        """Go on by as many steps."""
        ...

    def about(self) -> dict[str, Any]:
        """The losses at the last points of the curve, each the mean since the point before."""
        ...


class Ours:
    """What a worker does with a run: its events are pulled, and recorded in a store."""

    def __init__(self, run: Run) -> None:
        if run.recipe.compile == "auto":
            Compiling(run).wait()  # as if it had been trained here before
        store = Store(Path(tempfile.mkdtemp()) / "store.db")
        experiment = Experiment(variants=(Variant(name="a", architecture=run.architecture),))
        store.submit(experiment.model_dump_json(), [(0, run.seed)], store.path.parent)
        row = store.claim("bench")
        assert row is not None
        self.recorder, self.events, self.step = Recorder(store, row.id, Settings()), train(run), 0
        self.losses: dict[int, float | None] = {}
        self.compiled = ""

    def train(self, steps: int) -> None:
        """Pull and record events for as many steps."""
        end = self.step + steps
        while self.step < end:
            event = next(self.events)
            self.recorder.take(event)
            self.recorder.look()
            if isinstance(event, Beat):
                self.step = event.step
            elif isinstance(event, Point):
                self.losses[event.step] = event.train_loss
            elif isinstance(event, Compiled):
                self.compiled = event.reason or f"{COMPILED} {event.step}"

    def about(self) -> dict[str, Any]:
        """The losses at the last points, and from which step on it was compiled."""
        self.train(1)  # a step's point comes before the next step
        points = [loss for step, loss in self.losses.items() if step % EVERY == 0 and step > EVERY]
        return {"losses": points[-LAST:], "compiled": self.compiled}


class Transformers:
    """A plain loop over transformers' model: the same batches, AdamW and clipping, and nothing measured."""

    def __init__(self, run: Run) -> None:
        from transformers import AutoModelForCausalLM

        with tempfile.TemporaryDirectory() as folder:
            to_transformers(initialize(Transformer(run.architecture), run.seed), folder)
            self.model = AutoModelForCausalLM.from_pretrained(folder).train()
        self.run, self.step = run, 0
        recipe = run.recipe
        rates = {"lr": recipe.lr, "betas": recipe.beta_pair, "eps": recipe.eps}
        named = dict(self.model.named_parameters())
        groups = [
            {"params": [p for p in named.values() if p.ndim == 2], "weight_decay": recipe.weight_decay},
            {"params": [p for p in named.values() if p.ndim < 2], "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, **rates, fused=True)
        self.losses: list[torch.Tensor] = []

    def precision(self) -> AbstractContextManager[object]:
        """Mixed precision, as users of transformers train."""
        return autocast("cpu", self.run.recipe.precision)

    def train(self, steps: int) -> None:
        """Step as many times, as tutorials do."""
        for _ in range(steps):
            ids_BT, targets_BT = self.run.task.batch(self.run.seed, self.step)
            for group in self.optimizer.param_groups:
                group["lr"] = learning_rate(self.run.recipe, self.step, STEPS)
            with self.precision():
                logits_BTV = self.model(input_ids=ids_BT, use_cache=False).logits
                loss = F.cross_entropy(logits_BTV.flatten(0, 1), targets_BT.flatten())
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.run.recipe.clip or torch.inf)
            self.optimizer.step()
            self.optimizer.zero_grad()
            self.losses.append(loss.detach())
            self.step += 1

    def about(self) -> dict[str, Any]:
        """The same means of the losses."""
        whole = len(self.losses) // EVERY * EVERY
        points = torch.stack(self.losses[:whole]).unflatten(0, (-1, EVERY)).mean(1)
        return {"losses": points[1:][-LAST:].tolist()}  # ours has several points before the first


ENGINES: Mapping[str, Callable[[Shape, str, int], Loop]] = {
    "playground, compiled": lambda shape, precision, seed: Ours(shape.run(precision, "auto", seed)),
    "playground, eager": lambda shape, precision, seed: Ours(shape.run(precision, "off", seed)),
    "transformers": lambda shape, precision, seed: Transformers(shape.run(precision, "off", seed)),
}


def main(arguments: list[str]) -> None:
    """Answer demands until there are no more."""
    engine, shape, precision, threads, *seeds = arguments
    torch.set_num_threads(int(threads))
    loops = [ENGINES[engine](SHAPES[shape], precision, int(seed)) for seed in seeds]
    for line in sys.stdin:
        if line.strip() == "loss":
            print(json.dumps([loop.about() for loop in loops]), flush=True)
            continue
        for _ in range(int(line)):
            for loop in loops:
                loop.train(1)
        print(json.dumps(int(line)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
