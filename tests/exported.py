"""Small exported models for tests, each made once. All weights are random: nothing hides behind a 0 or 1."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch.onnx._internal.exporter import _registration as exporter

from models.architecture import Architecture
from models.initialize import initialize
from models.spelling import change
from models.transformer import Transformer
from playground.export import ExportedFile, Metadata, export
from playground.tokenizer import Bytes, Characters, Tokenizer

LETTERS = Characters("\n abcdefghijklmnopqrstuvwxyz.,你好世界")
SHAPE = {"shape.layers": "2", "shape.width": "24", "shape.context": "16"}
# The exporter parses its five hundred operators anew for every file, half a second each time; here it does so once.
exporter.onnxscript_apis.get_torchlib_ops = cache(exporter.onnxscript_apis.get_torchlib_ops)
RECIPE, PROVENANCE = {"lr": 0.003}, {"seed": 5, "step": 7}


@dataclass(frozen=True)
class Exported:
    """A model, the file made of it, and its tokenizer."""

    model: Transformer
    file: ExportedFile
    tokenizer: Tokenizer

    @property
    def path(self) -> Path:
        return self.file.path


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory()


@cache
def exported(spec: str = "", tokenizer: Tokenizer = LETTERS) -> Exported:
    """The model that `spec` ("position=rope,heads.kv=2") makes of the default architecture, small, and its file."""
    model = randomized(architecture(spec, tokenizer))
    path = Path(_folder().name) / f"{len(list(Path(_folder().name).iterdir()))}.onnx"
    return Exported(model, export(model, path, Metadata(tokenizer, RECIPE, PROVENANCE)), tokenizer)


def architecture(spec: str = "", tokenizer: Tokenizer = LETTERS) -> Architecture:
    """The default architecture, small, with the changes in `spec`."""
    changes = dict(one.split("=") for one in spec.split(",") if one)
    return change(Architecture(), {**SHAPE, "shape.vocabulary": str(tokenizer.vocabulary), **changes})


def randomized(architecture: Architecture, seed: int = 0) -> Transformer:
    """A model whose every parameter is random, gains and biases included."""
    model = initialize(Transformer(architecture), seed).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return model


BYTES = Bytes()
