"""Export a trained run to one ONNX file, and say what checking it found and what its precision costs."""

import argparse
import json
import sys
from pathlib import Path

from models.text import Refusal, Text
from playground.data.own_text import from_file
from playground.export_precisions import export_as
from playground.precision import FP32, PRECISIONS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    narrow = [precision for precision in PRECISIONS if precision != FP32]
    parser.add_argument("run", type=Path, metavar="RUN_DIR", help="a run's folder, such as DIR/runs/A-seed0")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.onnx", help="where the file is written")
    parser.add_argument("--quantize", choices=narrow, default=FP32, help="store the weights in fewer bits")
    parser.add_argument("--text", type=Path, metavar="FILE", help="the run's own text, which its loss is measured on")


def run(arguments: argparse.Namespace) -> int:
    """Export, verify and measure; 1 if the file is not the model."""
    file: Path | None = arguments.text
    if file is not None:
        from_file(file)  # refused here, with its reason
    text = None if file is None else file.read_bytes()
    try:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        found = export_as(arguments.run, arguments.out, arguments.quantize, text)
    except OSError as error:
        raise Refusal(NOT_WRITABLE.format(file=arguments.out, reason=error.strerror or error), "out") from None
    print(json.dumps(found, indent=1))
    if found["not_measured"] is not None:
        print(f"the validation loss was not measured: {found['not_measured']}", file=sys.stderr)
    if not found["passed"]:
        print(_why(arguments.out, found), file=sys.stderr)
    return 0 if found["passed"] else 1


def _why(file: Path, found: dict[str, object]) -> str:
    if found["criterion"] == "val_loss":
        losses = f"{found['val_loss']} against {found['val_loss_fp32']} nats per token in float32"
        return f"{file} has lost more than {found['tolerance']} nats per token may be lost: {losses}"
    return f"{file} does not compute what the model does; worst: {found['worst']}"


NOT_WRITABLE = Text("{file} cannot be written: {reason}.", "无法写入 {file}：{reason}。")
