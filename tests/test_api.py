"""The playground from a script: compared in this process, the same as everywhere else."""

from pathlib import Path

import pytest
import torch

from models.text import Refusal
from playground.api import compare

SMALL = "shape.layers=1,shape.width=16,shape.context=15"
RECIPE = {"tokens": 1800, "batch": 4, "data": "recall:4:8"}


def test_variants_are_compared_here_and_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = torch.get_num_threads()
    compared = compare(f"gpt-2,{SMALL}", f"gpt-2,{SMALL},norm=rmsnorm", seeds=2, **RECIPE)
    assert [run["status"] for run in compared.result["runs"]] == ["finished"] * 4
    assert len(compared.table().splitlines()) == 5 and "2 seeds" in compared.sentences[0]
    steps, losses = compared.curve(1, seed=1)
    assert steps == list(range(1, 31)) and all(loss is not None and loss > 0 for loss in losses)
    model, tokenizer = compared.model(1)
    assert model.architecture.norm.slug == "rmsnorm" and model.architecture.shape.vocabulary == tokenizer.vocabulary
    compared.save(tmp_path / "kept")
    folder = compared.folder
    del compared
    assert not folder.exists() and (tmp_path / "kept" / "B-seed1" / "model.safetensors").is_file()
    assert torch.get_num_threads() == threads


def test_a_text_of_one_s_own(tmp_path: Path) -> None:
    compared = compare(
        f"gpt-2,{SMALL}", text="The cat sat on the mat. The dog sat on the log. " * 40, tokens=600, batch=4
    )
    (run,) = compared.result["runs"]
    assert run["status"] == "finished" and run["bits_per_byte"] > 0 and compared.samples()[0]
    assert compared.result["experiment"]["recipe"]["data"] == "text"
    assert compared.export(tmp_path / "model.onnx")["text"] == "validation"  # read by file and model: its last part


def test_what_cannot_be_is_refused_in_a_sentence() -> None:
    with pytest.raises(Refusal, match=r"recipe\.warmup"):
        compare("gpt-2", wramup=3)
    with pytest.raises(Refusal, match="gpt-2"):
        compare("gtp-2")
    with pytest.raises(Refusal, match="recipe.lr=fast"):
        compare("gpt-2", lr="fast")
