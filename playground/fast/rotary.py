"""RoPE as the exported graph spells it, read back: which value is turned, by which frequencies.

One operator; its cosines and sines are of positions times a constant, the same in every row of the batch.
"""

from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from playground.fast.matching import attribute, constant, made_by


@dataclass(frozen=True, slots=True)
class Waves:
    """Angles of pair i are position · frequencies[i]; cosines and sines are multiplied by `gain`."""

    frequencies: tuple[float, ...]  # float32, exactly
    gain: float


@dataclass(frozen=True, slots=True)
class Turned:
    """`value` is what is turned, and how; `interleaved`: pairs are neighbours, else they lie half of them apart."""

    value: ir.Value
    waves: Waves
    interleaved: bool


def turned(value: ir.Value | None) -> Turned | None:
    """Read a rotation back from its result, or None if it is none, or one by other tables."""
    node = made_by(value, "RotaryEmbedding")
    if node is None or len(node.inputs) != 3:
        return None
    x, *tables = node.inputs
    cosines, sines = (_angles(_repeated(one), operator) for one, operator in zip(tables, ("Cos", "Sin"), strict=True))
    if x is None or cosines is None or cosines != sines:
        return None
    return Turned(x, cosines, bool(attribute(node, "interleaved", 0)))


def _repeated(value: ir.Value | None) -> ir.Value | None:
    """The table that stands in every row of `value`."""
    spread = made_by(value, "Expand")
    return None if spread is None else spread.inputs[0]


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
