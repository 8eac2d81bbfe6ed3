"""`result.json` against hand-made runs: keys that people script against, and differences with their noise."""

import json
import math
from typing import Any

import pytest
from scipy import stats

from playground import link
from playground.experiment import Experiment, compose
from playground.follow import CURVE, Snapshot
from playground.recipe import Recipe
from playground.results import comparisons, result, table
from playground.verdict import compare


def experiment(*variants: str, **rest: Any) -> Experiment:
    return compose([link.variant(text) for text in variants or ("gpt-2", "llama-3")], Recipe(), **rest)


def run(variant: int, seed: int = 0, val_loss: float | None = 1.5, **also: Any) -> Snapshot:
    points: dict[str, list[Any]] = {name: [1.0, 2.0, 4.0] for name in CURVE}
    points |= {
        "tokens": [768, 1536, 3072],
        "tokens_per_second": [10.0, 1000.0, 990.0],
        "val_loss": [None, None, val_loss],
    }
    finished = {"val_loss": val_loss, "perplexity": 4.5, "bits_per_byte": 2.2, "accuracy": 0.5}
    started = {"parameters": 800_000, "device": "a processor"}
    return {
        "name": f"{'AB'[variant]}-seed{seed}",
        "variant": variant,
        "seed": seed,
        "state": "finished",
        "reason": None,
        "started": started,
        "finished": finished,
        "diverged": None,
        "sampled": {"texts": ["Once"]},
        **points,
        **also,
    }


NO_POINTS: dict[str, list[Any]] = {name: [] for name in CURVE}


def test_a_finished_run_has_every_key() -> None:
    given = experiment()
    onnx = {"max_abs_diff": 1e-6, "top1_agreement": 1.0, "bytes": 12, "tokens_per_second": 900.0}
    content = result(given, {"runs": [run(0), run(1, val_loss=1.4)]}, {"A-seed0": "runs/A-seed0"}, {"A-seed0": onnx})
    assert content.keys() == {"experiment", "matching", "environment", "runs", "comparisons", "verdicts"}
    assert content["environment"].keys() >= {"machine", "device", "threads", "versions"}
    first, second = content["runs"]
    wanted = {"variant", "seed", "status", "parameters", "tokens", "tokens_per_second", "val_loss", "bits_per_byte"}
    assert first.keys() == second.keys() >= wanted | {"folder", "curve", "onnx"}
    assert (first["variant"], first["status"], first["folder"], first["onnx"]) == (
        "gpt-2",
        "finished",
        "runs/A-seed0",
        onnx,
    )
    assert (first["tokens"], first["tokens_per_second"]) == (3072, 990.0)  # the median: the first point warms up
    assert second["onnx"] is None and second["folder"] is None
    assert {"step", "tokens", "seconds", "flops", "train_loss", "val_loss", "grad_norm"} <= first["curve"][0].keys()
    assert len(first["curve"]) == 3


def test_what_was_not_measured_or_is_not_finite_is_null() -> None:
    broken = run(0, val_loss=math.nan, state="diverged", finished=None, sampled=None, diverged={"step": 3})
    queued = run(1, state="stopped", started=None, finished=None, sampled=None) | NO_POINTS
    content = result(experiment(), {"runs": [broken, queued]}, {}, {})
    text = json.dumps(content, allow_nan=False)
    first, second = json.loads(text)["runs"]
    assert first["status"] == "diverged" and first["val_loss"] is None and first["curve"][2]["val_loss"] is None
    assert (second["parameters"], second["tokens"], second["tokens_per_second"], second["curve"]) == (None, 0, None, [])
    (comparison,) = content["comparisons"]
    assert comparison["difference"] is None and "no seed" in comparison["sentence"]


def test_one_seed_has_no_interval_and_says_so() -> None:
    found = compare("a", "b", "val_loss", {0: 1.5}, {0: 1.4})
    assert found.difference == pytest.approx(-0.1)
    assert (found.low, found.high, found.seeds) == (None, None, 1)
    assert found.text.en.startswith("b is 0.100 nats per token better than a") and "one seed" in found.text.en
    assert "一个种子" in found.text.zh


def test_several_seeds_have_student_s_interval_of_the_paired_differences() -> None:
    a, b = {0: 1.50, 1: 1.70, 2: 1.60, 7: 9.0}, {0: 1.41, 1: 1.58, 2: 1.51, 8: 0.0}
    found = compare("a", "b", "val_loss", a, b)
    expected = stats.ttest_rel([1.41, 1.58, 1.51], [1.50, 1.70, 1.60]).confidence_interval(0.95)
    assert found.seeds == 3 and found.difference == pytest.approx(-0.1)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.text.en == "b is 0.100 ± 0.043 nats per token better than a over 3 seeds."


def test_a_difference_within_its_noise_is_not_distinguishable() -> None:
    found = compare("a", "b", "val_loss", {0: 1.5, 1: 1.6}, {0: 1.4, 1: 1.69})
    assert found.low is not None and found.high is not None and found.low < 0 < found.high
    assert "not distinguishable" in found.text.en


def test_equal_losses_are_called_equal() -> None:
    found = compare("a", "b", "val_loss", {0: 1.5}, {0: 1.5})
    assert found.difference == 0 and "same loss" in found.text.en


def test_runs_that_did_not_finish_are_not_compared() -> None:
    given = experiment(seeds=2)
    rows = result(given, {"runs": [run(0), run(1), run(0, 1), run(1, 1, state="stopped", finished=None)]}, {}, {})
    assert rows["comparisons"][0]["seeds"] == 1


def test_runs_that_diverged_are_counted_and_said() -> None:
    """Three good seeds of ten would flatter a variant that seven times diverged."""
    given = experiment(seeds=10)
    good = [run(0, seed, 1.5 + seed / 100) for seed in range(10)] + [run(1, seed, 1.4 + seed / 90) for seed in range(3)]
    bad = [run(1, seed, state="diverged", finished=None, diverged={"step": 3}) for seed in range(3, 10)]
    (found,) = result(given, {"runs": [*good, *bad]}, {}, {})["comparisons"]
    assert found["seeds"] == 3 and found["diverged"] == [0, 7]
    assert found["sentence"].endswith("7 of 10 runs of llama-3 diverged and are in no mean.")
    assert found["sentence_zh"].endswith("llama-3 的 10 次训练中有 7 次发散，不计入均值。")
    (found,) = result(given, {"runs": [*good[:10]]}, {}, {})["comparisons"]
    assert found["diverged"] == [0, 0] and "diverged" not in found["sentence"]


def test_other_tokenizers_are_compared_in_bits_per_byte() -> None:
    given = experiment("gpt-2", "gpt-2,recipe.tokenizer=bytes")
    (found,) = comparisons(given, result(given, {"runs": [run(0), run(1)]}, {}, {})["runs"])
    assert found.metric == "bits_per_byte"
    (found,) = comparisons(experiment(), result(experiment(), {"runs": [run(0), run(1)]}, {}, {})["runs"])
    assert found.metric == "val_loss"


def test_every_pair_is_compared_once() -> None:
    given = experiment("gpt-2", "gpt-2", "palm")
    pairs = [(found.a, found.b) for found in comparisons(given, [])]
    assert pairs == [("gpt-2", "gpt-2#2"), ("gpt-2", "palm"), ("gpt-2#2", "palm")]


def test_the_table_has_a_line_a_run() -> None:
    content = result(experiment(), {"runs": [run(0), run(1, finished=None, state="failed")]}, {}, {})
    header, first, second = table(content["runs"]).splitlines()
    assert header.split()[0] == "variant" and "1.5000" in first and "failed" in second and " - " in second
