"""Configurations as people have them: defaults, older forms, and what is refused, by name, in both languages."""

import contextlib
import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from reference import SMALL
from transformers import CONFIG_MAPPING, AutoModelForCausalLM

from models.architecture import Architecture
from models.cost import parameters
from models.hugging_face import UnsupportedArchitecture, architecture_from_config, model_types
from models.hugging_face.base import TYPES
from models.hugging_face.neutral import HARMLESS, NEUTRAL

DEFAULT_REFUSED = {  # types whose configuration class describes, by default, what we lack
    "gpt_oss": "num_local_experts=128",
    "llama4_text": "moe_layers=",
}
ISSUE = (
    "openai-gpt gpt2 gptj gpt_neox gpt_neo opt bloom mpt falcon phi phi3 stablelm gpt_bigcode starcoder2 llama mistral "
    "qwen2 qwen3 gemma gemma2 gemma3_text olmo olmo2 olmo3 cohere cohere2 nemotron granite smollm3 llama4_text gpt_oss"
)


def test_all_types_are_there() -> None:
    assert set(ISSUE.split()) <= set(model_types())


@pytest.mark.parametrize("model_type", model_types())
def test_the_reference_s_default_is_read_or_refused_by_name(model_type: str) -> None:
    config = CONFIG_MAPPING[model_type]().to_dict()
    if model_type in DEFAULT_REFUSED:
        with pytest.raises(UnsupportedArchitecture, match=DEFAULT_REFUSED[model_type]):
            architecture_from_config(config)
    else:
        assert architecture_from_config(config) == architecture_from_config(json.loads(json.dumps(config)))


@pytest.mark.parametrize("model_type", sorted(set(model_types()) - set(DEFAULT_REFUSED)))
def test_what_is_left_out_means_what_it_means_to_the_reference(model_type: str) -> None:
    filled_in = CONFIG_MAPPING[model_type]().to_dict()
    assert architecture_from_config({"model_type": model_type}) == architecture_from_config(filled_in)


@pytest.mark.parametrize("model_type", model_types())
def test_reading_changes_nothing(model_type: str) -> None:
    config = CONFIG_MAPPING[model_type]().to_dict()
    before = copy.deepcopy(config)
    try:
        architecture_from_config(config)
    except UnsupportedArchitecture:
        assert model_type in DEFAULT_REFUSED
    assert config == before


@pytest.mark.parametrize("model_type", model_types())
def test_what_is_ignored_has_a_reason_and_is_not_read(model_type: str) -> None:
    ours = TYPES[model_type]
    known = {*ours.defaults, *(name for names in ours.aliases.values() for name in names)}
    assert all(ours.ignored.values()) and all(ours.spare.values())
    assert not known & set(ours.ignored)
    assert not known & (NEUTRAL | set(HARMLESS))


STRAY = ("head_dim", 16), ("num_key_value_heads", 2), ("intermediate_size", 24), ("hidden_act", "relu")
BASE: dict[str, dict[str, Any]] = {  # what a type needs beside the sizes to be read
    "gpt_neo": {"attention_types": [[["global"], 3]]},
    "gpt_oss": {"num_local_experts": 1, "num_experts_per_tok": 1},
    "gptj": {"rotary_dim": 4},
    "llama4_text": {"moe_layers": []},
}


@pytest.mark.parametrize("model_type", model_types())
def test_a_key_that_its_type_may_not_have_adds_what_it_adds_to_the_reference_or_is_refused(model_type: str) -> None:
    idle = ("intermediate_size", "max_position_embeddings")
    base = {key: value for key, value in SMALL.items() if key not in idle} | BASE.get(model_type, {})
    if "head_dim" in TYPES[model_type].defaults:
        base |= {"num_key_value_heads": 4, "head_dim": 8}
    ours, theirs = _counted(model_type, base), _their_count(model_type, base)
    for key, value in STRAY:
        config = {**base, key: value}
        with contextlib.suppress(UnsupportedArchitecture):
            added = _counted(model_type, config) - ours
            assert added == _their_count(model_type, config) - theirs, key


def _counted(model_type: str, config: Mapping[str, Any]) -> int:
    return parameters(architecture_from_config({"model_type": model_type, **config}))


def _their_count(model_type: str, config: Mapping[str, Any]) -> int:
    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(CONFIG_MAPPING[model_type](**config)).num_parameters()


