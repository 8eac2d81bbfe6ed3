"""The precisions an exported file may have, by name, and what a run's files are called. Imports nothing heavy."""

FP32, FP16, INT8, INT4 = PRECISIONS = ("fp32", "fp16", "int8", "int4")


def file_in(precision: str) -> str:
    """What a run's exported file of that precision is called in the run's folder."""
    assert precision in PRECISIONS
    return "model.onnx" if precision == FP32 else f"model.{precision}.onnx"
