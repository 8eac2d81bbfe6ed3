"""The ten lines in docs/onnx.md: with onnxruntime and numpy alone they write the tokens that torch writes."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from exported import LETTERS, randomized
from source import ROOT

from models.spelling import change
from models.systems import systems
from playground.export import Metadata, export
from playground.torch_decode import decode

SCRIPT = (ROOT / "docs/onnx.md").read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
SMALL = {"shape.width": "64", "shape.layers": "2", "shape.vocabulary": str(LETTERS.vocabulary)}


def test_it_is_ten_lines_and_imports_onnxruntime_and_numpy_alone() -> None:
    assert len(SCRIPT.strip().splitlines()) == 10
    imports = [node for node in ast.walk(ast.parse(SCRIPT)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imports for alias in node.names}
    assert names == {"json", "numpy", "onnxruntime"}


@pytest.mark.parametrize("system", ["llama-3", "gemma-2", "mistral"])
def test_it_writes_the_tokens_of_torch(system: str, tmp_path: Path) -> None:
    """Fifty after four, so beyond the windows of gemma-2 and mistral, with random weights in every parameter."""
    twin = systems()[system].twin
    assert system == "llama-3" or twin.span.window < 54  # pyright: ignore
    model = randomized(change(twin, SMALL))
    with torch.no_grad():  # so that what is said next depends on more than on the last token
        model.embedding.weight.mul_(1 / 32)
    path = export(model, tmp_path / "model.onnx", Metadata(LETTERS)).path
    ran = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT], cwd=path.parent, capture_output=True, text=True, encoding="utf-8"
    )
    expected = decode(model, LETTERS.encode("the "), 50)
    assert len(set(expected)) > 5 and len(set(zip(expected, expected[1:], strict=False))) > 10
    assert (ran.stdout, ran.stderr) == (LETTERS.decode(expected), "")
