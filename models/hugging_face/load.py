"""A model of the reference implementation, carried over with its weights. Imports nothing of the reference."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from models.hugging_face.base import ModelType, architecture_from_config, type_of
from models.hugging_face.config import UnsupportedArchitecture
from models.hugging_face.weights import into_ours
from models.text import Text
from models.transformer import Transformer

HEAD = "lm_head.weight"


def from_transformers(model: nn.Module) -> Transformer:
    """Our model with the weights of `model`, a causal language model of transformers; in float32, in eval mode.

    Raises `UnsupportedArchitecture` for a configuration that cannot be expressed, and for a model whose tensors are
    not all and only those that its configuration calls for.
    """
    config = _config(model)
    model_type, architecture = type_of(config), architecture_from_config(config)
    state, left = into_ours(model.state_dict(), model_type.weights(architecture), architecture.shape.layers)
    ours = Transformer(architecture)
    _check_all_used(model_type, left, architecture.shape.layers)
    missing = sorted(set(ours.state_dict()) - set(state))
    if missing:
        raise _odd(model_type, "lacks", "缺少", missing)
    if architecture.embedding.tied and not torch.equal(state["embedding.weight"], state["head.weight"]):
        raise _untied()
    ours.load_state_dict({name: weight.float() for name, weight in state.items()})
    return ours.eval()


def _config(model: nn.Module) -> Mapping[str, Any]:
    to_dict = getattr(getattr(model, "config", None), "to_dict", None)
    if to_dict is None:
        kind = type(model).__name__
        sentence = Text(
            f"{kind} is no model of transformers: it has no config.", f"{kind} 不是 transformers 的模型：没有 config。"
        )
        raise UnsupportedArchitecture(sentence, "config")
    return to_dict()


def _check_all_used(model_type: ModelType, left: list[str], layers: int) -> None:
    spare = {name.format(layer) for name in model_type.spare for layer in range(layers)}
    odd = sorted(set(left) - spare)
    if odd:
        raise _odd(model_type, "has beyond what its configuration says", "含有其配置之外的张量", odd)


def _odd(model_type: ModelType, en: str, zh: str, names: list[str]) -> UnsupportedArchitecture:
    shown = ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
    sentence = Text(
        f"This {model_type.name} model {en}: {shown}. Give the model with its language-model head (…ForCausalLM or "
        "…LMHeadModel), unchanged.",
        f"这个 {model_type.name} 模型{zh}：{shown}。"
        "请给出带语言模型头（…ForCausalLM 或 …LMHeadModel）、未经改动的模型。",
    )
    return UnsupportedArchitecture(sentence, *names)


def _untied() -> UnsupportedArchitecture:
    sentence = Text(
        "tie_word_embeddings=true, but the model's head and embedding hold different numbers.",
        "tie_word_embeddings=true，但模型的输出头与嵌入表的数值不同。",
    )
    return UnsupportedArchitecture(sentence, "tie_word_embeddings")
