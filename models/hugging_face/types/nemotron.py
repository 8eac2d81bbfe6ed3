"""Nemotron-4 and Minitron: LayerNorm with 1 + w, squared ReLU, half of each head rotated."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import ATTENTION, OUTSIDE, PLAIN, PRE_NORM
from models.hugging_face.parts import attention_biases, decoder, layer_norm, plain
from models.hugging_face.rope import rope
from models.hugging_face.weights import Rule, renamed


def fields(config: Config) -> Fields:
    """Pre-norm, partial RoPE, plain feed-forward."""
    return decoder(
        config,
        position=rope(config, partial=True, odd=True),
        norm=layer_norm(config, "norm_eps", gain="one_plus_w"),
        feed_forward=plain(config),
    ) | {
        "bias": attention_biases(config, feed_forward=config.switch("mlp_bias")),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return renamed(OUTSIDE | ATTENTION | PLAIN | PRE_NORM)


register(
    ModelType(
        "nemotron",
        {
            "vocab_size": 256000,
            "hidden_size": 6144,
            "intermediate_size": 24576,
            "num_hidden_layers": 32,
            "num_attention_heads": 48,
            "num_key_value_heads": None,
            "max_position_embeddings": 4096,
            "head_dim": None,
            "hidden_act": "relu2",
            "norm_eps": 1e-05,
            "rope_theta": 10000.0,
            "partial_rotary_factor": 0.5,
            "tie_word_embeddings": False,
            "attention_bias": False,
            "mlp_bias": False,
        },
        fields,
        weights,
        ignored={
            "rope_percent": "older; partial_rotary_factor is read",
        },
        model_class="NemotronForCausalLM",
    )
)
