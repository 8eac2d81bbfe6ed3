"""StableLM 2 and 3B: LayerNorm, a quarter of each head rotated."""

import torch

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import ATTENTION, GATED, OUTSIDE, PRE_NORM, SHARED_NORM
from models.hugging_face.parts import biases, decoder, head_width, layer_norm, qk_norm
from models.hugging_face.rope import rope
from models.hugging_face.weights import Rule, renamed
from models.text import Text


def fields(config: Config) -> Fields:
    """Pre-norm, partial RoPE, gated; by switches a parallel block, and a LayerNorm for every head's q and k."""
    if head_width(config) != config.whole("hidden_size") // config.whole("num_attention_heads"):
        why = Text("this model type's heads divide its width.", "该模型类型的各个头平分模型宽度。")
        raise config.refused("head_dim", why)
    given = decoder(config, position=rope(config, partial=True), norm=layer_norm(config, "layer_norm_eps"))
    if config.switch("qk_layernorm"):
        given["qk_norm"] = qk_norm(config, "per_head_weights", "layer_norm_eps", kind="layernorm")
    return given | {
        "layout": {"option": "parallel" if config.switch("use_parallel_residual") else "serial"},
        "bias": biases(qkv=config.switch("use_qkv_bias")),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names; a norm for each head becomes one norm with a row of gains for each."""
    heads = architecture.heads
    return (
        *renamed(OUTSIDE | ATTENTION | GATED),
        *renamed(SHARED_NORM if architecture.layout.slug == "parallel" else PRE_NORM),
        _stacked("parts.qk_norm.query.{}", "model.layers.{}.self_attn.q_layernorm", heads.query),
        _stacked("parts.qk_norm.key.{}", "model.layers.{}.self_attn.k_layernorm", heads.kv),
    )


def _stacked(ours: str, theirs: str, heads: int) -> Rule:
    names = tuple(f"{theirs}.norms.{head}" for head in range(heads))
    return Rule((ours,), names, lambda rows: [torch.stack(tuple(rows))], lambda stack: stack[0].unbind())


register(
    ModelType(
        "stablelm",
        {
            "vocab_size": 50304,
            "hidden_size": 2560,
            "intermediate_size": 6912,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 32,
            "head_dim": None,
            "max_position_embeddings": 4096,
            "hidden_act": "silu",
            "layer_norm_eps": 1e-05,
            "rope_theta": 10000.0,
            "partial_rotary_factor": 0.25,
            "use_qkv_bias": False,
            "qk_layernorm": False,
            "use_parallel_residual": False,
            "tie_word_embeddings": False,
        },
        fields,
        weights,
        ignored={
            "norm_eps": "layer_norm_eps is read",
            "rope_pct": "older; partial_rotary_factor is read",
            "rotary_scaling_factor": "older; never read",
        },
        model_class="StableLmForCausalLM",
    )
)
