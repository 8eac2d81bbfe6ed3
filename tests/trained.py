"""An experiment in a store whose runs have left tiny models: for tests of what is done with trained ones."""

from collections.abc import Mapping
from pathlib import Path

import torch

from models.architecture import Architecture
from models.spelling import change
from models.systems import systems
from models.transformer import Transformer
from playground import runs, snapshots
from playground.events import Kept, Point, Sampled, Started, encode
from playground.experiment import Experiment, Variant, from_json
from playground.head_scores import habits, plain
from playground.recipe import Recipe
from playground.store import Store
from playground.tokenizer import characters_of

TOKENIZER = characters_of("She had a blue kite. One day the kite was gone, Tom!\n")
SMALL = {
    "shape.layers": "2",
    "shape.width": "32",
    "shape.context": "40",
    "shape.vocabulary": str(TOKENIZER.vocabulary),
}


WINDOW = 8
WINDOWED = {"span": "window", "span.window": str(WINDOW), "span.pattern": "all"}
KEPT = (0, 2, 7)  # steps whose weights can be looked at


def variants(changes: Mapping[str, str] | None = None) -> tuple[Variant, ...]:
    """gpt-2 and llama-3, two small layers each; llama-3 with these changes."""
    of = {"gpt-2": SMALL, "llama-3": SMALL | dict(changes or {})}
    made = {name: change(systems()[name].twin, small) for name, small in of.items()}
    return tuple(Variant(name=name, architecture=architecture, system=name) for name, architecture in made.items())


def submit(store: Store, folder: Path, seeds: int = 1, changes: Mapping[str, str] | None = None) -> str:
    """An experiment of these variants, queued; returns its id."""
    experiment = Experiment(variants=variants(changes), recipe=Recipe(data="tales"), seeds=seeds)
    return store.submit(experiment.to_json(), experiment.runs(), folder / "{id}")


def save(folder: Path, name: str, architecture: Architecture) -> list[Kept]:
    """A model in a run's folder, and other weights kept before it; what the run says of these."""
    about = runs.About(name, architecture, Recipe(data="tales"), TOKENIZER, {"seed": 0, "step": 7})
    said = []
    for step in KEPT[:-1]:
        model = untrained(architecture, seed=step + 1)
        said.append(Kept(step, snapshots.keep(folder, model, about, step), plain(habits(model))))
    model = untrained(architecture, seed=0)
    runs.save(folder, model, about, runs.State({}, {}))
    return [*said, Kept(KEPT[-1], 0, plain(habits(model)))]


def untrained(architecture: Architecture, seed: int) -> Transformer:
    """A model that looks at few tokens, so that no map is like another."""
    torch.manual_seed(seed)
    model = Transformer(architecture)
    with torch.no_grad():
        for path, parameter in model.named_parameters():
            if ".query." in path:
                parameter *= 16
    return model.eval()


STARTED = Started(7, None, 1, 480, 1e6, 1000, TOKENIZER.vocabulary, "CPU", "", {})


def points(speed: float) -> list[Point]:
    """A short curve, trained at this many tokens per second."""
    return [
        Point(step, 480 * step, 480 * step / speed, 0.0, 3 - step / 9, None, 1.0, 1e-3, speed) for step in range(1, 8)
    ]


def finish(store: Store, id: str) -> None:
    """Ends every run of the experiment, with a model and a sample each."""
    row = store.experiment(id)
    assert row is not None
    for run, variant in zip(store.runs(id), from_json(row.json).variants * 99, strict=False):
        assert store.claim("test") is not None
        kept = save(run.folder, variant.name, variant.architecture)
        events = [STARTED, *kept, *points(1000 + 500 * run.variant), Sampled(7, 0.8, ("She had a kite.\n", "Tom!"))]
        store.append(run.id, 1, [encode(event) for event in events])
        store.end(run.id, "finished")
