"""A process that has onnxruntime and numpy, and neither torch nor the models: what it computes, the file alone says."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import torch
from source import ROOT

from models.transformer import Transformer
from playground.export_fast import export_fast
from playground.session import FAST_SUFFIX
from playground.verify import TOLERANCE, texts

SCRIPT = """
import json, sys
sys.modules |= dict.fromkeys(("torch", "models", "transformers", "onnxscript"))  # None: cannot be imported
import numpy as np
from playground.session import Session
for line in sys.stdin:
    asked = json.loads(line)
    session, ids, cache, steps = Session(asked["file"]), np.array(asked["ids"]), None, []
    whole, _ = session.step(ids)
    for begin, end in asked["parts"]:
        logits, cache = session.step(ids[:, begin:end], cache)
        steps.append(logits)
    np.savez(asked["answer"], whole=whole, steps=np.concatenate(steps, axis=1))
    print(session.form, flush=True)
"""


def check_both_forms(file: Path, model: Transformer) -> dict[str, int]:
    """Verify the fast form, and compare what both forms compute in a bare process with `model`; the rules applied."""
    made = export_fast(file, model)
    rules, found = made["rules"], made["verification"]
    assert (found is not None) == any(rules.values()), "onnxruntime does not take what our rules wrote"
    check_alone(file, "portable", model)
    if found is not None:
        assert found["passed"] and found["top1_agreement"] == 1, found
        check_alone(file.with_suffix(FAST_SUFFIX), "fast", model)
    return rules


def check_alone(file: Path, form: str, model: Transformer) -> None:
    """A context's text, read at once and in parts, has torch's logits in a process without torch."""
    context = model.architecture.shape.context
    ids_BT = texts((), model.architecture, 2, context)
    answer = file.with_suffix(".npz")
    parts = [(0, context // 2), (context // 2, context - 1), (context - 1, context)]
    asked = {"file": str(file), "ids": ids_BT.tolist(), "parts": parts, "answer": str(answer)}
    assert _ask(json.dumps(asked)) == form
    with torch.inference_mode():
        expected_BTV = model(torch.from_numpy(ids_BT)).numpy()
    with np.load(answer) as found:
        for way in ("whole", "steps"):
            np.testing.assert_allclose(found[way], expected_BTV, rtol=0, atol=TOLERANCE * np.abs(expected_BTV).max())
    answer.unlink()


def _ask(line: str) -> str:
    process = _process()
    assert process.stdin is not None and process.stdout is not None
    print(line, file=process.stdin, flush=True)
    if said := process.stdout.readline():
        return said.strip()
    _process.cache_clear()
    raise AssertionError(f"the bare process ended with {process.wait()}")


@cache
def _process() -> "subprocess.Popen[str]":
    """One for all files of this process; it ends when its standard input does, with this one."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
