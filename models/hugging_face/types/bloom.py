"""BLOOM."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.fused import by_group
from models.hugging_face.parts import biases, heads, layer_norm
from models.hugging_face.sizes import EVEN
from models.hugging_face.weights import Rule, renamed

LAYER = "transformer.h.{}."


def fields(config: Config) -> Fields:
    """ALiBi, a norm on the embeddings, biases everywhere but at the head; `seq_length` is what it was trained on."""
    width, normed = config.whole("hidden_size"), config.switch("apply_residual_connection_post_layernorm")
    return {
        "shape": {
            "layers": config.whole("num_hidden_layers"),
            "width": width,
            "context": config.whole("seq_length"),
            "vocabulary": config.whole("vocab_size"),
        },
        "embedding": {"tied": config.switch("tie_word_embeddings")},
        "position": {"option": "alibi"},
        "norm": layer_norm(config, "layer_norm_epsilon"),
        "placement": {"option": "pre", "embedding": True},
        "layout": {"option": "serial"} | ({"normed_residual": True} if normed else {}),
        "heads": heads(config),
        "feed_forward": {"option": "plain", "activation": "gelu_tanh", "size": 4 * width},
        "bias": biases(qkv=True, attention_out=True, feed_forward=True),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names; q, k and v of a head stand together."""
    return (
        *renamed(
            {
                "embedding": "transformer.word_embeddings",
                "head": "lm_head",
                "parts.placement.embedding": "transformer.word_embeddings_layernorm",
                "parts.placement.final": "transformer.ln_f",
                "parts.placement.input.{}.attention": LAYER + "input_layernorm",
                "parts.placement.input.{}.feed_forward": LAYER + "post_attention_layernorm",
                "blocks.{}.attention.out": LAYER + "self_attention.dense",
                "blocks.{}.feed_forward.up": LAYER + "mlp.dense_h_to_4h",
                "blocks.{}.feed_forward.down": LAYER + "mlp.dense_4h_to_h",
            }
        ),
        by_group(architecture, LAYER + "self_attention.query_key_value"),
    )


register(
    ModelType(
        "bloom",
        {
            "vocab_size": 250_880,
            "hidden_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 8,
            "seq_length": 2048,
            "layer_norm_epsilon": 1e-5,
            "apply_residual_connection_post_layernorm": False,
            "tie_word_embeddings": True,
        },
        fields,
        weights,
        {
            "hidden_size": ("n_embed",),
            "num_hidden_layers": ("n_layer",),
            "num_attention_heads": ("n_head",),
        },
        ignored={
            **EVEN,
            "slow_but_exact": "the same sums in another order",
            "skip_bias_add": "never read",
            "skip_bias_add_qkv": "never read",
            "attention_softmax_in_fp32": "never read; the softmax is always in float32",
            "masked_softmax_fusion": "never read",
            "bias_dropout_fusion": "never read",
            "unk_token_id": "which id means what",
            "offset_alibi": "never read",
        },
        model_class="BloomForCausalLM",
    )
)
