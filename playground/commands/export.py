"""Export a trained run to one ONNX file, and say what checking it found."""

import argparse
import json
import sys
from pathlib import Path

from models.text import Refusal, Text
from playground.export_run import export_to


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("run", type=Path, metavar="RUN_DIR", help="a run's folder, such as DIR/runs/A-seed0")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.onnx", help="where the file is written")
    parser.add_argument("--quantize", metavar="fp16|int8|int4", help="smaller numbers; not built yet")


def run(arguments: argparse.Namespace) -> int:
    """Export and verify; 1 if the file is not the model."""
    if arguments.quantize is not None:
        raise Refusal(NOT_BUILT, "quantize")
    try:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        verification = export_to(arguments.run, arguments.out)
    except OSError as error:
        raise Refusal(NOT_WRITABLE.format(file=arguments.out, reason=error.strerror or error), "out") from None
    print(json.dumps(verification.to_dict(), indent=1))
    if not verification.passed:
        print(f"{arguments.out} does not compute what the model does; worst: {verification.worst}", file=sys.stderr)
    return 0 if verification.passed else 1


NOT_BUILT = Text(
    "Quantization is not built yet: leave --quantize out, and the file is written in float32.",
    "量化尚未实现：请去掉 --quantize，文件将以 float32 写出。",
)
NOT_WRITABLE = Text("{file} cannot be written: {reason}.", "无法写入 {file}：{reason}。")
