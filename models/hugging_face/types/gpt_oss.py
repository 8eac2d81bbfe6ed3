"""gpt-oss with one expert: sinks, every other layer with a window, a clamped gate."""

from collections.abc import Sequence

import torch
from torch import Tensor

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import ATTENTION, OUTSIDE, PRE_NORM
from models.hugging_face.parts import attention_biases, decoder
from models.hugging_face.sizes import layer_count
from models.hugging_face.spans import every, layer_kinds, span
from models.hugging_face.weights import Rule, renamed, transposed
from models.text import Text


def fields(config: Config) -> Fields:
    """Pre-norm, RoPE, one expert, which is a gated feed-forward with biases."""
    _refuse_experts(config)
    attention = attention_biases(config)["places"]
    kinds = layer_kinds(config, every(2, layer_count(config)))
    feed_forward = {
        "option": "gated",
        "activation": "quick_gelu",
        "size": config.whole("intermediate_size"),
        "clamp": config.number("swiglu_limit"),
        "offset": 1.0,
    }
    return decoder(config, feed_forward=feed_forward) | {
        "span": span(config, kinds),
        "sink": {"option": "learned"},
        "bias": {"places": "feed_forward" if attention == "none" else f"{attention}~feed_forward"},
    }


def _refuse_experts(config: Config) -> None:
    for key in ("num_local_experts", "num_experts_per_tok"):
        if config.whole(key) != 1:
            raise config.refused(key, Text("only one expert can be expressed.", "只能表达单个专家。"))
    if config.number("swiglu_alpha") != 1.702:
        raise config.refused("swiglu_alpha", Text("only 1.702 can be expressed.", "只能表达 1.702。"))


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """The expert's matrices are [1, in, out]; the gate's columns and the other branch's take turns."""
    expert, ours = "model.layers.{}.mlp.experts.", "blocks.{}.feed_forward."
    branches = {ending: (f"{ours}gate.{ending}", f"{ours}up.{ending}") for ending in ("weight", "bias")}
    return (
        *renamed(OUTSIDE | ATTENTION | PRE_NORM),
        *renamed({"parts.sink.logit.{}": "model.layers.{}.self_attn.sinks"}),
        Rule(branches["weight"], (expert + "gate_up_proj",), _apart, _woven),
        Rule(branches["bias"], (expert + "gate_up_proj_bias",), _apart, _woven),
        Rule((ours + "down.weight",), (expert + "down_proj",), _alone, _as_expert),
        Rule((ours + "down.bias",), (expert + "down_proj_bias",), _alone, _as_expert),
    )


def _alone(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
    return transposed([tensor.squeeze(0) for tensor in tensors])


def _as_expert(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
    return [tensor.unsqueeze(0) for tensor in transposed(tensors)]


def _apart(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
    (both,) = _alone(tensors)
    return both[::2], both[1::2]


def _woven(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
    return _as_expert([torch.stack(tuple(tensors), 1).flatten(0, 1)])


register(
    ModelType(
        "gpt_oss",
        {
            "vocab_size": 201088,
            "hidden_size": 2880,
            "intermediate_size": 2880,
            "num_hidden_layers": 36,
            "num_attention_heads": 64,
            "num_key_value_heads": 8,
            "max_position_embeddings": 131072,
            "head_dim": 64,
            "rms_norm_eps": 1e-05,
            "rope_theta": 150000.0,
            "sliding_window": 128,
            "tie_word_embeddings": False,
            "attention_bias": True,
            "num_local_experts": 128,
            "num_experts_per_tok": 4,
            "swiglu_alpha": 1.702,
            "swiglu_limit": 7.0,
            "rope_parameters": {
                "rope_type": "yarn",
                "factor": 32.0,
                "beta_fast": 32.0,
                "beta_slow": 1.0,
                "truncate": False,
                "original_max_position_embeddings": 4096,
            },
        },
        fields,
        weights,
        aliases={"num_local_experts": ("num_experts",)},
        ignored={
            "hidden_act": "never read: the gate has its own",
            "experts_per_token": "num_experts_per_tok is read",
            "initial_context_length": "the rotary parameters are read",
        },
        spare={
            "model.layers.{}.mlp.router.weight": "one expert gets weight 1 whatever the router says",
            "model.layers.{}.mlp.router.bias": "one expert gets weight 1 whatever the router says",
        },
        model_class="GptOssForCausalLM",
    )
)
