"""Measures how much results differ from seed to seed, for every recipe that the page offers, and keeps it.

python -m scripts.noise [NAME …] [--seeds N] [--at-most N]

Writes `assets/noise.json`: of every seed what both variants ended at, so that anybody may compute anything from it. A
recipe's name is its data, or "try-" and the id of a "try this". What is there already is not trained again; at most
`--at-most` seeds are added in one go.
"""

import argparse
import json
import sys
from typing import Any

from playground import link
from playground.noise import METRICS, NOISE, default_of
from playground.ui.tries import TRIES
from scripts.trained import trained

TEXTS = ("tales", "tales-zh", "python-docs", "python-code")
TASKS = ("recall", "induction", "copy", "selective-copy", "dyck", "modular-addition", "sorting")
DATA = (*TEXTS, *TASKS)
SEEDS = 20


def main() -> None:
    """Measure what is asked for, and write it down after every portion."""
    queries = {name: default_of(name) for name in DATA} | {f"try-{each.id}": each.query for each in TRIES}
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", choices=[[], *queries], metavar="NAME")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--at-most", type=int, default=SEEDS)
    given = parser.parse_args()
    for name in given.names or queries:
        measure(name, queries[name], given.seeds, given.at_most)


def measure(name: str, query: str, seeds: int, at_most: int) -> None:
    """Train the seeds of one recipe that are missing, and add them to the file."""
    known = json.loads(NOISE.read_text("utf-8")) if NOISE.is_file() else {}
    before = known.get(name, {})
    have = before.get("seeds", []) if before.get("link") == query else []
    missing = [seed for seed in range(seeds) if seed not in have][:at_most]
    if not missing:
        return
    experiment, _ = link.read(query)
    runs = trained(experiment, [(variant, seed) for seed in missing for variant in range(len(experiment.variants))])
    old = before["ends"] if have else {}
    known[name] = {"link": query, "seeds": [*have, *missing], "ends": _ends(old, runs)}
    NOISE.write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    print(f"{name}: {len(have) + len(missing)} seeds", file=sys.stderr)


def _ends(old: dict[str, list[list[float]]], runs: list[dict[str, Any]]) -> dict[str, list[list[float]]]:
    """By metric, a list a variant of what every seed ended at."""
    variants = list(dict.fromkeys(run["variant"] for run in runs))
    return {
        metric: [
            [*(old[metric][n] if old else []), *(run[metric] for run in runs if run["variant"] == variant)]
            for n, variant in enumerate(variants)
        ]
        for metric in METRICS
        if all(run[metric] is not None for run in runs)
    }


if __name__ == "__main__":
    main()
