"""GPT-J."""

import math

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.parts import activation, biases, head_width, heads, inner_width, layer_norm, shape
from models.hugging_face.sizes import EVEN
from models.hugging_face.weights import Rule, renamed
from models.text import Text

LAYER = "transformer.h.{}."


def fields(config: Config) -> Fields:
    """One norm for both branches, the first `rotary_dim` entries of a head rotated in neighbouring pairs."""
    return {
        "shape": shape(config),
        "embedding": {"tied": config.switch("tie_word_embeddings")},
        "position": {"option": "rope", "fraction": rotated(config), "pairing": "interleaved"},
        "norm": layer_norm(config, "layer_norm_epsilon"),
        "placement": {"option": "pre"},
        "layout": {"option": "parallel"},
        "heads": heads(config),
        "feed_forward": {
            "option": "plain",
            "activation": activation(config, "activation_function"),
            "size": inner_width(config, "n_inner"),
        },
        "bias": biases(feed_forward=True, head=True),
    }


def rotated(config: Config) -> float:
    """The share of a head that `rotary_dim` rotates."""
    entries, width = config.whole("rotary_dim"), head_width(config)
    if not 0 < entries <= width:
        why = Text(f"it must be between 1 and the head width, {width}.", f"应在 1 到头宽 {width} 之间。")
        raise config.refused("rotary_dim", why)
    share = entries / width
    return share if int(share * width) == entries else math.nextafter(share, 1.0)


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return renamed(
        {
            "embedding": "transformer.wte",
            "head": "lm_head",
            "parts.placement.final": "transformer.ln_f",
            "parts.placement.input.{}.shared": LAYER + "ln_1",
            "blocks.{}.attention.query": LAYER + "attn.q_proj",
            "blocks.{}.attention.key": LAYER + "attn.k_proj",
            "blocks.{}.attention.value": LAYER + "attn.v_proj",
            "blocks.{}.attention.out": LAYER + "attn.out_proj",
            "blocks.{}.feed_forward.up": LAYER + "mlp.fc_in",
            "blocks.{}.feed_forward.down": LAYER + "mlp.fc_out",
        }
    )


register(
    ModelType(
        "gptj",
        {
            "vocab_size": 50_400,
            "hidden_size": 4096,
            "num_hidden_layers": 28,
            "num_attention_heads": 16,
            "max_position_embeddings": 2048,
            "n_inner": None,
            "rotary_dim": 64,
            "activation_function": "gelu_new",
            "layer_norm_epsilon": 1e-5,
            "tie_word_embeddings": False,
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
            "intermediate_size": "never read; n_inner is",
            "rotary": "never read; it always rotates",
            "scale_attn_weights": "never read; it always divides by √head width",
            "n_ctx": "older than n_positions",
        },
        model_class="GPTJForCausalLM",
    )
)
