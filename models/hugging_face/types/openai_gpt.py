"""GPT-1."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.fused import stacked
from models.hugging_face.parts import biases, heads, layer_norm, shape
from models.hugging_face.sizes import EVEN
from models.hugging_face.weights import Rule, renamed, transposed
from models.text import Text

LAYER = "transformer.h.{}."
ACTIVATIONS = {"relu": "relu", "silu": "silu", "swish": "silu", "gelu": "gelu_tanh"}  # here gelu is the tanh form


def fields(config: Config) -> Fields:
    """Post-norm without a final norm, learned positions; the feed-forward is always four times as wide."""
    activation = ACTIVATIONS.get(config.word("afn"))
    if activation is None:
        known = ", ".join(ACTIVATIONS)
        raise config.refused("afn", Text(f"this model type has {known} only.", f"该模型类型只有 {known}。"))
    return {
        "shape": shape(config),
        "embedding": {"tied": config.switch("tie_word_embeddings")},
        "position": {"option": "learned"},
        "norm": layer_norm(config, "layer_norm_epsilon"),
        "placement": {"option": "post"},
        "heads": heads(config),
        "feed_forward": {"option": "plain", "activation": activation, "size": 4 * config.whole("hidden_size")},
        "bias": biases(qkv=True, attention_out=True, feed_forward=True),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Matrices are kept as [in, out]; q, k and v in one."""
    return (
        *renamed(
            {
                "embedding": "transformer.tokens_embed",
                "head": "lm_head",
                "parts.position.table": "transformer.positions_embed",
                "parts.placement.residual.{}.attention": LAYER + "ln_1",
                "parts.placement.residual.{}.feed_forward": LAYER + "ln_2",
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


register(
    ModelType(
        "openai-gpt",
        {
            "vocab_size": 40_478,
            "hidden_size": 768,
            "num_hidden_layers": 12,
            "num_attention_heads": 12,
            "max_position_embeddings": 512,
            "afn": "gelu",
            "layer_norm_epsilon": 1e-5,
            "tie_word_embeddings": True,
        },
        fields,
        weights,
        {
            "hidden_size": ("n_embd",),
            "num_hidden_layers": ("n_layer",),
            "num_attention_heads": ("n_head",),
            "max_position_embeddings": ("n_positions",),
        },
        ignored={
            **EVEN,
            "n_ctx": "older than n_positions, which alone sizes the table",
            "n_special": "older; the vocabulary counts all tokens",
            "predict_special_tokens": "older; never read",
        },
        model_class="OpenAIGPTLMHeadModel",
    )
)
