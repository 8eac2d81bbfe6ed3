"""OLMo 2: norms after the sublayers, inside the residual; q and k normalized over their full width."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import AFTER_NORM, ATTENTION, GATED, OUTSIDE, QK_NORM
from models.hugging_face.parts import attention_biases, decoder, qk_norm
from models.hugging_face.weights import Rule, renamed
from models.hugging_face.writing import Keys, llama_like


def fields(config: Config) -> Fields:
    """Norm in the residual, RoPE, gated."""
    return decoder(config) | {
        "placement": {"option": "residual_post"},
        "qk_norm": qk_norm(config, "full_width", "rms_norm_eps"),
        "bias": attention_biases(config),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return renamed(OUTSIDE | ATTENTION | GATED | AFTER_NORM | QK_NORM)


def config(architecture: Architecture) -> Keys:
    """The keys of a `config.json`."""
    return {**llama_like(architecture), "attention_bias": architecture.bias.qkv}


register(
    ModelType(
        "olmo2",
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
            "rms_norm_eps": 1e-05,
            "rope_theta": 10000.0,
            "tie_word_embeddings": False,
            "attention_bias": False,
        },
        fields,
        weights,
        config=config,
        model_class="Olmo2ForCausalLM",
    )
)
