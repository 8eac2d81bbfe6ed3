"""Granite 3: LLaMA with four multipliers."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import DECODER
from models.hugging_face.parts import attention_biases, decoder, score_scale
from models.hugging_face.weights import Rule
from models.text import Text


def fields(config: Config) -> Fields:
    """Pre-norm, RoPE, gated; scores times a number of their own, in place of 1/√head width."""
    given, scale = decoder(config), config.number("attention_multiplier")
    divisor = config.number("logits_scaling")
    if divisor == 0:
        raise config.refused("logits_scaling", Text("logits cannot be divided by it.", "logits 无法除以它。"))
    return given | {
        "embedding": {
            **given["embedding"],
            "scale": config.number("embedding_multiplier"),
            "logit_scale": 1 / divisor,
        },
        "layout": {"option": "serial", "residual": config.number("residual_multiplier")},
        "heads": given["heads"] | score_scale(config, scale),
        "bias": attention_biases(config, feed_forward=config.switch("mlp_bias")),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return DECODER


register(
    ModelType(
        "granite",
        {
            "vocab_size": 32000,
            "hidden_size": 4096,
            "intermediate_size": 11008,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": None,
            "max_position_embeddings": 2048,
            "head_dim": None,
            "hidden_act": "silu",
            "rms_norm_eps": 1e-06,
            "rope_theta": 10000.0,
            "tie_word_embeddings": False,
            "attention_bias": False,
            "mlp_bias": False,
            "embedding_multiplier": 1.0,
            "logits_scaling": 1.0,
            "residual_multiplier": 1.0,
            "attention_multiplier": 1.0,
        },
        fields,
        weights,
        model_class="GraniteForCausalLM",
    )
)
