"""A profile of skills that has ended, put into a store with accuracies that a test knows; nothing is trained."""

import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from playground import link, skills
from playground.events import Finished, Point, Started, encode
from playground.rows import FREE, Ended, ExperimentRow
from playground.store import Store

Right = Callable[[str, int, int], float]  # of a task, a level and a variant: the share of right answers at the end
LEVELS = 3
HALFWAY, TOKENS, SECONDS = 0.25, 50_000, 6.0


def plant(store: Store, folder: Path, variants: Sequence[str], right: Right) -> list[str]:
    """The ids of the experiments: at half of `TOKENS` and of `SECONDS` every run had `HALFWAY`, at the end `right`."""
    ids = []
    for trial in skills.trials([link.variant(text) for text in variants], levels=range(LEVELS)):
        ended = [_ended(number, right(trial.skill.name, trial.level, number)) for number in range(len(variants))]
        row = ExperimentRow(uuid.uuid4().hex, "", time.time(), trial.experiment.to_json(), FREE)
        ids.append(store.adopt(row, ended, folder / str(len(ids))))
    return ids


def _ended(variant: int, right: float) -> Ended:
    started = Started(400, None, 40, TOKENS // 400, 1e5, 100_000, 33, "cpu", "0" * 64, {})
    points = [_point(part, accuracy) for part, accuracy in ((0.5, HALFWAY), (1.0, right))]
    finished = Finished(400, TOKENS, SECONDS, 1.0, 2.7, None, right)
    lines = tuple(encode(event) for event in (started, *points, finished))
    return Ended(variant, 0, "finished", None, time.time() - SECONDS, time.time(), 400, lines)


def _point(part: float, accuracy: float) -> Point:
    tokens, seconds = int(part * TOKENS), part * SECONDS
    return Point(int(400 * part), tokens, seconds, 1e9, 1.0, 1.0, 1.0, 1e-3, 1e4, accuracy)
