"""The playground in a notebook or a script: train variants here, in this process, and look at what came out."""

import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from models.transformer import Transformer
from playground import link
from playground.device import choose
from playground.experiment import Experiment, compose
from playground.export_run import export_to
from playground.follow import Follower, Snapshot
from playground.home import Home
from playground.plan import ready
from playground.profile import current
from playground.recipe import Recipe
from playground.recording import do_next
from playground.results import result, table
from playground.rows import run_name
from playground.runs import load_model
from playground.store import Settings, Store
from playground.tokenizer import Tokenizer


@dataclass
class Comparison:
    """What an experiment showed. `result` is what `result.json` holds, `text` the person's own, if there was one."""

    experiment: Experiment
    result: dict[str, Any]
    folder: Path
    text: bytes | None = None

    @property
    def sentences(self) -> list[str]:
        """What can be said about every two variants."""
        return [comparison["sentence"] for comparison in self.result["comparisons"]]

    def table(self) -> str:
        """The runs, one a line."""
        return table(self.result["runs"])

    def curve(self, variant: int = 0, seed: int = 0, value: str = "train_loss") -> tuple[list[int], list[float | None]]:
        """The steps of a run's points, and one of their values, such as `val_loss` or `grad_norm`."""
        points = self._run(variant, seed)["curve"]
        return [point["step"] for point in points], [point[value] for point in points]

    def samples(self, variant: int = 0, seed: int = 0) -> list[str]:
        """Texts that the trained variant has written."""
        return self._run(variant, seed)["samples"]

    def model(self, variant: int = 0, seed: int = 0) -> tuple[Transformer, Tokenizer]:
        """A trained variant, as a torch module, and its tokenizer."""
        return load_model(self.folder / run_name(variant, seed))

    def export(self, file: Path | str, variant: int = 0, seed: int = 0) -> dict[str, Any]:
        """Write a trained variant as ONNX, and say what was found when it was checked against torch."""
        return export_to(self.folder / run_name(variant, seed), Path(file), self.text).to_dict()

    def save(self, folder: Path | str) -> None:
        """Keep the runs' folders, which otherwise last as long as this object."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)

    def _run(self, variant: int, seed: int) -> dict[str, Any]:
        name = self.experiment.variants[variant].name
        return next(run for run in self.result["runs"] if (run["variant"], run["seed"]) == (name, seed))


def compare(
    *variants: str, text: str | None = None, seeds: int = 1, match: str = "none", device: str = "auto", **recipe: object
) -> Comparison:
    """Train `variants`, spelt as in links (`llama-3,position=alibi`), on the same data, one run after the other.

    Args:
        variants: what to compare.
        text: train on this text instead of `data`.
        seeds: runs of every variant.
        match: none, or what the first variant has and all others get as much of: parameters, flops, time.
        device: auto, cpu, cuda or mps.
        recipe: fields of the recipe, such as `tokens=100_000`, `lr=1e-3`, `data="python-docs"`.

    Raises:
        Refusal: what cannot be trained, before anything is.
    """
    given = {"data": "text"} if text is not None else {}
    changes = {f"recipe.{name}": str(value) for name, value in {**recipe, **given}.items()}
    experiment = compose(map(link.variant, variants), link.settings(changes, Recipe()), seeds=seeds, match=match)
    content = None if text is None else text.encode()
    experiment = ready(experiment, current(), content)
    folder = Path(tempfile.mkdtemp())
    kept = None if content is None else str(Home(folder).keep_text(content))
    snapshot = _trained(experiment, folder, Settings(choose(device), text=kept))
    folders = {run["name"]: run["name"] for run in snapshot["runs"]}
    comparison = Comparison(experiment, result(experiment, snapshot, folders, {}), folder, content)
    weakref.finalize(comparison, shutil.rmtree, folder, ignore_errors=True)
    return comparison


def _trained(experiment: Experiment, folder: Path, settings: Settings) -> Snapshot:
    threads = torch.get_num_threads()
    store = Store(Home(folder).database)
    try:
        id = store.submit(experiment.to_json(), experiment.runs(), folder, settings=settings)
        while do_next(store, "here"):
            pass
        return Follower(store, id).snapshot()
    finally:
        torch.set_num_threads(threads)
        store.close()
