"""Phi-1 and Phi-2."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import SHARED_NORM
from models.hugging_face.parts import biases, heads, layer_norm, plain, shape
from models.hugging_face.rope import rope
from models.hugging_face.weights import Rule, renamed

LAYER = "model.layers.{}."


def fields(config: Config) -> Fields:
    """One norm for both branches, a part of each head rotated, biases everywhere, the head included."""
    normed, norm = config.switch("qk_layernorm"), layer_norm(config, "layer_norm_eps")
    qk_norm = {"option": "per_head", "kind": "layernorm", "eps": norm["eps"], "bias": True}
    return {
        "shape": shape(config),
        "embedding": {"tied": config.switch("tie_word_embeddings")},
        "position": rope(config, partial=True),
        "norm": norm,
        "placement": {"option": "pre"},
        "layout": {"option": "parallel"},
        "heads": heads(config),
        "qk_norm": qk_norm if normed else {"option": "none"},
        "feed_forward": plain(config),
        "bias": biases(qkv=True, attention_out=True, feed_forward=True, head=True),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return renamed(
        {
            "embedding": "model.embed_tokens",
            "head": "lm_head",
            "parts.placement.final": "model.final_layernorm",
            **SHARED_NORM,
            "parts.qk_norm.query.{}": LAYER + "self_attn.q_layernorm",
            "parts.qk_norm.key.{}": LAYER + "self_attn.k_layernorm",
            "blocks.{}.attention.query": LAYER + "self_attn.q_proj",
            "blocks.{}.attention.key": LAYER + "self_attn.k_proj",
            "blocks.{}.attention.value": LAYER + "self_attn.v_proj",
            "blocks.{}.attention.out": LAYER + "self_attn.dense",
            "blocks.{}.feed_forward.up": LAYER + "mlp.fc1",
            "blocks.{}.feed_forward.down": LAYER + "mlp.fc2",
        }
    )


register(
    ModelType(
        "phi",
        {
            "vocab_size": 51_200,
            "hidden_size": 2048,
            "intermediate_size": 8192,
            "num_hidden_layers": 24,
            "num_attention_heads": 32,
            "num_key_value_heads": None,
            "head_dim": None,
            "hidden_act": "gelu_new",
            "max_position_embeddings": 2048,
            "layer_norm_eps": 1e-5,
            "rope_theta": 10_000.0,
            "partial_rotary_factor": 0.5,
            "qk_layernorm": False,
            "tie_word_embeddings": False,
        },
        fields,
        weights,
        model_class="PhiForCausalLM",
    )
)
