"""GPT-2."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.fused import stacked
from models.hugging_face.parts import activation, biases, inner_width, layer_norm, shape
from models.hugging_face.weights import Rule, renamed, transposed
from models.hugging_face.writing import Keys, activation_name, around, divided, epsilon

LAYER = "transformer.h.{}."
ALIASES = {
    "hidden_size": ("n_embd",),
    "num_hidden_layers": ("n_layer",),
    "num_attention_heads": ("n_head",),
    "max_position_embeddings": ("n_positions",),
}


def fields(config: Config) -> Fields:
    """Learned positions, LayerNorm, a plain feed-forward, biases everywhere but at the head."""
    scaled, by_layer = config.switch("scale_attn_weights"), config.switch("scale_attn_by_inverse_layer_idx")
    config.switch("reorder_and_upcast_attn")  # a matter of precision
    return {
        "shape": shape(config),
        "embedding": {"tied": config.switch("tie_word_embeddings")},
        "position": {"option": "learned"},
        "norm": layer_norm(config, "layer_norm_epsilon"),
        "placement": {"option": "pre"},
        "heads": heads(config) | ({} if scaled else {"scale": 1.0}) | ({"scale_by_layer": True} if by_layer else {}),
        "feed_forward": {
            "option": "plain",
            "activation": activation(config, "activation_function"),
            "size": inner_width(config, "n_inner"),
        },
        "bias": biases(qkv=True, attention_out=True, feed_forward=True),
    }


def heads(config: Config) -> Fields:
    """As many key/value heads as query heads."""
    query = config.whole("num_attention_heads")
    return {"query": query, "kv": query}


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Matrices are kept as [in, out]; q, k and v in one."""
    return (
        *renamed(
            {
                "embedding": "transformer.wte",
                "head": "lm_head",
                "parts.position.table": "transformer.wpe",
                "parts.placement.final": "transformer.ln_f",
                "parts.placement.input.{}.attention": LAYER + "ln_1",
                "parts.placement.input.{}.feed_forward": LAYER + "ln_2",
            }
        ),
        *renamed(
            {
                "blocks.{}.attention.out": LAYER + "attn.c_proj",
                "blocks.{}.feed_forward.up": LAYER + "mlp.c_fc",
                "blocks.{}.feed_forward.down": LAYER + "mlp.c_proj",
            },
            transposed,
        ),
        stacked(architecture, LAYER + "attn.c_attn", transposed),
    )


def config(architecture: Architecture) -> Keys:
    """The keys of a `config.json`."""
    divided(architecture)
    shape, heads = architecture.shape, architecture.heads
    return {
        "n_embd": shape.width,
        "n_layer": shape.layers,
        "n_head": heads.query,
        "n_positions": shape.context,
        "n_inner": architecture.feed_forward.hidden(shape.width),
        "activation_function": activation_name(architecture, "gelu_new"),
        "layer_norm_epsilon": epsilon(architecture),
        "scale_attn_weights": heads.factor(architecture) != 1,
        "scale_attn_by_inverse_layer_idx": heads.scale_by_layer,
        **around(architecture),
    }


register(
    ModelType(
        "gpt2",
        {
            "vocab_size": 50_257,
            "hidden_size": 768,
            "num_hidden_layers": 12,
            "num_attention_heads": 12,
            "max_position_embeddings": 1024,
            "n_inner": None,
            "activation_function": "gelu_new",
            "layer_norm_epsilon": 1e-5,
            "scale_attn_weights": True,
            "scale_attn_by_inverse_layer_idx": False,
            "reorder_and_upcast_attn": False,
            "tie_word_embeddings": True,
        },
        fields,
        weights,
        ALIASES,
        ignored={
            "intermediate_size": "never read; n_inner is",
            "n_ctx": "older than n_positions, which alone sizes the table",
        },
        config=config,
        model_class="GPT2LMHeadModel",
    )
)
