"""The fast form beside an exported file: made, verified as the file itself was, and kept only if it is the model."""

from pathlib import Path
from typing import Any

from models.transformer import Transformer
from playground.fast import write_fast
from playground.problem import Problem
from playground.session import FAST_SUFFIX
from playground.verify import Verification, verify


def export_fast(portable: Path, model: Transformer) -> dict[str, Any]:
    """Put the fast form of `portable` beside it; returns how often each rule applied, and what verification found.

    What `playground.session.fastest` opens afterwards. A form that no rule changed, that this runtime cannot run, or
    that is not the model is taken away again; of the first two `verification` is None.
    """
    beside, trial = portable.with_suffix(FAST_SUFFIX), portable.with_suffix(".trial.onnx")
    beside.unlink(missing_ok=True)
    try:
        rules = write_fast(portable, trial)
        found = _verified(trial, model) if any(rules.values()) else None
        if found is not None and found.passed:
            trial.replace(beside)
    finally:
        trial.unlink(missing_ok=True)
    return {"rules": rules, "verification": None if found is None else found.to_dict()}


def _verified(trial: Path, model: Transformer) -> Verification | None:
    """None where onnxruntime cannot load or run it: one older than a rule does not know what the rule asks for."""
    try:
        return verify(trial, model)
    except (Problem, RuntimeError):  # the latter is how onnxruntime says that an operator failed
        return None
