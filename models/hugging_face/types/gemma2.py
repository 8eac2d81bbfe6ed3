"""Gemma 2: norms before and after, soft caps, every other layer with a window."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import ATTENTION, DOUBLE_NORM, GATED, OUTSIDE
from models.hugging_face.parts import gemma
from models.hugging_face.sizes import layer_count
from models.hugging_face.spans import every, layer_kinds, span
from models.hugging_face.weights import Rule, renamed
from models.hugging_face.writing import Keys, divided, llama_like, windows


def fields(config: Config) -> Fields:
    """Two norms a sublayer, RoPE, gated, caps."""
    kinds = layer_kinds(config, every(2, layer_count(config)))
    return gemma(config) | {
        "span": span(config, kinds),
        "attention_cap": {"cap": config.number_or_none("attn_logit_softcapping")},
        "output_cap": {"cap": config.number_or_none("final_logit_softcapping")},
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return renamed(OUTSIDE | ATTENTION | GATED | DOUBLE_NORM)


def config(architecture: Architecture) -> Keys:
    """The keys of a `config.json`; a window that no layer has must be there all the same."""
    divided(architecture)
    given = {**llama_like(architecture, "hidden_activation"), **windows(architecture)}
    return given | {
        "sliding_window": given["sliding_window"] or architecture.shape.context,
        "attention_bias": architecture.bias.qkv,
        "query_pre_attn_scalar": max(1, round(architecture.heads.factor(architecture) ** -2)),
        "attn_logit_softcapping": architecture.attention_cap.cap,
        "final_logit_softcapping": architecture.output_cap.cap,
    }


register(
    ModelType(
        "gemma2",
        {
            "vocab_size": 256000,
            "hidden_size": 2304,
            "intermediate_size": 9216,
            "num_hidden_layers": 26,
            "num_attention_heads": 8,
            "num_key_value_heads": 4,
            "max_position_embeddings": 8192,
            "head_dim": 256,
            "hidden_activation": "gelu_pytorch_tanh",
            "rms_norm_eps": 1e-06,
            "rope_theta": 10000.0,
            "tie_word_embeddings": True,
            "attention_bias": False,
            "query_pre_attn_scalar": 256,
            "sliding_window": 4096,
            "final_logit_softcapping": 30.0,
            "attn_logit_softcapping": 50.0,
        },
        fields,
        weights,
        ignored={"hidden_act": "hidden_activation is read", "sliding_window_size": "sliding_window is read"},
        config=config,
        model_class="Gemma2ForCausalLM",
    )
)
