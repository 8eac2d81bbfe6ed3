"""Llama 4, its text model, where no layer has experts."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import ATTENTION, GATED, OUTSIDE, PRE_NORM
from models.hugging_face.parts import attention_biases, decoder, qk_norm
from models.hugging_face.rope import in_layers
from models.hugging_face.sizes import layer_count
from models.hugging_face.spans import layer_kinds, rotating_layers, span
from models.hugging_face.weights import Rule, renamed
from models.text import Text


def fields(config: Config) -> Fields:
    """Pre-norm, gated; RoPE and chunks in three layers of four, a query temperature in the fourth."""
    _refuse_experts(config)
    rotates = rotating_layers(config)
    kinds = layer_kinds(
        config,
        ["chunked_attention" if here else "full_attention" for here in rotates],
        known=("chunked_attention",),
    )
    given = decoder(config)
    if config.switch("use_qk_norm") and any(rotates):
        given["qk_norm"] = qk_norm(config, "after_rope", "rms_norm_eps")
    return given | {
        "position": _position(config, given["position"], rotates),
        "feed_forward": {**given["feed_forward"], "size": config.whole("intermediate_size_mlp")},
        "span": span(config, kinds, "attention_chunk_size"),
        "bias": attention_biases(config),
    }


def _position(config: Config, rotation: Fields, rotates: list[bool]) -> Fields:
    position = in_layers({**rotation, "pairing": "interleaved"}, rotates)
    scale, length = config.number("attn_scale"), config.whole("floor_scale")
    if not config.switch("attn_temperature_tuning") or scale == 0 or all(rotates):
        return position
    if not any(rotates):
        why = Text(
            "a query temperature stands beside layers with RoPE here, and there are none.",
            "这里的查询温度须与使用 RoPE 的层并存，而没有这样的层。",
        )
        raise config.refused("attn_temperature_tuning", why)
    return {**position, "temperature": scale, "temperature_length": length}


def _refuse_experts(config: Config) -> None:
    layers, step = layer_count(config), config.whole("interleave_moe_layer_step")
    sparse = config.wholes_or_none("moe_layers")
    key = "num_local_experts" if sparse is None else "moe_layers"
    if sparse is None:
        sparse = list(range(step - 1, layers, step)) if step else [0]
    if any(0 <= layer < layers for layer in sparse):
        why = Text(
            "layers with experts cannot be expressed; moe_layers=[] has none.",
            "无法表达带专家的层；moe_layers=[] 表示没有这样的层。",
        )
        raise config.refused(key, why)
    config.skip("num_local_experts", "num_experts_per_tok")


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    gated = {ours: theirs.replace("mlp", "feed_forward") for ours, theirs in GATED.items()}
    return renamed(OUTSIDE | ATTENTION | gated | PRE_NORM)


register(
    ModelType(
        "llama4_text",
        {
            "vocab_size": 202048,
            "hidden_size": 5120,
            "intermediate_size": 8192,
            "num_hidden_layers": 48,
            "num_attention_heads": 40,
            "num_key_value_heads": 8,
            "max_position_embeddings": 131072,
            "intermediate_size_mlp": 16384,
            "head_dim": 128,
            "hidden_act": "silu",
            "rms_norm_eps": 1e-05,
            "rope_theta": 500000.0,
            "tie_word_embeddings": False,
            "attention_bias": False,
            "num_local_experts": 16,
            "moe_layers": None,
            "interleave_moe_layer_step": 1,
            "use_qk_norm": True,
            "no_rope_layers": None,
            "no_rope_layer_interval": 4,
            "attention_chunk_size": 8192,
            "attn_temperature_tuning": True,
            "floor_scale": 8192,
            "attn_scale": 0.1,
        },
        fields,
        weights,
        ignored={"for_llm_compressor": "a matter of quantization, never read"},
        model_class="Llama4ForCausalLM",
    )
)
