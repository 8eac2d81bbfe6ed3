"""Falcon: 7B's shared norm and one key/value head, 40B's two norms and groups, RW's ALiBi in a serial block."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.fused import by_group
from models.hugging_face.parts import activation, biases, inner_width, layer_norm, shape
from models.hugging_face.rope import rope
from models.hugging_face.weights import Rule, renamed
from models.text import Text

LAYER = "transformer.h.{}."
NORMS = {
    "serial": {"attention": "input_layernorm", "feed_forward": "post_attention_layernorm"},
    "parallel": {"shared": "input_layernorm"},
    "parallel_two_norms": {"attention": "ln_attn", "feed_forward": "ln_mlp"},
}
NO_SUCH_BLOCK = Text(
    "the reference cannot run this number of norms in this kind of block.",
    "参考实现无法在这种块里使用这么多归一化。",
)
ALL_OF_THEM = Text(
    "without new_decoder_architecture and multi_query there are as many as query heads.",
    "没有 new_decoder_architecture 和 multi_query 时，键值头数等于查询头数。",
)


def fields(config: Config) -> Fields:
    """Biases by one switch; ALiBi is added before the scores are scaled, in bfloat16."""
    on = config.switch("bias")
    return {
        "shape": shape(config),
        "embedding": {"tied": config.switch("tie_word_embeddings")},
        "position": position(config),
        "norm": layer_norm(config, "layer_norm_epsilon"),
        "placement": {"option": "pre"},
        "layout": {"option": layout(config)},
        "heads": heads(config),
        "feed_forward": {
            "option": "plain",
            "activation": activation(config, "activation"),
            "size": inner_width(config, "ffn_hidden_size"),
        },
        "bias": biases(qkv=on, attention_out=on, feed_forward=on),
    }


def position(config: Config) -> Fields:
    """ALiBi, or RoPE on whole heads."""
    if not config.switch("alibi"):
        return rope(config)
    rope(config)  # read and idle
    return {"option": "alibi", "inside_scale": True, "rounding": "bfloat16"}


def layout(config: Config) -> str:
    """The kind of block; those that the reference builds and cannot run are refused."""
    new, parallel = config.switch("new_decoder_architecture"), config.switch("parallel_attn")
    norms = config.whole_or_none("num_ln_in_parallel_attn") or (2 if new else 1)
    if new and not parallel or norms not in (1, 2) or (norms == 2 and parallel and not new):
        raise config.refused("num_ln_in_parallel_attn", NO_SUCH_BLOCK)
    if not parallel:
        return "serial"
    return "parallel_two_norms" if norms == 2 else "parallel"


def heads(config: Config) -> Fields:
    """Key/value heads: as given in the new architecture, one with `multi_query`, else as many as queries."""
    query, given = config.whole("num_attention_heads"), config.whole_or_none("num_kv_heads")
    given = query if given is None else given
    if config.switch("new_decoder_architecture"):
        config.switch("multi_query")  # read and idle
        return {"query": query, "kv": given}
    if config.switch("multi_query"):
        return {"query": query, "kv": 1}
    if given != query:
        raise config.refused("num_kv_heads", ALL_OF_THEM)
    return {"query": query, "kv": query}


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names; q, k and v in one matrix, by group of heads. With one group that is one below the other."""
    norms = NORMS[architecture.layout.slug]
    return (
        *renamed(
            {
                "embedding": "transformer.word_embeddings",
                "head": "lm_head",
                "parts.placement.final": "transformer.ln_f",
                **{f"parts.placement.input.{{}}.{site}": LAYER + name for site, name in norms.items()},
                "blocks.{}.attention.out": LAYER + "self_attention.dense",
                "blocks.{}.feed_forward.up": LAYER + "mlp.dense_h_to_4h",
                "blocks.{}.feed_forward.down": LAYER + "mlp.dense_4h_to_h",
            }
        ),
        by_group(architecture, LAYER + "self_attention.query_key_value"),
    )


register(
    ModelType(
        "falcon",
        {
            "vocab_size": 65_024,
            "hidden_size": 4544,
            "num_hidden_layers": 32,
            "num_attention_heads": 71,
            "num_kv_heads": None,
            "num_ln_in_parallel_attn": None,
            "max_position_embeddings": 2048,
            "layer_norm_epsilon": 1e-5,
            "alibi": False,
            "new_decoder_architecture": False,
            "multi_query": True,
            "parallel_attn": True,
            "bias": False,
            "ffn_hidden_size": None,
            "activation": "gelu",
            "rope_theta": 10_000.0,
            "tie_word_embeddings": True,
        },
        fields,
        weights,
        {"hidden_size": ("n_embed",)},
        ignored={
            "apply_residual_connection_post_layernorm": "never read",
            "rotary": "computed from alibi",
        },
        model_class="FalconForCausalLM",
    )
)
