"""`result.json`: what an experiment showed, with keys that people script against. Plain data in, plain data out.

What was not measured, or is not finite, is null.
"""

import importlib.metadata
import math
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy import stats

from models.text import Text
from playground.events import finite
from playground.experiment import Experiment
from playground.follow import CURVE, Snapshot
from playground.matching import report

CONFIDENCE = 0.95
PACKAGES = ("torch", "numpy", "safetensors", "onnxruntime", "onnxruntime-gpu")
UNITS = {
    "val_loss": Text("nats per token", "nats/词元"),
    "bits_per_byte": Text("bits per byte", "比特/字节"),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """b minus a, seed by seed: the mean, and its confidence interval where there are several seeds."""

    a: str
    b: str
    metric: str
    difference: float | None
    low: float | None
    high: float | None
    seeds: int
    text: Text

    def to_dict(self) -> dict[str, Any]:
        """As `result.json` holds it: the sentence in English."""
        content = asdict(self)
        text = content.pop("text")
        return {**content, "sentence": text[0]}


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
    }
    return finite(content)


def environment(experiment: Experiment, snapshot: Snapshot) -> dict[str, Any]:
    """The machine and what runs on it."""
    devices = [run["started"]["device"] for run in snapshot["runs"] if run["started"]]
    return {
        "machine": platform.platform(),
        "device": devices[0] if devices else None,
        "threads": experiment.recipe.threads,
        "versions": {"python": platform.python_version(), **_versions()},
    }


def comparisons(experiment: Experiment, rows: Sequence[Mapping[str, Any]]) -> list[Comparison]:
    """Every two variants that the experiment compares, by the seeds that both have finished."""
    metric = one_metric(experiment)
    by_variant: dict[str, dict[int, float]] = {variant.name: {} for variant in experiment.variants}
    for row in rows:
        if row["status"] == "finished" and row[metric] is not None:
            by_variant[row["variant"]][row["seed"]] = row[metric]
    names = [variant.name for variant in experiment.variants]
    pairs = [(names[one], names[other]) for one, other in experiment.pairs()]
    return [compare(a, b, metric, by_variant[a], by_variant[b]) for a, b in pairs]


def one_metric(experiment: Experiment) -> str:
    """What all variants can be compared by: the loss per token where they read the same tokens, else bits per byte."""
    return "val_loss" if _one_tokenizer(experiment) else "bits_per_byte"


def compare(a: str, b: str, metric: str, of_a: Mapping[int, float], of_b: Mapping[int, float]) -> Comparison:
    """The difference of b to a over the seeds that both have; Student's t interval of the paired differences."""
    differences = [of_b[seed] - of_a[seed] for seed in sorted(of_a.keys() & of_b.keys())]
    count = len(differences)
    if not count:
        return Comparison(a, b, metric, None, None, None, 0, NOTHING.format(a=a, b=b))
    mean = statistics.fmean(differences)
    better, worse = (b, a) if mean < 0 else (a, b)
    unit = UNITS[metric]
    if not any(differences):
        spread = 0.0 if count > 1 else None
        return Comparison(a, b, metric, 0.0, spread, spread, count, SAME.format(a=a, b=b))
    if count == 1:
        text = _say(ONE_SEED, unit, better=better, worse=worse, size=f"{abs(mean):.3f}")
        return Comparison(a, b, metric, mean, None, None, 1, text)
    quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, count - 1))
    half = quantile * statistics.stdev(differences) / math.sqrt(count)
    words = {"better": better, "worse": worse, "size": f"{abs(mean):.3f}", "half": f"{half:.3f}", "seeds": count}
    told = abs(mean) > half
    return Comparison(
        a, b, metric, mean, mean - half, mean + half, count, _say(TOLD if told else NOT_TOLD, unit, **words)
    )


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
    return {
        "variant": experiment.variants[run["variant"]].name,
        "seed": run["seed"],
        "status": run["state"],
        "reason": run["reason"] and run["reason"]["en"],
        "parameters": run["started"] and run["started"]["parameters"],
        "tokens": run["tokens"][-1] if run["tokens"] else 0,
        "tokens_per_second": statistics.median(speeds) if speeds else None,
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


def _one_tokenizer(experiment: Experiment) -> bool:
    """Do all variants read the same tokens, so that losses per token can be compared?"""
    kinds = set()
    for variant in experiment.variants:
        kind = variant.recipe_in(experiment).tokenizer
        kinds.add((kind, variant.architecture.shape.vocabulary if kind == "bpe" else None))
    return len(kinds) == 1


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _say(text: Text, unit: Text, **words: object) -> Text:
    return Text(text.en.format(unit=unit.en, **words), text.zh.format(unit=unit.zh, **words))


NOTHING = Text(
    "{a} and {b} cannot be compared: no seed finished for both.", "{a} 与 {b} 无法比较：没有两者都完成的种子。"
)
SAME = Text("{a} and {b} end at the same loss, to the bit.", "{a} 与 {b} 的最终损失逐位相同。")
ONE_SEED = Text(
    "{better} is {size} {unit} better than {worse}, with one seed only: how much of that is noise is not known.",
    "{better} 比 {worse} 好 {size} {unit}，但只有一个种子，无法判断其中有多少是噪声。",
)
TOLD = Text(
    "{better} is {size} ± {half} {unit} better than {worse} over {seeds} seeds.",
    "{better} 比 {worse} 好 {size} ± {half} {unit}（{seeds} 个种子）。",
)
NOT_TOLD = Text(
    "{better} and {worse} are not distinguishable: {size} ± {half} {unit} over {seeds} seeds.",
    "{better} 与 {worse} 无法区分：相差 {size} ± {half} {unit}（{seeds} 个种子）。",
)
