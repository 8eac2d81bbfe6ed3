"""Gemma 1: gains 1 + w, embeddings times √d, wide heads."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import DECODER
from models.hugging_face.parts import attention_biases, decoder, rms_norm
from models.hugging_face.weights import Rule


def fields(config: Config) -> Fields:
    """Pre-norm, RoPE, gated. `gelu` means its tanh form here, as in the released configurations."""
    given = decoder(config)
    if config.word("hidden_act") == "gelu":
        given["feed_forward"]["activation"] = "gelu_tanh"
    return given | {
        "embedding": {**given["embedding"], "scale": "sqrt_width"},
        "norm": rms_norm(config, gain="one_plus_w"),
        "bias": attention_biases(config),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return DECODER


register(
    ModelType(
        "gemma",
        {
            "vocab_size": 256000,
            "hidden_size": 3072,
            "intermediate_size": 24576,
            "num_hidden_layers": 28,
            "num_attention_heads": 16,
            "num_key_value_heads": 16,
            "max_position_embeddings": 8192,
            "head_dim": 256,
            "hidden_act": "gelu_pytorch_tanh",
            "rms_norm_eps": 1e-06,
            "rope_theta": 10000.0,
            "tie_word_embeddings": True,
            "attention_bias": False,
        },
        fields,
        weights,
        ignored={"hidden_activation": "hidden_act is read"},
        model_class="GemmaForCausalLM",
    )
)
