"""OLMo 3: OLMo 2 with three layers with a window to one without, scaled for themselves."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import AFTER_NORM, ATTENTION, GATED, OUTSIDE, QK_NORM
from models.hugging_face.parts import attention_biases, decoder, qk_norm
from models.hugging_face.rope import rope_by_kind
from models.hugging_face.sizes import layer_count
from models.hugging_face.spans import every, layer_kinds, span
from models.hugging_face.weights import Rule, renamed

THETA = 500_000.0


def fields(config: Config) -> Fields:
    """Norm in the residual, RoPE by kind of layer, gated. An older `rope_theta` is that of the full layers alone."""
    kinds = layer_kinds(config, every(4, layer_count(config)))
    position = rope_by_kind(config, kinds, local_theta=THETA)
    return decoder(config, position=position) | {
        "placement": {"option": "residual_post"},
        "qk_norm": qk_norm(config, "full_width", "rms_norm_eps"),
        "span": span(config, kinds, stay_local=True),
        "bias": attention_biases(config),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return renamed(OUTSIDE | ATTENTION | GATED | AFTER_NORM | QK_NORM)


register(
    ModelType(
        "olmo3",
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
            "rope_theta": THETA,
            "sliding_window": 4096,
            "tie_word_embeddings": False,
            "attention_bias": False,
        },
        fields,
        weights,
        model_class="Olmo3ForCausalLM",
    )
)
