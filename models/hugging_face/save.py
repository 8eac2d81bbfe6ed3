"""An architecture as a `config.json`, a model as a folder that the reference implementation loads.

A configuration is written only if, read back, it means the same.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from models.architecture import Architecture
from models.hugging_face.base import TYPES, ModelType, architecture_from_config
from models.hugging_face.config import UnsupportedArchitecture
from models.hugging_face.meaning import differing
from models.hugging_face.weights import into_theirs
from models.spelling import written
from models.text import Text
from models.transformer import Transformer

SHOWN = 6  # differences named in a refusal


def config_from_architecture(architecture: Architecture) -> dict[str, Any]:
    """The `config.json` of the first model type that has this architecture.

    Raises `UnsupportedArchitecture` naming the fields in which the nearest one differs.
    """
    return _chosen(architecture)[1]


def to_transformers(model: Transformer, folder: str | Path) -> None:
    """Write `config.json` and `model.safetensors` into `folder`, which is made if need be.

    `AutoModelForCausalLM.from_pretrained(folder)` gives the same logits. Raises as `config_from_architecture`.
    """
    from safetensors.torch import save_file

    model_type, config = _chosen(model.architecture)
    rules, layers = model_type.weights(model.architecture), model.architecture.shape.layers
    state = into_theirs(model.state_dict(), rules, layers)
    if model.architecture.embedding.tied:
        del state["lm_head.weight"]  # it is the embedding's table
    config["dtype"] = str(model.embedding.weight.dtype).removeprefix("torch.")
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    tensors = {
        name: weight.detach().cpu().clone(memory_format=torch.contiguous_format) for name, weight in state.items()
    }
    save_file(tensors, path / "model.safetensors", metadata={"format": "pt"})


def writable_types() -> tuple[str, ...]:
    """The model types that can be written, in the order in which they are tried."""
    return tuple(model_type.name for model_type in _writable())


def _writable() -> Iterator[ModelType]:
    return (model_type for _, model_type in sorted(TYPES.items()) if model_type.config is not None)


def _chosen(architecture: Architecture) -> tuple[ModelType, dict[str, Any]]:
    refusals: list[tuple[int, UnsupportedArchitecture]] = []
    for model_type in _writable():
        try:
            config = _written(model_type, architecture)
            read = architecture_from_config(config)
        except UnsupportedArchitecture as refusal:
            refusals.append((1, _because(model_type, refusal)))
            continue
        paths = differing(architecture, read)
        if not paths:
            return model_type, config
        refusals.append((len(paths), _differs(model_type, architecture, read, paths)))
    raise min(refusals, key=lambda refusal: refusal[0])[1]


def _written(model_type: ModelType, architecture: Architecture) -> dict[str, Any]:
    assert model_type.config is not None and model_type.model_class
    named = {"model_type": model_type.name, "architectures": [model_type.model_class]}
    return named | model_type.config(architecture)


def _because(model_type: ModelType, refusal: UnsupportedArchitecture) -> UnsupportedArchitecture:
    sentence = Text(
        f"{NOBODY.en} {model_type.name}: {refusal.text.en}", f"{NOBODY.zh}{model_type.name}：{refusal.text.zh}"
    )
    return UnsupportedArchitecture(sentence, *refusal.fields)


def _differs(
    model_type: ModelType, architecture: Architecture, read: Architecture, paths: list[str]
) -> UnsupportedArchitecture:
    pairs = [(path, _value(architecture, path), _value(read, path)) for path in paths[:SHOWN]]
    en = ", ".join(f"{path}={theirs} for {path}={ours}" for path, ours, theirs in pairs)
    zh = "，".join(f"{path}={ours} 会变成 {theirs}" for path, ours, theirs in pairs)
    more = ", …" if len(paths) > SHOWN else ""
    sentence = Text(
        f"{NOBODY.en} The nearest, {model_type.name}, would have {en}{more}.",
        f"{NOBODY.zh}最接近的是 {model_type.name}，但其中 {zh}{more and ' 等'}。",
    )
    return UnsupportedArchitecture(sentence, *paths)


NOBODY = Text("None of the model types that we write has this architecture.", "可写出的模型类型都无法表达这个架构。")


def _value(architecture: Architecture, path: str) -> str:
    axis, _, field = path.partition(".")
    choice = getattr(architecture, axis)
    return written(getattr(choice, field, None)) if field else choice.slug
