"""Measure our speed beside its peers', in one run."""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

from models.text import Refusal, Text
from playground import bench

SHARED = ("__init__", "engines", "loops", "measure", "texts")  # what several kinds, or one, are made with
KINDS = tuple(sorted(file.stem for file in Path(bench.__path__[0]).glob("*.py") if file.stem not in SHARED))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("kind", choices=KINDS, help="what is measured")
    parser.add_argument("--case", metavar="TEXT", help="only the cases whose name contains it, where there are several")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there as well")


def run(arguments: argparse.Namespace) -> int:
    """Measure, and print the result as JSON."""
    if arguments.json is not None and not arguments.json.resolve().parent.is_dir():
        raise Refusal(NO_FOLDER.format(folder=arguments.json.parent), "json")
    module = import_module(f"playground.bench.{arguments.kind}")
    report = (module.report() if arguments.case is None else module.report(_cases(module, arguments.case))).to_dict()
    text = json.dumps(report, ensure_ascii=False, indent=1)
    print(text)
    for case, ratios in report["ratios"].items():
        for rivals, ratio in ratios.items():
            print(f"{case}: {rivals} {ratio:.2f}", file=sys.stderr)
    if arguments.json is not None:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    return 0


def _cases(module: ModuleType, part: str) -> tuple[object, ...]:
    """The module's cases whose name contains `part`."""
    known: tuple[object, ...] = getattr(module, "CASES", ())
    chosen = tuple(case for case in known if part in str(case))
    if not chosen:
        names = "; ".join(map(str, known))
        raise Refusal(NO_CASE.format(part=part, known=names) if known else ONE_CASE.format(), "case")
    return chosen


NO_CASE = Text("No case is named {part!r}; there are: {known}.", "没有名称包含 {part!r} 的测试项，已有：{known}。")
ONE_CASE = Text("This benchmark has no cases to choose from.", "这项基准测试没有可选的测试项。")
NO_FOLDER = Text("There is no folder {folder} to write to.", "没有可写入的文件夹 {folder}。")
