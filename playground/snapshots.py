"""The weights of a run as it trains: after which steps they are kept, and where. Knows no store and no clock.

Steps stand evenly on a logarithmic axis, since a model changes most at its beginning: 0, 1, 2, 3, 4, 6, 8, 11, 16 …,
two an octave. Where so many would take more bytes than a run may keep, fewer are taken, as evenly.
"""

from pathlib import Path

from models.architecture import Architecture
from models.cost import FLOAT_BYTES, parameters
from models.transformer import Transformer
from playground import runs
from playground.thinning import thinned

MiB = 2**20
MOST_BYTES = 64 * MiB  # of one run
AN_OCTAVE = 2  # steps between one power of two and the next
HORIZON = 2**14  # steps that a run is taken to have where nobody knows how many
FOLDER = "snapshots"


def steps_to_keep(architecture: Architecture, steps: int | None, most_bytes: int) -> tuple[int, ...]:
    """The steps after which the weights are kept, rising, from 0 (before the first one) to below the run's last.

    `steps` are those of the whole run, None where they are not known: nothing is kept then after `HORIZON` of them.
    A function of the recipe and the architecture alone. Without attention there is nothing to look at.
    """
    if not architecture.attention_layers:
        return ()
    return thinned(_evenly(steps or HORIZON), most_bytes // (FLOAT_BYTES * parameters(architecture)))


def _evenly(end: int) -> list[int]:
    rounded = (round(2 ** (half / AN_OCTAVE)) for half in range(AN_OCTAVE * end.bit_length()))
    return [0, *sorted({step for step in rounded if step < end})]


def keep(folder: Path, model: Transformer, about: runs.About, step: int) -> int:
    """Write the weights after `step` into the run's folder; the bytes that they take."""
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    if not (place / runs.ABOUT).is_file():
        runs.write_about(place, about)
    runs.write_model(place / name(step), model)
    return (place / name(step)).stat().st_size


def kept(folder: Path, step: int) -> bool:
    """Are the weights after `step` there to be loaded?"""
    return all((folder / FOLDER / part).is_file() for part in (name(step), runs.ABOUT))


def load(folder: Path, step: int) -> tuple[Transformer, runs.About]:
    """The model as it was after `step`, in `eval` mode, and what it is; raises `Refusal` where it was not kept."""
    return runs.load(folder / FOLDER, weights=name(step))


def name(step: int) -> str:
    """The file of the weights after `step`."""
    return f"step-{step:08d}.safetensors"
