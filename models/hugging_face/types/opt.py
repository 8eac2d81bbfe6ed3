"""OPT, its smallest sibling with post-norm and a narrower embedding included."""

from collections.abc import Sequence

import torch
from torch import Tensor

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.parts import activation, biases, heads, shape
from models.hugging_face.sizes import EVEN
from models.hugging_face.weights import Rule, renamed

OUTSIDE = "model.decoder."
LAYER = "model.decoder.layers.{}."
OFFSET = 2  # rows of the table of positions that stand before position 0


def fields(config: Config) -> Fields:
    """Pre-norm or post-norm; ε is always 1e-5."""
    before, on = config.switch("do_layer_norm_before"), config.switch("enable_bias")
    learned = config.switch("layer_norm_elementwise_affine")
    width, table = config.whole("hidden_size"), config.whole_or_none("word_embed_proj_dim")
    narrow = {} if table in (None, width) else {"size": table}
    removed = config.switch("_remove_final_layer_norm")
    return {
        "shape": shape(config),
        "embedding": {"tied": config.switch("tie_word_embeddings")} | narrow,
        "position": {"option": "learned"},
        "norm": {"option": "layernorm", "eps": 1e-5, "gain": "w" if learned else "none", "bias": learned},
        "placement": {"option": "pre", "final": not removed} if before else {"option": "post"},
        "heads": heads(config),
        "feed_forward": {
            "option": "plain",
            "activation": activation(config, "activation_function"),
            "size": config.whole("ffn_dim"),
        },
        "bias": biases(qkv=on, attention_out=on, feed_forward=on),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names; the table of positions begins two rows early."""
    site = "residual" if architecture.placement.outside else "input"
    return (
        Rule(("parts.position.table",), (OUTSIDE + "embed_positions",), _without_offset, _with_offset),
        *renamed(
            {
                "embedding": OUTSIDE + "embed_tokens",
                "project_in": OUTSIDE + "project_in",
                "project_out": OUTSIDE + "project_out",
                "head": "lm_head",
                "parts.placement.final": OUTSIDE + "final_layer_norm",
                f"parts.placement.{site}.{{}}.attention": LAYER + "self_attn_layer_norm",
                f"parts.placement.{site}.{{}}.feed_forward": LAYER + "final_layer_norm",
                "blocks.{}.attention.query": LAYER + "self_attn.q_proj",
                "blocks.{}.attention.key": LAYER + "self_attn.k_proj",
                "blocks.{}.attention.value": LAYER + "self_attn.v_proj",
                "blocks.{}.attention.out": LAYER + "self_attn.out_proj",
                "blocks.{}.feed_forward.up": LAYER + "fc1",
                "blocks.{}.feed_forward.down": LAYER + "fc2",
            }
        ),
    )


def _without_offset(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
    return [tensor[OFFSET:] for tensor in tensors]


def _with_offset(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
    return [torch.cat((tensor.new_zeros(OFFSET, tensor.shape[1]), tensor)) for tensor in tensors]


register(
    ModelType(
        "opt",
        {
            "vocab_size": 50_272,
            "hidden_size": 768,
            "num_hidden_layers": 12,
            "num_attention_heads": 12,
            "ffn_dim": 3072,
            "max_position_embeddings": 2048,
            "do_layer_norm_before": True,
            "_remove_final_layer_norm": False,
            "word_embed_proj_dim": None,
            "activation_function": "relu",
            "enable_bias": True,
            "layer_norm_elementwise_affine": True,
            "tie_word_embeddings": True,
        },
        fields,
        weights,
        ignored=EVEN,
        model_class="OPTForCausalLM",
    )
)
