"""An experiment as the page's results read it, from a snapshot of its runs. Pure; knows no store.

Lists only ever grow at their end from one view to the next: gradio then sends the new numbers alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from models.text import Text
from playground.data.references import LABELS
from playground.experiment import Experiment
from playground.follow import Snapshot
from playground.judging import pictures
from playground.rows import BROKEN_OFF, GOING
from playground.ui import forms
from playground.ui.controls import both
from playground.ui.describe import chosen, titled
from playground.ui.pairing import pairings
from playground.ui.verdict import verdicts
from playground.waiting import Wait

Json = dict[str, Any]
CURVE = ("step", "tokens", "seconds", "flops", "train_loss", "val_loss", "grad_norm")
LITTLE = 0.05  # nats per token under the unigram line that are not worth mentioning
# What an ended experiment is said to be, by its runs: the first of these that any run is.
WORST_FIRST = ("failed", "diverged", "interrupted", "stopped", "finished")


def view(
    id: str,
    experiment: Experiment,
    snapshot: Snapshot,
    labels: Sequence[Text] = (),
    waits: Mapping[str, Wait] = {},
) -> Json:
    """What the page shows of an experiment now.

    Args:
        labels: `forms.labelled`, where it is of a form.
        waits: how long the queued runs of this server wait, by id.
    """
    runs = [_run(run) for run in snapshot["runs"]]
    form = forms.shown(experiment, snapshot["runs"], labels)
    waiting = sorted((waits[run["id"]] for run in snapshot["runs"] if run["id"] in waits), key=lambda wait: wait.ahead)
    return {
        "id": id,
        "state": state_of([run["state"] for run in runs]),
        "place": waiting[0].ahead + 1 if waiting else 0,
        "wait": _rounded(waiting[0].seconds) if waiting else None,
        "resumable": any(run["state"] in BROKEN_OFF for run in runs),
        "left": _left(snapshot["runs"]),
        "paused": _paused(snapshot["runs"]),
        "seconds": max((run["curve"]["seconds"][-1] for run in runs if run["curve"]["seconds"]), default=0.0),
        "seeds": experiment.seeds,
        "variants": _variants(experiment, labels),
        "chosen": chosen(experiment),
        "changes": forms.changes(experiment),
        "form": form,
        "bases": [both(titled(made, experiment.base)) for made in experiment.base],
        "runs": runs,
        "references": _references(snapshot["runs"]),
        "stuck": _stuck(snapshot["runs"]),
        "verdicts": form["sentences"] if form else [both(text) for text in verdicts(experiment, runs)],
        "intervals": [] if form else pictures(experiment, runs),
        "pairings": [] if form else [both(text) for text in pairings(experiment)],
    }


def state_of(states: list[str]) -> str:
    """The state of an experiment with runs in these states."""
    if "running" in states or ("queued" in states and any(state not in GOING for state in states)):
        return "running"
    if "queued" in states or not states:
        return "queued"
    return next(state for state in WORST_FIRST if state in states)


def _variants(experiment: Experiment, labels: Sequence[Text]) -> list[Json]:
    looks = forms.looks(experiment, labels)
    if looks:
        return [look | {"spec": made.name} for look, made in zip(looks, experiment.variants, strict=True)]
    return [{"title": both(titled(made, experiment.variants)), "spec": made.name} for made in experiment.variants]


def _run(run: Json) -> Json:
    started, finished, diverged = run["started"], run["finished"], run["diverged"]
    planned = started["steps"] * started["tokens_per_step"] if started and started["steps"] else None
    return {
        **{name: run[name] for name in ("id", "name", "variant", "seed", "state", "reason", "progress")},
        "tokens": _last(run["tokens"]) or 0,
        "planned_tokens": planned,
        "tokens_per_second": _last(run["tokens_per_second"]),
        "step": _last(run["step"]) or 0,
        "diverged_at": diverged["step"] if diverged else None,
        "compiled": _compiled(run.get("compiled")),
        "overflow": run.get("overflowed"),
        **{name: finished[name] if finished else None for name in ("val_loss", "bits_per_byte", "accuracy")},
        "kept": run["kept"],
        "probed": run["probed"],
        "samples": list(run["sampled"]["texts"]) if run["sampled"] else [],
        "curve": {name: [_rounded(number) for number in run[name]] for name in CURVE},
    }


def _stuck(runs: list[Json]) -> list[int]:
    """The variants that have learnt no more than how often each token occurs, in any of their runs that ended."""
    ended = [run for run in runs if run["finished"] and "unigram" in (run["started"] or {}).get("references", {})]
    gained = {
        run["id"]: run["started"]["references"]["unigram"] - (run["finished"]["val_loss"] or 0.0) for run in ended
    }
    variants = sorted({run["variant"] for run in ended})
    return [v for v in variants if all(gained[run["id"]] < LITTLE for run in ended if run["variant"] == v)]


def _compiled(said: Json | None) -> Json | None:
    """From which step on the compiled model trains, or why it does not; None before that is decided."""
    if said is None:
        return None
    reason = Text(said["reason"], said.get("reason_zh") or said["reason"])  # runs of before have it in English alone
    return {"step": said["step"], "reason": both(reason) if reason.en else None}


def _paused(runs: list[Json]) -> int | None:
    """The furthest step of an experiment all of whose running runs are held; None while any goes on."""
    going = [run for run in runs if run["state"] == "running"]
    return max(run["at"] for run in going) if going and all(run["held"] for run in going) else None


def _left(runs: list[Json]) -> float | None:
    """Seconds until the last run ends, those that wait taken to be as long as those that go."""
    going = [run for run in runs if run["left"] is not None]
    if not going:
        return None
    whole = sum(run["left"] / max(0.01, 1 - run["progress"]) for run in going) / len(going)
    waiting = sum(run["state"] == "queued" for run in runs)
    return max(run["left"] for run in going) + waiting * whole / len(going)


def _references(runs: list[Json]) -> list[Json]:
    """The lines to read the loss against: those of the first run that knows them."""
    lines = next((run["started"]["references"] for run in runs if run["started"]), {})
    return [
        {"label": both(LABELS.get(name, Text(name, name))), "value": _rounded(value)} for name, value in lines.items()
    ]


def _last(numbers: list[Any]) -> Any:
    return numbers[-1] if numbers else None


def _rounded(number: float | None) -> float | None:
    """Six significant digits: more is not to be seen, and they travel five times a second."""
    return float(f"{number:.6g}") if isinstance(number, float) else number
