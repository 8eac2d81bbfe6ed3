"""What many configurations have alike: sizes, heads, feed-forward, norms, biases. Knows no model type by name."""

from models.activation.base import ACTIVATIONS
from models.bias import PLACES
from models.hugging_face.config import Config, Fields
from models.hugging_face.rope import rope
from models.hugging_face.sizes import head_width, heads, shape
from models.text import Text

# The reference's names of activations; those that differ in rounding alone are one.
ACTIVATION_NAMES = {
    "gelu": "gelu",
    "gelu_python": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "gelu_accurate": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_python_tanh": "gelu_tanh",
    "quick_gelu": "quick_gelu",
    "relu": "relu",
    "relu2": "relu2",
    "sigmoid": "sigmoid",
    "silu": "silu",
    "swish": "silu",
}


def decoder(config: Config, **given: Fields) -> Fields:
    """A LLaMA-like model: pre-norm by RMSNorm, RoPE, a gated feed-forward, no biases. Types change what differs.

    `given`: position, norm or feed_forward, read otherwise than usual; the usual keys are not looked at then.
    """
    usual = {"position": rope, "norm": rms_norm, "feed_forward": gated}
    return {
        "shape": shape(config),
        "embedding": {"tied": config.switch("tie_word_embeddings")},
        "placement": {"option": "pre"},
        "layout": {"option": "serial"},
        "heads": heads(config),
        "bias": biases(),
        **{axis: given[axis] if axis in given else read(config) for axis, read in usual.items()},
    }


def gemma(config: Config, **given: Fields) -> Fields:
    """What Gemma 2 and 3 share: two norms a sublayer, gains 1 + w, embeddings times √d, a score scale of their own."""
    norm, feed_forward = rms_norm(config, gain="one_plus_w"), gated(config, "hidden_activation")
    divisor = config.number("query_pre_attn_scalar")
    if divisor <= 0:
        raise config.refused("query_pre_attn_scalar", Text("it must be greater than 0.", "必须大于 0。"))
    fields = decoder(config, norm=norm, feed_forward=feed_forward, **given)
    return fields | {
        "embedding": {**fields["embedding"], "scale": "sqrt_width"},
        "placement": {"option": "double"},
        "heads": fields["heads"] | score_scale(config, divisor**-0.5),
        "bias": attention_biases(config),
    }


def score_scale(config: Config, scale: float) -> Fields:
    """The scale, unless it is the usual one."""
    return {} if scale == head_width(config) ** -0.5 else {"scale": scale}


def gated(config: Config, key: str = "hidden_act") -> Fields:
    """A gated feed-forward."""
    return {
        "option": "gated",
        "activation": activation(config, key),
        "size": config.whole("intermediate_size"),
    }


def plain(config: Config, key: str = "hidden_act") -> Fields:
    """A plain feed-forward."""
    return gated(config, key) | {"option": "plain"}


def inner_width(config: Config, key: str) -> int:
    """The feed-forward's width as `key` gives it, null: four times the model's."""
    width, inner = config.whole("hidden_size"), config.whole_or_none(key)
    return 4 * width if inner is None else inner


def activation(config: Config, key: str) -> str:
    """Our name for the activation that `key` names."""
    ours = ACTIVATION_NAMES.get(config.word(key))
    if ours not in ACTIVATIONS:
        known = [name for name, ours in ACTIVATION_NAMES.items() if ours in ACTIVATIONS]
        why = Text(
            f"there is no such activation here; there are {', '.join(known)}.",
            f"没有这个激活函数；可用的有 {'、'.join(known)}。",
        )
        raise config.refused(key, why)
    assert ours is not None
    return ours


def rms_norm(config: Config, key: str = "rms_norm_eps", gain: str = "w") -> Fields:
    """RMSNorm with the ε that `key` gives."""
    return {"option": "rmsnorm", "eps": config.number(key), "gain": gain}


def layer_norm(config: Config, key: str, bias: bool = True, gain: str = "w") -> Fields:
    """LayerNorm with the ε that `key` gives."""
    return {"option": "layernorm", "eps": config.number(key), "bias": bias, "gain": gain}


def qk_norm(config: Config, option: str, eps: str, **fields: str) -> Fields:
    """QK norm with the ε that the key `eps` gives."""
    return {"option": option, "eps": config.number(eps), **fields}


def biases(**places: bool) -> Fields:
    """Biases at the places that are true: qkv, attention_out, feed_forward, head."""
    assert not set(places) - set(PLACES)
    return {"places": "~".join(place for place in PLACES if places.get(place)) or "none"}


def attention_biases(config: Config, feed_forward: bool = False) -> Fields:
    """Biases on all four matrices of attention, if `attention_bias`."""
    on = config.switch("attention_bias")
    return biases(qkv=on, attention_out=on, feed_forward=feed_forward)
