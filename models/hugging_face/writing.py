"""What the `config.json`s that we write have alike: keys and values made of an architecture.

A writer states what its model type can say and leaves the rest out: whether that was enough is for the reader to tell
(`save.py` reads every configuration back and compares).
"""

from typing import Any

from models.architecture import Architecture
from models.hugging_face.config import UnsupportedArchitecture
from models.hugging_face.parts import ACTIVATION_NAMES
from models.hugging_face.spans import FULL, SLIDING
from models.position.rope import Rope
from models.text import Text

Keys = dict[str, Any]


def llama_like(architecture: Architecture, act: str = "hidden_act") -> Keys:
    """Sizes, heads, activation, rotary parameters; `act` is the key of the activation."""
    heads, width = architecture.heads, architecture.shape.width
    return {
        "hidden_size": width,
        "num_hidden_layers": architecture.shape.layers,
        "num_attention_heads": heads.query,
        "num_key_value_heads": heads.kv,
        "head_dim": heads.width(architecture),
        "intermediate_size": architecture.feed_forward.hidden(width),
        act: activation_name(architecture, "gelu_pytorch_tanh"),
        "rms_norm_eps": epsilon(architecture),
        **around(architecture),
        "max_position_embeddings": architecture.shape.context,
        **rotary(architecture),
    }


def around(architecture: Architecture) -> Keys:
    """The vocabulary, whether it is tied, and that no id means anything."""
    return {
        "vocab_size": architecture.shape.vocabulary,
        "tie_word_embeddings": architecture.embedding.tied,
        "bos_token_id": None,
        "eos_token_id": None,
        "pad_token_id": None,
    }


def activation_name(architecture: Architecture, tanh: str) -> str:
    """The reference's name of the activation; `tanh`: which of its names for GELU's tanh form."""
    ours = architecture.feed_forward.activation
    return tanh if ours == "gelu_tanh" else next((name for name in ACTIVATION_NAMES if name == ours), ours)


def epsilon(architecture: Architecture) -> float:
    """The norm's ε; that of no norm does not matter."""
    return getattr(architecture.norm, "eps", 1e-5)


def rotary(architecture: Architecture) -> Keys:
    """`rope_parameters` of one kind for all layers; nothing where the position is no RoPE."""
    position = architecture.position
    if not isinstance(position, Rope):
        return {}
    given = {"rope_type": "default" if position.scaling == "none" else position.scaling, "rope_theta": position.theta}
    if position.scaling != "none":
        given["factor"] = position.factor
    if position.scaling in ("llama3", "yarn"):
        given["original_max_position_embeddings"] = position.original or architecture.shape.context
    if position.scaling == "llama3":
        given |= {"low_freq_factor": position.low, "high_freq_factor": position.high}
    if position.scaling == "yarn":
        given |= {"beta_fast": position.fast, "beta_slow": position.slow, "truncate": position.truncate}
        given |= {} if position.attention_factor is None else {"attention_factor": position.attention_factor}
    return {"rope_parameters": given}


def windows(architecture: Architecture) -> Keys:
    """`layer_types` and the window of those that have one."""
    span, layers = architecture.span, range(architecture.shape.layers)
    window = getattr(span, "window", None)
    kinds = [SLIDING if window is not None and span.local(layer) else FULL for layer in layers]
    return {"layer_types": kinds, "sliding_window": window}


def divided(architecture: Architecture) -> None:
    """Refuse what the reference's configuration classes refuse: heads that do not divide the width."""
    width, query = architecture.shape.width, architecture.heads.query
    if width % query:
        sentence = Text(
            f"heads.query={query} does not divide shape.width={width}.",
            f"heads.query={query} 不能整除 shape.width={width}。",
        )
        raise UnsupportedArchitecture(sentence, "heads.query", "shape.width")
