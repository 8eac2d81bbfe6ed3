"""What was seen inside the runs of an experiment: the readings that the page asks for, at most four at a time."""

from models.text import Refusal
from playground.events import Point, Probed, decode
from playground.inside import EDGE, HISTOGRAMS, READINGS, spikes
from playground.store import RunRow, Store
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.registry import answer
from playground.ui.service import Service
from playground.ui.trained import experiment_of

MOST = 4  # readings at a time


@answer
def inside(service: Service, given: Json) -> Json:
    """Of the first seed of every variant, the readings `given["names"]` by look, and where its loss has spiked."""
    names = given.get("names", [])
    if not isinstance(names, list) or len(names) > MOST or not all(name in READINGS for name in map(str, names)):
        raise Refusal(sentence("bad_request"), "names")
    store = service.store
    runs = [run for run in store.runs(experiment_of(store, given.get("id")).id) if run.seed == 0]
    return {
        "readings": {name: both(title) for name, title in READINGS.items()},
        "histograms": HISTOGRAMS,
        "edge": EDGE,
        "variants": [_seen(store, run, names) for run in runs],
    }


def _seen(store: Store, run: RunRow, names: list[str]) -> Json:
    wanted = tuple(f'"kind": "{kind.kind}"' for kind in (Point, Probed))
    said = [decode(line) for _, line in store.events(run.id) if any(kind in line for kind in wanted)]
    looks = [event for event in said if isinstance(event, Probed)]
    points = [event for event in said if isinstance(event, Point)]
    last = looks[-1] if looks else None
    return {
        "variant": run.variant,
        **{axis: [getattr(look, axis) for look in looks] for axis in ("step", "tokens", "seconds", "flops")},
        "share": last and last.spent / max(last.spent + last.seconds, 1e-9),
        "spikes": spikes([point.step for point in points], [point.train_loss for point in points]),
        "readings": {name: [look.readings.get(name, []) for look in looks] for name in names},
    }
