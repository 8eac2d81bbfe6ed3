"""Gemma 3, its text model: QK norm, five layers with a window to one without, a second θ."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import ATTENTION, DOUBLE_NORM, GATED, OUTSIDE, QK_NORM
from models.hugging_face.parts import gemma, qk_norm
from models.hugging_face.rope import rope_by_kind
from models.hugging_face.sizes import layer_count
from models.hugging_face.spans import every, layer_kinds, span
from models.hugging_face.weights import Rule, renamed


def fields(config: Config) -> Fields:
    """Two norms a sublayer, RoPE by kind of layer, gated, a cap on the logits."""
    pattern, layers = config.whole("sliding_window_pattern"), layer_count(config)
    kinds = layer_kinds(config, every(pattern, layers) if pattern else [])
    position = rope_by_kind(config, kinds, config.number("rope_local_base_freq"))
    return gemma(config, position=position) | {
        "qk_norm": qk_norm(config, "per_head", "rms_norm_eps", gain="one_plus_w"),
        "span": span(config, kinds, stay_local=True),
        "output_cap": {"cap": config.number_or_none("final_logit_softcapping")},
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return renamed(OUTSIDE | ATTENTION | GATED | DOUBLE_NORM | QK_NORM)


register(
    ModelType(
        "gemma3_text",
        {
            "vocab_size": 262208,
            "hidden_size": 2304,
            "intermediate_size": 9216,
            "num_hidden_layers": 26,
            "num_attention_heads": 8,
            "num_key_value_heads": 4,
            "max_position_embeddings": 131072,
            "head_dim": 256,
            "hidden_activation": "gelu_pytorch_tanh",
            "rms_norm_eps": 1e-06,
            "rope_theta": 1000000.0,
            "rope_local_base_freq": 10000.0,
            "sliding_window_pattern": 6,
            "tie_word_embeddings": True,
            "attention_bias": False,
            "query_pre_attn_scalar": 256,
            "sliding_window": 4096,
            "final_logit_softcapping": None,
        },
        fields,
        weights,
        ignored={
            "hidden_act": "hidden_activation is read",
            "attn_logit_softcapping": "kept, and never handed to the attention",
            "_sliding_window_pattern": "layer_types is made of it beforehand",
        },
        model_class="Gemma3ForCausalLM",
    )
)
