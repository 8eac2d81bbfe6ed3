"""The folder of a run: the model, what it is, and what is needed to train on. Nothing is pickled. Knows no store.

`model.safetensors` and `run.json` are the trained model; `training.safetensors` continues it.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors import torch as tensors
from torch import Tensor

from models.architecture import Architecture
from models.text import Refusal, Text
from models.transformer import Transformer
from playground.recipe import Recipe
from playground.tokenizer import Tokenizer, from_json

FORMAT = 1
MODEL, ABOUT = "model.safetensors", "run.json"
TRAINING, COUNTERS = "training.safetensors", "counters"  # the file, and where in its header the numbers are


@dataclass(frozen=True, slots=True)
class About:
    """What a trained model is: enough to build it, to speak to it, and to say where it comes from."""

    name: str
    architecture: Architecture
    recipe: Recipe
    tokenizer: Tokenizer
    provenance: dict[str, Any]  # seed, step, tokens, data, data_hash, torch

    def to_dict(self) -> dict[str, Any]:
        """As `run.json` holds it."""
        return {
            "format": FORMAT,
            "name": self.name,
            "architecture": self.architecture.model_dump(mode="json"),
            "recipe": self.recipe.model_dump(mode="json"),
            "tokenizer": json.loads(self.tokenizer.to_json()),
            "provenance": self.provenance,
        }


@dataclass(frozen=True, slots=True)
class State:
    """Everything training needs to go on as if it had never stopped, beside the run itself."""

    tensors: dict[str, Tensor]
    counters: dict[str, Any]


def save(folder: Path, model: Transformer, about: About, state: State) -> None:
    """Write the folder; each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    write_model(folder / MODEL, model)
    write_state(folder, state)
    write_about(folder, about)


def write_state(folder: Path, state: State) -> None:
    """Write what training goes on from: tensors and counters in one file, which appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    header = {COUNTERS: json.dumps(state.counters)}
    _whole(folder / TRAINING, lambda path: tensors.save_file(state.tensors, path, metadata=header))


def write_model(path: Path, model: Transformer) -> None:
    """Write the weights to the file `path`, whole or not at all; a tied table stands once.

    Not by `save_model`: a weight may be a row of a tensor that several runs share, which that refuses.
    """
    weights = {name: weight.detach().contiguous() for name, weight in model.named_parameters()}
    _whole(path, lambda partial: tensors.save_file(weights, partial))


def write_about(folder: Path, about: About) -> None:
    """Write what the weights of a folder are."""
    _write_json(folder / ABOUT, about.to_dict())


def read_about(folder: Path) -> About:
    """What lies in a run's folder.

    Raises:
        Refusal: no run's folder, or one of another version.
    """
    try:
        content = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise Refusal(OTHER_FORMAT.format(folder=folder, version=content["format"], known=FORMAT))
        return About(
            content["name"],
            Architecture.model_validate(content["architecture"]),
            Recipe.model_validate(content["recipe"]),
            from_json(json.dumps(content["tokenizer"])),
            content["provenance"],
        )
    except Refusal:
        raise
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        raise Refusal(NO_RUN.format(folder=folder)) from None


def load_model(folder: Path) -> tuple[Transformer, Tokenizer]:
    """Model (in `eval` mode, on the CPU) and tokenizer of a run's folder; raises `Refusal` as `read_about`."""
    model, about = load(folder)
    return model, about.tokenizer


def load(folder: Path, device: str = "cpu", weights: str = MODEL) -> tuple[Transformer, About]:
    """The model of a folder, its trained one or other `weights`, in `eval` mode, and what it is.

    Raises:
        Refusal: as `read_about`, or where the weights cannot be read.
    """
    about = read_about(folder)
    model = Transformer(about.architecture)
    try:
        tensors.load_model(model, folder / weights)
    except (OSError, SafetensorError, RuntimeError):
        raise Refusal(NO_MODEL.format(folder=folder, file=weights)) from None
    return model.to(device).eval(), about


def read_state(folder: Path) -> State:
    """What `train` continues from; raises `Refusal` where the folder holds none."""
    try:
        with safe_open(folder / TRAINING, framework="pt") as file:
            counters, names = json.loads((file.metadata() or {})[COUNTERS]), file.keys()
            return State({name: file.get_tensor(name) for name in names}, counters)
    except (OSError, ValueError, KeyError, SafetensorError):
        raise Refusal(NO_STATE.format(folder=folder)) from None


def saved_step(folder: Path) -> int:
    """The step that training can go on from; 0 where nothing was saved yet, or nothing that can be read."""
    try:
        with safe_open(folder / TRAINING, framework="pt") as file:
            return int(json.loads((file.metadata() or {})[COUNTERS])["step"])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError):
        return 0


def provenance(seed: int, step: int, tokens: int, data: str, data_hash: str) -> dict[str, Any]:
    """Where a trained model comes from."""
    return {
        "seed": seed,
        "step": step,
        "tokens": tokens,
        "data": data,
        "data_hash": data_hash,
        "torch": torch.__version__,
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    _whole(path, lambda partial: partial.write_text(text, encoding="utf-8"))


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        write(partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)  # on a full disk, half a file is in everybody's way


NO_RUN = Text(
    "{folder} is not the folder of a run: it should hold run.json and model.safetensors.",
    "{folder} 不是一次训练的文件夹：其中应有 run.json 和 model.safetensors。",
)
NO_STATE = Text("{folder} holds nothing that training can go on from.", "{folder} 中没有可用于继续训练的状态文件。")
NO_MODEL = Text(
    "{folder} holds no model that can be read ({file}).",
    "{folder} 中没有可读取的模型（{file}）。",
)
OTHER_FORMAT = Text(
    "{folder} was written in format {version}; format {known} can be read here.",
    "{folder} 的格式版本是 {version}，这里只能读取版本 {known}。",
)
