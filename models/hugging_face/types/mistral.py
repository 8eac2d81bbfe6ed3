"""Mistral 7B: one window for all layers."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import DECODER
from models.hugging_face.parts import decoder
from models.hugging_face.spans import layer_kinds, one_window
from models.hugging_face.weights import Rule
from models.hugging_face.writing import Keys, llama_like, windows
from models.text import Text


def fields(config: Config) -> Fields:
    """Pre-norm, RoPE, gated, a window in every layer; the reference lets no layer differ, so no list may say so."""
    usual = "full_attention" if config.whole_or_none("sliding_window") is None else "sliding_attention"
    if set(layer_kinds(config, [usual])) != {usual}:
        why = Text("this model type has one kind of layers.", "该模型类型的各层都相同。")
        raise config.refused("layer_types", why)
    return decoder(config) | {"span": one_window(config)}


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return DECODER


def config(architecture: Architecture) -> Keys:
    """The keys of a `config.json`."""
    return {**llama_like(architecture), "sliding_window": windows(architecture)["sliding_window"]}


register(
    ModelType(
        "mistral",
        {
            "vocab_size": 32000,
            "hidden_size": 4096,
            "intermediate_size": 14336,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "max_position_embeddings": 131072,
            "head_dim": None,
            "sliding_window": 4096,
            "hidden_act": "silu",
            "rms_norm_eps": 1e-06,
            "rope_theta": 10000.0,
            "tie_word_embeddings": False,
        },
        fields,
        weights,
        config=config,
        model_class="MistralForCausalLM",
    )
)
