"""Phi-3 and Phi-4: LLaMA with joint matrices."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.fused import stacked
from models.hugging_face.names import OUTSIDE, PRE_NORM
from models.hugging_face.parts import decoder
from models.hugging_face.rope import rope
from models.hugging_face.spans import one_window
from models.hugging_face.weights import Rule, renamed, split

LAYER = "model.layers.{}."


def fields(config: Config) -> Fields:
    """Pre-norm, RoPE without scaling, gated, one window for all layers."""
    return decoder(config, position=rope(config, partial=True, odd=True, scalings=("default",))) | {
        "span": one_window(config)
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """q, k and v are one matrix; so are the feed-forward's gate and its other branch."""
    attention, feed_forward = "blocks.{}.attention.", "blocks.{}.feed_forward."
    hidden = architecture.feed_forward.hidden(architecture.shape.width)
    return (
        *renamed(OUTSIDE | PRE_NORM),
        *renamed({attention + "out": LAYER + "self_attn.o_proj", feed_forward + "down": LAYER + "mlp.down_proj"}),
        stacked(architecture, LAYER + "self_attn.qkv_proj"),
        split((feed_forward + "gate", feed_forward + "up"), LAYER + "mlp.gate_up_proj", [hidden, hidden]),
    )


register(
    ModelType(
        "phi3",
        {
            "vocab_size": 32064,
            "hidden_size": 3072,
            "intermediate_size": 8192,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": None,
            "max_position_embeddings": 4096,
            "head_dim": None,
            "hidden_act": "silu",
            "rms_norm_eps": 1e-05,
            "rope_theta": 10000.0,
            "partial_rotary_factor": 1.0,
            "sliding_window": None,
            "tie_word_embeddings": False,
        },
        fields,
        weights,
        ignored={"attention_bias": "never read: attention has no biases"},
        model_class="Phi3ForCausalLM",
    )
)
