"""The fast form beside an exported file: made, verified as that file itself was, and kept only if it is the model.

A file in fewer bits is judged against itself in its portable form: its logits are no longer the model's.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import kl_div

from models.architecture import Architecture
from models.transformer import Transformer
from playground.fast import write_fast
from playground.precisions import ALLOWED
from playground.problem import Problem
from playground.session import FAST_SUFFIX, Logits, Session
from playground.verify import lengths, read, texts, verify, ways

SHARE = 0.1  # of the nats that a precision may cost: so far may its fast form be from its portable one

Found = dict[str, Any]


def export_fast(portable: Path, model: Transformer, text_ids: Sequence[int] = ()) -> Found:
    """Put the fast form of `portable` beside it; returns how often each rule applied, and what verification found.

    What `playground.session.fastest` opens afterwards. A form that no rule changed, that this runtime cannot run, or
    that is not the model is taken away again; of the first two `verification` is None.
    """
    return _beside(portable, lambda trial: verify(trial, model, text_ids).to_dict())


def narrow_fast(narrow: Path, architecture: Architecture, precision: str, text_ids: Sequence[int] = ()) -> Found:
    """The same for a file in fewer bits, by how far its two forms' predictions diverge, in nats per token.

    Not by single logits: where sums are taken in another order an activation may be rounded to the next of its few
    values. Texts of one row, since activations share a scale with everything that is read with them.
    """

    def diverging(trial: Path) -> Found:
        pair, tolerance = (Session(narrow), Session(trial)), SHARE * ALLOWED[precision]
        worst = max(_divergences(pair, architecture, text_ids), key=lambda nats: math.inf if math.isnan(nats) else nats)
        said = {"divergence": worst if math.isfinite(worst) else None, "tolerance": tolerance}
        return {"passed": worst <= tolerance, **said}

    return _beside(narrow, diverging)


def _divergences(pair: tuple[Session, Session], architecture: Architecture, text_ids: Sequence[int]) -> Iterator[float]:
    for length in lengths(architecture):
        ids_BT = texts(text_ids, architecture, 1, length)
        for sizes in ways(length).values():
            yield _divergence(*(read(session, ids_BT, sizes) for session in pair))


def _divergence(expected_BTV: Logits, found_BTV: Logits) -> float:
    """How many nats per token the second's predictions would cost on text drawn from the first's."""
    expected, found = (torch.from_numpy(logits).double().log_softmax(-1) for logits in (expected_BTV, found_BTV))
    return float(kl_div(found, expected, reduction="none", log_target=True).sum(-1).mean())


def _beside(portable: Path, judged: Callable[[Path], Found]) -> Found:
    beside, trial = portable.with_suffix(FAST_SUFFIX), portable.with_suffix(".trial.onnx")
    beside.unlink(missing_ok=True)
    try:
        rules = write_fast(portable, trial)
        found = _judged(trial, judged) if any(rules.values()) else None
        if found is not None and found["passed"]:
            trial.replace(beside)
    finally:
        trial.unlink(missing_ok=True)
    return {"rules": rules, "verification": found}


def _judged(trial: Path, judged: Callable[[Path], Found]) -> Found | None:
    """None where onnxruntime cannot load or run it: one older than a rule does not know what the rule asks for."""
    try:
        return judged(trial)
    except (Problem, RuntimeError):  # the latter is how onnxruntime says that an operator failed
        return None
