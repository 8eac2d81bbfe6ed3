"""`result.json`: what an experiment showed, with keys that people script against. Plain data in, plain data out.

What was not measured, or is not finite, is null.
"""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from playground.environment import here
from playground.events import finite
from playground.experiment import Experiment
from playground.follow import CURVE, Snapshot
from playground.matching import report
from playground.metric import one_metric
from playground.noise import noise_of
from playground.verdict import ACROSS, METRICS, Comparison, compare, corrected, with_diverged


def result(
    experiment: Experiment,
    snapshot: Snapshot,
    folders: Mapping[str, str | None],
    onnx: Mapping[str, dict[str, Any]],
) -> dict[str, Any]:
    """The whole of `result.json`; `folders` and `onnx` by run name, such as `A-seed0`."""
    rows = [_run(experiment, run, folders.get(run["name"]), onnx.get(run["name"])) for run in snapshot["runs"]]
    content = {
        "experiment": experiment.model_dump(mode="json"),
        "matching": report(experiment, [_measured(experiment, snapshot, n) for n in range(len(experiment.variants))]),
        "environment": environment(experiment, snapshot),
        "runs": rows,
        "comparisons": [comparison.to_dict() for comparison in comparisons(experiment, rows)],
        "verdicts": [comparison.to_dict() for comparison in verdicts(experiment, rows)],
    }
    return finite(content)


def environment(experiment: Experiment, snapshot: Snapshot) -> dict[str, Any]:
    """The machine that trained, and what ran on it: as the runs recorded it, else this one."""
    began = [run["started"] for run in snapshot["runs"] if run["started"]]
    recorded = next((started["environment"] for started in began if started.get("environment")), here())
    return {
        "machine": recorded["machine"],
        "device": began[0]["device"] if began else None,
        "threads": experiment.recipe.threads,
        "versions": recorded["versions"],
    }


def comparisons(
    experiment: Experiment, rows: Sequence[Mapping[str, Any]], metric: str | None = None
) -> list[Comparison]:
    """Every two variants that the experiment compares, by the seeds that both have finished.

    `metric`: what they are compared in; `one_metric` of the experiment if left out.
    """
    metric = metric or one_metric(experiment)
    ends = by_variant(experiment, rows, metric)
    names, noise = [variant.name for variant in experiment.variants], noise_of(experiment, metric)
    pairs = [(names[one], names[other]) for one, other in experiment.pairs()]
    found = corrected([compare(a, b, metric, ends[a], ends[b], noise) for a, b in pairs])
    states = {name: [row["status"] for row in rows if row["variant"] == name] for name in names}
    return [with_diverged(one, states[one.a], states[one.b]) for one in found]


def verdicts(experiment: Experiment, rows: Sequence[Mapping[str, Any]]) -> list[Comparison]:
    """The comparisons in every metric that was measured and can be compared."""
    there = [metric for metric in metrics(experiment) if any(row[metric] is not None for row in rows)]
    return [found for metric in there for found in comparisons(experiment, rows, metric)]


def by_variant(experiment: Experiment, rows: Sequence[Mapping[str, Any]], metric: str) -> dict[str, dict[int, float]]:
    """What the finished runs ended at, by variant and seed. A run that diverged has not finished."""
    found: dict[str, dict[int, float]] = {variant.name: {} for variant in experiment.variants}
    for row in rows:
        if row["status"] == "finished" and row[metric] is not None:
            found[row["variant"]][row["seed"]] = row[metric]
    return found


def metrics(experiment: Experiment) -> list[str]:
    """What all variants can be compared in, the one that is judged by first."""
    first = one_metric(experiment)
    others = METRICS if first == "val_loss" else ACROSS
    return [first, *(metric for metric in others if metric != first)]


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The runs as lines of text, for a terminal."""
    header = ("variant", "seed", "status", "parameters", "tokens", "tokens/s", "val_loss", "bits/byte")
    return columns([header, *(tuple(map(str, _cells(row))) for row in rows)])


def columns(lines: Sequence[Sequence[str]]) -> str:
    """Rows of words, set in columns."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _measured(experiment: Experiment, snapshot: Snapshot, variant: int) -> float | None:
    """What a variant's first run that began has of what they were matched in: as built, or as long as it trained."""
    for run in snapshot["runs"]:
        if run["variant"] == variant and run["started"]:
            of_build = {"parameters": "parameters", "flops": "training_flops_per_token"}.get(experiment.match)
            return run["started"][of_build] if of_build else (run["seconds"] or [None])[-1]
    return None


def _run(
    experiment: Experiment, run: Mapping[str, Any], folder: str | None, onnx: dict[str, Any] | None
) -> dict[str, Any]:
    finished, speeds = run["finished"] or {}, [speed for speed in run["tokens_per_second"] if speed is not None]
    speed, per_token = statistics.median(speeds) if speeds else None, finished.get("characters_per_token")
    return {
        "variant": experiment.variants[run["variant"]].name,
        "seed": run["seed"],
        "status": run["state"],
        "reason": run["reason"] and run["reason"]["en"],
        "parameters": run["started"] and run["started"]["parameters"],
        "tokens": run["tokens"][-1] if run["tokens"] else 0,
        "tokens_per_second": speed,
        "characters_per_second": speed and per_token and speed * per_token,
        "val_loss": finished.get("val_loss"),
        "perplexity": finished.get("perplexity"),
        "bits_per_byte": finished.get("bits_per_byte"),
        "accuracy": finished.get("accuracy"),
        "diverged_at": run["diverged"] and run["diverged"]["step"],
        "folder": folder,
        "curve": [dict(zip(CURVE, point, strict=True)) for point in zip(*(run[name] for name in CURVE), strict=True)],
        "samples": run["sampled"]["texts"] if run["sampled"] else [],
        "onnx": onnx,
    }


def _cells(row: Mapping[str, Any]) -> list[object]:
    def number(name: str, form: str) -> str:
        return "-" if row[name] is None else format(row[name], form)

    return [
        row["variant"],
        row["seed"],
        row["status"],
        number("parameters", ",d"),
        number("tokens", ",d"),
        number("tokens_per_second", ",.0f"),
        number("val_loss", ".4f"),
        number("bits_per_byte", ".4f"),
    ]
