"""Model types of the reference implementation, and how a configuration of one becomes ours. Knows none by name.

Rules for a file in `types/`, one model type each (or one small family):

- It ends in `register(ModelType(...))`: the reference's `model_type`; what absent keys mean (its configuration
  class's defaults); `fields`, which turns a `Config` into the fields of an `Architecture`; `weights`, which gives the
  `Rule`s between the two state dicts; `ignored`, the keys that the reference accepts and never reads, each with the
  reason; where it can be written too, `config`, which turns an `Architecture` back into the keys of a `config.json`.
- `fields` reads every key that the reference's forward pass reads, by the typed getters of `Config`, under the
  reference's name for it; older names are `aliases`. It returns plain dictionaries, leaves out what is our default,
  and never mends: what cannot be expressed raises `config.refused(key, why)`.
- What was given and not read is refused by name, unless it is on the list in `neutral.py` or in `ignored`.
- What several types share stands in `sizes.py`, `parts.py` (feed-forward, biases, norms), `rope.py`, `spans.py` (what
  differs from layer to layer), `names.py` (tables of tensor names), `fused.py` (q, k and v in one matrix) and, for the
  way back, `writing.py`. Types do not import each other.
- Values beyond our bounds are refused by our own validation, and `architecture_from_config` adds the key's name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.architecture import Architecture
from models.hugging_face.config import Config, Fields, UnsupportedArchitecture, as_json
from models.hugging_face.neutral import is_neutral
from models.hugging_face.weights import Rule
from models.spelling import misspelt, validated
from models.text import Refusal, Text


@dataclass(frozen=True, slots=True)
class ModelType:
    """One model type: how its configurations are read, and by which names its weights go.

    `spare`: tensors of theirs that cannot change a logit, with the reason; `{}` is the layer.
    """

    name: str
    defaults: Mapping[str, Any]
    fields: Callable[[Config], Fields]
    weights: Callable[[Architecture], tuple[Rule, ...]]
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)
    spare: Mapping[str, str] = field(default_factory=dict)
    config: Callable[[Architecture], dict[str, Any]] | None = None
    model_class: str = ""  # the reference's class, for the `architectures` of a config.json we write


TYPES: dict[str, ModelType] = {}

# Under which keys a size that our validation may refuse is written, whatever the type; aliases add to these.
WRITTEN_AS: Mapping[str, tuple[str, ...]] = {
    "shape.layers": ("num_hidden_layers",),
    "shape.width": ("hidden_size",),
    "shape.context": ("max_position_embeddings",),
    "shape.vocabulary": ("vocab_size",),
    "heads.query": ("num_attention_heads",),
    "heads.kv": ("num_key_value_heads",),
    "heads.head_dim": ("head_dim", "hidden_size", "num_attention_heads"),
    "heads.scale": ("query_pre_attn_scalar", "attention_multiplier"),
    "heads.clip": ("clip_qkv",),
    "feed_forward.size": ("intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size"),
    "norm.eps": ("rms_norm_eps", "layer_norm_eps", "norm_eps", "norm_epsilon", "layer_norm_epsilon"),
    "span.window": ("sliding_window",),
    "span.chunk": ("attention_chunk_size",),
    "attention_cap.cap": ("attn_logit_softcapping",),
    "output_cap.cap": ("final_logit_softcapping",),
    "layout.residual": ("residual_multiplier",),
    "embedding.scale": ("embedding_multiplier",),
    "embedding.logit_scale": ("logit_scale", "logits_scaling"),
    "position.theta": ("rope_theta", "rotary_emb_base", "rope_parameters", "rope_scaling"),
    "position.local_theta": ("rope_local_base_freq", "rope_parameters"),
    "position.fraction": ("partial_rotary_factor", "rotary_pct", "rope_parameters", "rope_scaling"),
    "position.factor": ("rope_parameters", "rope_scaling"),
    "position.original": ("original_max_position_embeddings", "rope_parameters", "rope_scaling"),
    "position.temperature": ("attn_scale",),
    "position.temperature_length": ("floor_scale",),
}


def register(model_type: ModelType) -> ModelType:
    """Make a model type known by its name; a taken name is a TypeError at import."""
    if model_type.name in TYPES:
        raise TypeError(f"there are two model types named {model_type.name!r}")
    TYPES[model_type.name] = model_type
    return model_type


def type_of(config: Mapping[str, Any]) -> ModelType:
    """The model type that a configuration names. Raises `UnsupportedArchitecture` naming those there are."""
    if not isinstance(config, Mapping):
        sentence = Text(
            f"A config.json is an object in braces, but {as_json(config)} was given.",
            f"config.json 应是花括号中的一组键值，而给出的是 {as_json(config)}。",
        )
        raise UnsupportedArchitecture(sentence, "model_type")
    name = config.get("model_type")
    if isinstance(name, str) and name in TYPES:
        return TYPES[name]
    raise _no_type(name, config)


def _no_type(name: Any, config: Mapping[str, Any]) -> UnsupportedArchitecture:
    known = ", ".join(sorted(TYPES))
    if isinstance(config.get("text_config"), Mapping):
        sentence = Text(
            f"model_type={as_json(name)} holds several models; give what stands in its text_config alone.",
            f"model_type={as_json(name)} 内含多个模型；请只给出其中 text_config 的内容。",
        )
    elif name is None:
        sentence = Text(f"model_type is missing; there are {known}.", f"缺少 model_type；可用的有 {known}。")
    elif isinstance(name, str):
        sentence = misspelt(name, sorted(TYPES), "model_type").text
        sentence = Text(f"model_type: {sentence.en}", f"model_type：{sentence.zh}")
        if known not in sentence.en:
            sentence = Text(f"{sentence.en} There are {known}.", f"{sentence.zh}可用的有 {known}。")
    else:
        sentence = Text(f"model_type={as_json(name)}: it must be text.", f"model_type={as_json(name)}：必须是文字。")
    return UnsupportedArchitecture(sentence, "model_type")


def architecture_from_config(config: Mapping[str, Any]) -> Architecture:
    """The architecture that a Hugging Face `config.json` describes, of version 5 or older.

    Raises `UnsupportedArchitecture` (a ValueError) naming the key and value that cannot be expressed.
    """
    model_type = type_of(config)
    read = Config(config, model_type.defaults, model_type.aliases)
    try:
        architecture = validated(Architecture, model_type.fields(read))
    except UnsupportedArchitecture:
        raise
    except Refusal as refusal:
        raise _beyond_us(refusal, read) from None
    for key, value in read.unread().items():
        if key not in model_type.ignored and not is_neutral(key, value):
            raise _unknown(key, value, model_type)
    return architecture


def _beyond_us(refusal: Refusal, read: Config) -> UnsupportedArchitecture:
    """Our own validation's refusal, with the keys that it comes from."""
    keys = [key for path in refusal.fields for key in read.written_among(WRITTEN_AS.get(path, ()))]
    source = f"{', '.join(dict.fromkeys(keys))}: " if keys else ""
    text = Text(f"{source}{refusal.text.en}", f"{source.replace(': ', '：')}{refusal.text.zh}")
    return UnsupportedArchitecture(text, *(keys or refusal.fields))


def _unknown(key: str, value: Any, model_type: ModelType) -> UnsupportedArchitecture:
    shown = f"{key}={as_json(value)}"
    sentence = Text(
        f"{shown}: we have nothing that does this to a {model_type.name} model, and leaving it out might change what "
        "the model computes.",
        f"{shown}：对 {model_type.name} 模型，我们没有与之对应的选项，而忽略它可能改变模型的计算结果。",
    )
    return UnsupportedArchitecture(sentence, key)