LLAMA3 = {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
# The same model twice: as version 5 writes it, and as it stands in files that people have.
TWICE: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "θ": (
        {"model_type": "llama", "rope_parameters": {"rope_type": "default", "rope_theta": 5e5}},
        {"model_type": "llama", "rope_theta": 500000, "rope_scaling": None},
    ),
    "LLaMA 3.1": (
        {"model_type": "llama", "rope_parameters": {"rope_type": "llama3", "rope_theta": 5e5, **LLAMA3}},
        {"model_type": "llama", "rope_theta": 5e5, "rope_scaling": {"rope_type": "llama3", **LLAMA3}},
    ),
    "a scaling's older name": (
        {"model_type": "qwen2", "rope_parameters": {"rope_type": "linear", "rope_theta": 1e6, "factor": 2.0}},
        {"model_type": "qwen2", "rope_theta": 1e6, "rope_scaling": {"type": "linear", "factor": 2}},
    ),
    "Gemma 3": (
        {
            "model_type": "gemma3_text",
            "rope_parameters": {
                "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6},
                "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
            },
            "layer_types": (["sliding_attention"] * 5 + ["full_attention"]) * 4 + ["sliding_attention"] * 2,
        },
        {
            "model_type": "gemma3_text", "rope_theta": 1e6, "rope_local_base_freq": 1e4, "sliding_window_pattern": 6,
            "rope_scaling": {"rope_type": "linear", "factor": 8.0},
        },
    ),
    "GPT-2's sizes": (
        {"model_type": "gpt2", "n_embd": 64, "n_layer": 2, "n_head": 4, "n_positions": 32},
        {
            "model_type": "gpt2", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
            "max_position_embeddings": 32, "n_ctx": 32, "task_specific_params": {"text-generation": {}},
        },
    ),
    "what a file says of itself": (
        {"model_type": "mistral"},
        {
            "model_type": "mistral", "architectures": ["MistralForCausalLM"], "torch_dtype": "bfloat16",
            "transformers_version": "4.34.0.dev0", "use_cache": True, "bos_token_id": 1, "eos_token_id": [2, 3],
            "initializer_range": 0.02, "attention_dropout": 0.0, "pretraining_tp": 1, "_name_or_path": "somewhere",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TWICE)
def test_older_files_mean_the_same(name: str) -> None:
    newer, older = TWICE[name]
    assert architecture_from_config(newer) == architecture_from_config(older)


def test_what_the_reference_does_not_read_may_say_anything() -> None:
    base = {"model_type": "gpt_oss", "num_local_experts": 1, "num_experts_per_tok": 1}
    assert architecture_from_config({**base, "hidden_act": "mish"}) == architecture_from_config(base)
    flat = {"model_type": "gemma3_text", "rope_parameters": {"rope_type": "linear", "factor": 8.0}}
    assert architecture_from_config(flat) == architecture_from_config({"model_type": "gemma3_text"})
    unread: dict[str, Any] = {"rope_theta": 50.0, "partial_rotary_factor": 1.0}
    turned = {"model_type": "gpt_neox", **unread}
    filled_in = CONFIG_MAPPING["gpt_neox"](**unread).to_dict()
    assert architecture_from_config(turned) == architecture_from_config(filled_in)


def test_a_large_model_is_read_as_it_is() -> None:
    """LLaMA 3.1 8B's file."""
    found = architecture_from_config(
        {
            "architectures": ["LlamaForCausalLM"], "attention_bias": False, "attention_dropout": 0.0,
            "bos_token_id": 128000, "eos_token_id": 128001, "hidden_act": "silu", "hidden_size": 4096,
            "initializer_range": 0.02, "intermediate_size": 14336, "max_position_embeddings": 131072,
            "mlp_bias": False, "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 32,
            "num_key_value_heads": 8, "pretraining_tp": 1, "rms_norm_eps": 1e-05,
            "rope_scaling": {**LLAMA3, "rope_type": "llama3"}, "rope_theta": 500000.0, "tie_word_embeddings": False,
            "torch_dtype": "bfloat16", "transformers_version": "4.43.0.dev0", "use_cache": True, "vocab_size": 128256,
        }
    )  # fmt: skip
    expected = Architecture.model_validate(
        {
            "shape": {"layers": 32, "width": 4096, "context": 131_072, "vocabulary": 128_256},
            "embedding": {"tied": False},
            "position": {
                "option": "rope", "theta": 500_000.0, "scaling": "llama3", "factor": 8.0, "original": 8192,
                "low": 1.0, "high": 4.0,
            },
            "norm": {"option": "rmsnorm", "eps": 1e-5},
            "heads": {"query": 32, "kv": 8},
            "feed_forward": {"option": "gated", "activation": "silu", "size": 14_336},
            "bias": {"places": "none"},
        }
    )  # fmt: skip
    assert found == expected


GEMMA3 = {"model_type": "gemma3_text"}
LISTED = {"layer_types": ["full_attention"] * 31 + ["linear_attention"]}
OSS = {"model_type": "gpt_oss", "num_local_experts": 1, "num_experts_per_tok": 1}
REFUSED: dict[str, tuple[Any, str]] = {
    "nothing": ({}, "model_type is missing; there are bloom"),
    "no object": ([1], "an object in braces, but [1] was given"),
    "no word": ({"model_type": 3}, "model_type=3"),
    "no such type": ({"model_type": "lama"}, "Did you mean 'llama'?"),
    "an encoder": ({"model_type": "bert"}, "'bert'"),
    "several models in one": ({"model_type": "gemma3", "text_config": {}}, "text_config alone"),
    "an unknown flag": ({"model_type": "llama", "rotate_values": True}, "rotate_values=true"),
    "an unknown flag that is off": ({"model_type": "llama", "rotate_values": False}, "rotate_values=false"),
    "another type's flag": ({"model_type": "llama", "qk_layernorm": True}, "qk_layernorm=true"),
    "an unknown flag of a scaling": (
        {"model_type": "llama", "rope_scaling": {"type": "linear", "factor": 2, "twist": 1}}, "rope_scaling.twist=1",
    ),
    "an unknown flag of one kind's scaling": (
        {**GEMMA3, "rope_scaling": {"rope_type": "linear", "factor": 2, "twist": 1}}, "rope_scaling.twist=1",
    ),
    "an unknown flag of the local layers": (
        {**GEMMA3, "rope_parameters": {"sliding_attention": {"twist": 1}}}, "rope_parameters.sliding_attention.twist=1",
    ),
    "quantized": ({"model_type": "llama", "quantization_config": {"bits": 4}}, 'quantization_config={"bits": 4}'),
    "layers of their own": ({"model_type": "llama", "per_layer_config": {"0": {}}}, "per_layer_config"),
    "bidirectional": ({"model_type": "gemma2", "use_bidirectional_attention": True}, "use_bidirectional_attention"),
    "not causal": ({"model_type": "llama", "is_causal": False}, "is_causal=false"),
    "cross attention": ({"model_type": "gpt2", "add_cross_attention": True}, "add_cross_attention=true"),
    "encoder and decoder": ({"model_type": "gpt2", "is_encoder_decoder": True}, "is_encoder_decoder=true"),
    "dynamic": (
        {"model_type": "llama", "rope_scaling": {"type": "dynamic", "factor": 2.0}}, 'rope_scaling.type="dynamic"',
    ),
    "longrope": (
        {"model_type": "phi3", "rope_scaling": {"type": "su", "short_factor": [1.0], "long_factor": [2.0]}},
        'rope_scaling.type="su"',
    ),
    "yarn, which is longrope to Phi-3": (
        {"model_type": "phi3", "rope_parameters": {"rope_type": "yarn", "factor": 2.0}}, 'rope_type="yarn"',
    ),
    "proportional": (
        {"model_type": "qwen3", "rope_parameters": {"rope_type": "proportional", "rope_theta": 1e4}}, "proportional",
    ),
    "a scaling without its factor": (
        {"model_type": "llama", "rope_scaling": {"type": "linear"}}, "rope_scaling.factor is missing",
    ),
    "a part of a head with a scaling": (
        {"model_type": "llama", "rope_scaling": {"type": "linear", "factor": 2}, "partial_rotary_factor": 0.5},
        "partial_rotary_factor=0.5",
    ),
    "scalings that differ in more": (
        {
            **GEMMA3,
            "rope_parameters": {
                "full_attention": {"rope_type": "yarn", "factor": 2.0},
                "sliding_attention": {"rope_type": "yarn", "factor": 2.0, "beta_fast": 20},
            },
        },
        "rope_parameters=",
    ),
    "experts": (OSS | {"num_local_experts": 4}, "num_local_experts=4"),
    "experts by their other name": (
        {"model_type": "gpt_oss", "num_experts": 2, "num_experts_per_tok": 1}, "num_experts=2",
    ),
    "another slope": (OSS | {"swiglu_alpha": 1.5}, "swiglu_alpha=1.5"),
    "layers with experts": ({"model_type": "llama4_text", "moe_layers": [3]}, "moe_layers=[3]"),
    "temperature without RoPE": (
        {"model_type": "llama4_text", "moe_layers": [], "no_rope_layers": [0] * 48}, "attn_temperature_tuning",
    ),
    "no activation of ours": ({"model_type": "llama", "hidden_act": "mish"}, 'hidden_act="mish"'),
    "an activation by no name": ({"model_type": "llama", "hidden_act": ["silu"]}, 'hidden_act=["silu"]'),
    "a kind of layers": ({"model_type": "olmo3", **LISTED}, "'linear_attention'"),
    "too few layers listed": ({"model_type": "olmo3", "layer_types": ["full_attention"]}, "32 layers, and 1 kinds"),
    "layers listed where they are alike": (
        {"model_type": "mistral", "layer_types": ["full_attention"] * 32}, "layer_types",
    ),
    "windows listed and switched off": (
        {"model_type": "qwen2", "num_hidden_layers": 1, "layer_types": ["sliding_attention"]},
        "use_sliding_window=false",
    ),
    "windows of no length": ({"model_type": "gemma2", "sliding_window": None}, "sliding_window=null"),
    "two names, two values": ({"model_type": "gpt2", "n_embd": 64, "hidden_size": 32}, "hidden_size=32, n_embd=64"),
    "no number": ({"model_type": "llama", "hidden_size": "4096"}, 'hidden_size="4096": it must be a whole number'),
    "no whole number": ({"model_type": "llama", "num_hidden_layers": 2.5}, "num_hidden_layers=2.5"),
    "a switch for a number": ({"model_type": "llama", "vocab_size": True}, "vocab_size=true"),
    "a number for a switch": ({"model_type": "llama", "attention_bias": 1}, "attention_bias=1: it must be true or"),
    "null for a number": ({"model_type": "llama", "vocab_size": None}, "vocab_size=null"),
    "not finite": ({"model_type": "llama", "rms_norm_eps": float("inf")}, "rms_norm_eps=Infinity"),
    "no parameters": ({"model_type": "llama", "rope_scaling": "linear"}, 'rope_scaling="linear"'),
    "a context beyond ours": ({"model_type": "llama", "max_position_embeddings": 10**12}, "max_position_embeddings"),
    "no layers": ({"model_type": "llama", "num_hidden_layers": 0}, "num_hidden_layers"),
    "no heads": ({"model_type": "llama", "num_attention_heads": 0}, "num_attention_heads=0"),
    "no kv heads": ({"model_type": "llama", "num_key_value_heads": 0}, "num_key_value_heads"),
    "heads that do not share": ({"model_type": "llama", "num_key_value_heads": 5}, "num_key_value_heads"),
    "an odd head": ({"model_type": "llama", "head_dim": 5}, "head_dim"),
    "a cap of nothing": ({"model_type": "gemma2", "attn_logit_softcapping": 0}, "attn_logit_softcapping"),
    "no scale": ({"model_type": "gemma2", "query_pre_attn_scalar": 0}, "query_pre_attn_scalar=0"),
    "a negative scale": ({"model_type": "gemma2", "query_pre_attn_scalar": -1}, "query_pre_attn_scalar=-1"),
    "logits divided by nothing": ({"model_type": "granite", "logits_scaling": 0}, "logits_scaling=0"),
    "a head width that StableLM has not": ({"model_type": "stablelm", "head_dim": 8}, "head_dim=8"),
    "a window that sees nothing": ({"model_type": "mistral", "sliding_window": 0}, "sliding_window"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_expressed_is_refused_by_name(name: str) -> None:
    config, named = REFUSED[name]
    with pytest.raises(UnsupportedArchitecture) as caught:
        architecture_from_config(config)
    assert named in caught.value.text.en, caught.value.text.en
    assert caught.value.fields and caught.value.text.zh != caught.value.text.en
    assert any("\u4e00" <= letter <= "\u9fff" for letter in caught.value.text.zh)


ODD: list[Any] = [None, True, -1, 0, 0.5, 10**12, float("nan"), "", "x", [], [1], ["x"], {}, {"rope_type": 3}]


@pytest.mark.parametrize("model_type", model_types())
def test_no_value_brings_down_the_reader(model_type: str) -> None:
    """Whatever stands where: an architecture, or a refusal with a sentence."""
    base = {"model_type": model_type, "num_local_experts": 1, "num_experts_per_tok": 1, "moe_layers": []}
    kept = {key: value for key, value in base.items() if key in {"model_type", *TYPES[model_type].defaults}}
    for key in [*TYPES[model_type].defaults, "rope_scaling", "rope_parameters", "layer_types"]:
        for value in ODD:
            try:
                assert isinstance(architecture_from_config({**kept, key: value}), Architecture)
            except UnsupportedArchitecture as refusal:
                assert refusal.fields and refusal.text.zh
