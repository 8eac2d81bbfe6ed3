"""Qwen 3: every head's q and k normalized."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import DECODER, QK_NORM
from models.hugging_face.parts import attention_biases, decoder, qk_norm
from models.hugging_face.spans import switched_windows
from models.hugging_face.weights import Rule, renamed
from models.hugging_face.writing import Keys, llama_like, windows


def fields(config: Config) -> Fields:
    """Pre-norm, RoPE, gated."""
    return decoder(config) | {
        "qk_norm": qk_norm(config, "per_head", "rms_norm_eps"),
        "span": switched_windows(config),
        "bias": attention_biases(config),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return DECODER + renamed(QK_NORM)


def config(architecture: Architecture) -> Keys:
    """The keys of a `config.json`."""
    window = windows(architecture)
    return {
        **llama_like(architecture),
        **window,
        "use_sliding_window": window["sliding_window"] is not None,
        "attention_bias": architecture.bias.qkv,
    }


register(
    ModelType(
        "qwen3",
        {
            "vocab_size": 151936,
            "hidden_size": 4096,
            "intermediate_size": 22016,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 32,
            "max_position_embeddings": 32768,
            "head_dim": 128,
            "use_sliding_window": False,
            "sliding_window": 4096,
            "max_window_layers": 28,
            "hidden_act": "silu",
            "rms_norm_eps": 1e-06,
            "rope_theta": 10000.0,
            "tie_word_embeddings": False,
            "attention_bias": False,
        },
        fields,
        weights,
        config=config,
        model_class="Qwen3ForCausalLM",
    )
)
