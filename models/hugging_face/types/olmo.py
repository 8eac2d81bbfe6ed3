"""OLMo 1: LayerNorm without parameters; q, k and v clipped."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import ATTENTION, GATED, OUTSIDE
from models.hugging_face.parts import attention_biases, decoder
from models.hugging_face.weights import Rule, renamed

NORM: Fields = {"option": "layernorm", "eps": 1e-5, "gain": "none", "bias": False}  # none of it is in the config


def fields(config: Config) -> Fields:
    """Pre-norm, RoPE, gated."""
    given = decoder(config, norm=NORM)
    return given | {
        "heads": {**given["heads"], "clip": config.number_or_none("clip_qkv")},
        "bias": attention_biases(config),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone; norms have nothing to carry."""
    return renamed(OUTSIDE | ATTENTION | GATED)


register(
    ModelType(
        "olmo",
        {
            "vocab_size": 50304,
            "hidden_size": 4096,
            "intermediate_size": 11008,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": None,
            "max_position_embeddings": 2048,
            "head_dim": None,
            "hidden_act": "silu",
            "rope_theta": 10000.0,
            "tie_word_embeddings": False,
            "attention_bias": False,
            "clip_qkv": None,
        },
        fields,
        weights,
        model_class="OlmoForCausalLM",
    )
)
