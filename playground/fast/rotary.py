"""RoPE as the exported graph spells it, read back: which value is turned, by which frequencies.

x ⊙ (cos, cos) + (x₂, x₁) ⊙ (−sin, sin), the pairs in halves; angles are positions times a constant.
"""

from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from playground.fast.matching import constant, made_by


@dataclass(frozen=True, slots=True)
class Waves:
    """Angles of pair i are position · frequencies[i]; cosines and sines are multiplied by `gain`."""

    frequencies: tuple[float, ...]  # float32, exactly
    gain: float


@dataclass(frozen=True, slots=True)
class Turned:
    """`value` is what is turned, and how."""

    value: ir.Value
    waves: Waves


def turned(value: ir.Value | None) -> Turned | None:
    """Read a rotation back from its result, or None if it is none, or one of another kind."""
    whole = made_by(value, "Add")
    if whole is None:
        return None
    straight, crossed = (made_by(part, "Mul") for part in whole.inputs)
    if straight is None or crossed is None:
        return None
    x, cosines = straight.inputs
    swapped, sines = crossed.inputs
    cosine, sine = _doubled(cosines, "Cos"), _signed(sines)
    if x is None or not _swaps(swapped, x) or cosine is None or cosine != sine:
        return None
    return Turned(x, cosine)


def _swaps(swapped: ir.Value | None, x: ir.Value) -> bool:
    """Is it `x` with its last dimension's halves exchanged?"""
    joined = made_by(swapped, "Concat")
    if joined is None or len(joined.inputs) != 2:
        return False
    second, first = joined.inputs
    split = None if first is None else first.producer()
    return (
        split is not None
        and split.op_type == "Split"
        and split.inputs[0] is x
        and list(split.outputs) == [first, second]
        and (len(split.inputs) == 1 or split.inputs[1] is None)  # into equal parts
    )


def _doubled(value: ir.Value | None, operator: str) -> Waves | None:
    joined = made_by(value, "Concat")
    if joined is None or len(joined.inputs) != 2 or joined.inputs[0] is not joined.inputs[1]:
        return None
    return _angles(joined.inputs[0], operator)


def _signed(value: ir.Value | None) -> Waves | None:
    joined = made_by(value, "Concat")
    if joined is None or len(joined.inputs) != 2:
        return None
    minus, plus = joined.inputs
    negated = made_by(minus, "Neg")
    return None if negated is None or negated.inputs[0] is not plus else _angles(plus, "Sin")


def _angles(value: ir.Value | None, operator: str) -> Waves | None:
    """Frequencies and gain of gain · operator(position · frequencies)."""
    gain, scaled = 1.0, made_by(value, "Mul")
    if scaled is not None:
        factor = next((found for one in scaled.inputs if (found := constant(one)) is not None), None)
        if factor is None or factor.size != 1:
            return None
        gain = float(factor.reshape(()))
        value = next(one for one in scaled.inputs if constant(one) is None)
    wave = made_by(value, operator)
    angle = made_by(wave.inputs[0], "Mul") if wave is not None else None
    frequencies = constant(angle.inputs[1]) if angle is not None else None
    if angle is None or frequencies is None or not positions(angle.inputs[0]):
        return None
    return Waves(tuple(float(one) for one in frequencies.astype(np.float32).ravel()), gain)


def positions(value: ir.Value | None) -> bool:
    """Is it the column of the absolute positions of what is read, as floats or integers?"""
    column = made_by(value, "Unsqueeze")
    row = None if column is None else column.inputs[0]
    cast = made_by(row, "Cast")
    row = row if cast is None else cast.inputs[0]
    chosen = made_by(row, "Gather")
    return chosen is not None and (source := chosen.inputs[0]) is not None and source.name == "position_ids"
