"""Qwen 2 and 2.5: biases on q, k and v; a window in the upper layers, if it is switched on."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import DECODER
from models.hugging_face.parts import biases, decoder
from models.hugging_face.spans import switched_windows
from models.hugging_face.weights import Rule


def fields(config: Config) -> Fields:
    """Pre-norm, RoPE, gated."""
    return decoder(config) | {"span": switched_windows(config), "bias": biases(qkv=True)}


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return DECODER


register(
    ModelType(
        "qwen2",
        {
            "vocab_size": 151936,
            "hidden_size": 4096,
            "intermediate_size": 22016,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 32,
            "max_position_embeddings": 32768,
            "head_dim": None,
            "use_sliding_window": False,
            "sliding_window": 4096,
            "max_window_layers": 28,
            "hidden_act": "silu",
            "rms_norm_eps": 1e-06,
            "rope_theta": 10000.0,
            "tie_word_embeddings": False,
        },
        fields,
        weights,
        model_class="Qwen2ForCausalLM",
    )
)
