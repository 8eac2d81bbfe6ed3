"""Models of the reference implementation, carried over: our logits equal theirs, type by type, where they are odd.

The LLaMA-like types. Lengths go beyond every window and chunk, caps are small, every parameter is drawn at random.
"""

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from reference import SMALL, apart, built
from transformers import CONFIG_MAPPING

from models.hugging_face import architecture_from_config

TOLERANCE = 1e-5

WIDE = {**SMALL, "num_key_value_heads": 2, "head_dim": 10}  # heads wider than the model; one pair in two shares
SIX = {**SMALL, "hidden_size": 36, "num_attention_heads": 6, "num_key_value_heads": 3}
FULL, WINDOW, CHUNK = "full_attention", "sliding_attention", "chunked_attention"
FOUR = {**SMALL, "num_hidden_layers": 4}
PLAIN_ROPE = {"rope_type": "default", "rope_theta": 10_000.0}
LLAMA3 = {
    "rope_type": "llama3", "rope_theta": 50_000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}  # fmt: skip
YARN = {"rope_type": "yarn", "rope_theta": 100.0, "factor": 4.0, "original_max_position_embeddings": 16}
BIASED = {"attention_bias": True, "mlp_bias": True}

CASES: dict[tuple[str, str], Mapping[str, Any]] = {
    ("llama", "grouped heads"): {**SMALL, "num_key_value_heads": 2},
    ("llama", "one wide key/value head, biases, tied"): {
        **SMALL, **BIASED, "num_key_value_heads": 1, "head_dim": 10, "tie_word_embeddings": True, "rms_norm_eps": 1e-4,
        "hidden_act": "gelu",
    },
    ("llama", "3.1's scaling"): {**WIDE, "rope_parameters": LLAMA3},
    ("llama", "3.1's scaling, older form"): {
        **SMALL, "rope_theta": 50_000.0, "rope_scaling": {k: v for k, v in LLAMA3.items() if k != "rope_theta"},
    },
    ("llama", "linear scaling, oldest form"): {**SMALL, "rope_scaling": {"type": "linear", "factor": 4.0}},
    ("llama", "yarn"): {**WIDE, "rope_parameters": {**YARN, "beta_fast": 8.0, "beta_slow": 0.5}},
    ("llama", "yarn, its own attention factor, not truncated"): {
        **SMALL, "rope_parameters": {**YARN, "attention_factor": 1.7, "truncate": False, "beta_slow": 0.3},
    },
    ("llama", "yarn with mscale, original beside it"): {
        **SMALL, "rope_parameters": {**YARN, "mscale": 0.7, "mscale_all_dim": 1.3},
        "original_max_position_embeddings": 8,
    },
    ("llama", "a factor that is not read"): {**SMALL, "partial_rotary_factor": 0.5, "rope_theta": 500.0},
    ("mistral", "short window"): {**WIDE, "sliding_window": 5, "rope_theta": 1e6},
    ("mistral", "no window, relu²"): {**SIX, "sliding_window": None, "hidden_act": "relu2"},
    ("mistral", "window beyond the context"): {**WIDE, "sliding_window": 100},
    ("qwen2", "no window, biases"): {**SIX},
    ("qwen2", "window in the upper layers, tied"): {
        **SMALL, "num_key_value_heads": 1, "use_sliding_window": True, "sliding_window": 7, "max_window_layers": 1,
        "tie_word_embeddings": True, "head_dim": 6,
    },
    ("qwen2", "layers listed, yarn"): {
        **FOUR, "num_key_value_heads": 2, "use_sliding_window": True, "sliding_window": 3,
        "layer_types": [WINDOW, FULL, FULL, WINDOW], "rope_parameters": YARN,
    },
    ("qwen3", "wide heads"): {**SMALL, "num_key_value_heads": 2, "head_dim": 14, "rms_norm_eps": 1e-3},
    ("qwen3", "window, biases, silu in older words"): {
        **SIX, "head_dim": 6, "attention_bias": True, "use_sliding_window": True, "sliding_window": 6,
        "max_window_layers": 2, "hidden_act": "swish", "rope_theta": 1e6,
    },
    ("gemma", "one key/value head"): {**SMALL, "num_key_value_heads": 1, "head_dim": 16},
    ("gemma", "gelu, which is the tanh form; untied, biases"): {
        **SIX, "head_dim": 10, "hidden_act": "gelu", "attention_bias": True, "tie_word_embeddings": False,
        "hidden_activation": None,
    },
    ("gemma2", "caps of 5, a scale of its own"): {
        **SMALL, "num_key_value_heads": 2, "head_dim": 10, "sliding_window": 4, "query_pre_attn_scalar": 7,
        "attn_logit_softcapping": 5.0, "final_logit_softcapping": 5.0,
    },
    ("gemma2", "layers listed, exact gelu, no caps, biases, untied"): {
        **FOUR, "num_key_value_heads": 4, "head_dim": 8, "sliding_window": 9, "query_pre_attn_scalar": 8,
        "attn_logit_softcapping": None, "final_logit_softcapping": None, "hidden_activation": "gelu",
        "layer_types": [FULL, WINDOW, WINDOW, FULL], "attention_bias": True, "tie_word_embeddings": False,
        "hidden_act": "relu", "rope_theta": 500.0,
    },
    ("gemma3_text", "two θ, full layers scaled"): {
        **FOUR, "num_key_value_heads": 2, "head_dim": 10, "sliding_window": 6, "query_pre_attn_scalar": 12,
        "layer_types": [WINDOW, WINDOW, FULL, WINDOW], "final_logit_softcapping": 5.0, "attn_logit_softcapping": 3.0,
        "rope_parameters": {
            FULL: {"rope_type": "linear", "factor": 8.0, "rope_theta": 5000.0},
            WINDOW: {"rope_type": "default", "rope_theta": 100.0},
        },
    },
    ("gemma3_text", "older form"): {
        **FOUR, "num_key_value_heads": 1, "head_dim": 8, "sliding_window": 6, "sliding_window_pattern": 2,
        "rope_theta": 7000.0, "rope_local_base_freq": 50.0, "rope_scaling": {"rope_type": "linear", "factor": 2.0},
        "attention_bias": True,
    },
    ("gemma3_text", "window beyond the context keeps its θ"): {
        **FOUR, "head_dim": 8, "num_key_value_heads": 2, "sliding_window": 500, "sliding_window_pattern": 3,
    },
    ("gemma3_text", "windows alone, scaled local layers"): {
        **SMALL, "head_dim": 8, "num_key_value_heads": 2, "sliding_window": 11, "layer_types": [WINDOW] * 3,
        "rope_parameters": {FULL: PLAIN_ROPE, WINDOW: {"rope_type": "linear", "factor": 3.0, "rope_theta": 99.0}},
    },
    ("olmo", "clipped"): {**SIX, "clip_qkv": 0.7, "rope_theta": 300.0},
    ("olmo", "biases, tied"): {**WIDE, "attention_bias": True, "tie_word_embeddings": True},
    ("olmo2", "grouped heads"): {**WIDE, "rms_norm_eps": 1e-3, "rope_theta": 500_000.0},
    ("olmo2", "biases, tied, six heads"): {**SIX, "attention_bias": True, "tie_word_embeddings": True},
    ("olmo3", "yarn in the full layers alone"): {
        **FOUR, "num_key_value_heads": 2, "sliding_window": 5,
        "rope_parameters": {FULL: {**YARN, "rope_theta": 700.0}, WINDOW: {**PLAIN_ROPE, "rope_theta": 70.0}},
    },
    ("olmo3", "older form, layers listed"): {
        **FOUR, "num_key_value_heads": 1, "sliding_window": 5, "layer_types": [FULL, WINDOW, WINDOW, FULL],
        "rope_theta": 90.0, "rope_scaling": YARN | {"rope_theta": 90.0}, "attention_bias": True,
    },
    ("olmo3", "a scaling by its oldest name, which is overlooked"): {
        **FOUR, "num_key_value_heads": 2, "sliding_window": 5, "rope_theta": 60.0,
        "rope_scaling": {"type": "linear", "factor": 4.0},
    },
    ("cohere", "grouped heads"): {**WIDE, "logit_scale": 0.3},
    ("cohere", "gains for every head, biases, untied"): {
        **SIX, "use_qk_norm": True, "attention_bias": True, "tie_word_embeddings": False, "layer_norm_eps": 1e-3,
        "rope_theta": 40.0, "logit_scale": 1.0,
    },
    ("cohere2", "RoPE with the window alone"): {
        **FOUR, "num_key_value_heads": 2, "sliding_window": 5, "logit_scale": 0.5,
    },
    ("cohere2", "layers listed, biases"): {
        **FOUR, "num_key_value_heads": 1, "sliding_window": 6, "layer_types": [FULL, WINDOW, WINDOW, FULL],
        "attention_bias": True, "logit_scale": 2.0, "rope_theta": 80.0, "tie_word_embeddings": False,
    },
    ("cohere2", "older form, window beyond the context"): {
        **FOUR, "num_key_value_heads": 2, "sliding_window": 99, "sliding_window_pattern": 2, "logit_scale": 1.0,
        "position_embedding_type": "rope_gptj", "rotary_pct": 0.5,
    },
    ("cohere2", "no layer with a position"): {
        **SMALL, "num_key_value_heads": 2, "layer_types": [FULL] * 3, "logit_scale": 1.0,
    },
    ("nemotron", "half of each head rotated"): {**SMALL, "num_key_value_heads": 2, "norm_eps": 1e-3},
    ("nemotron", "a quarter of wide heads, biases, gelu"): {
        **SMALL, **BIASED, "num_key_value_heads": 1, "head_dim": 16, "partial_rotary_factor": 0.25,
        "hidden_act": "gelu_new", "rope_theta": 70.0, "tie_word_embeddings": True,
    },
    ("nemotron", "linear scaling of a part"): {
        **SIX, "head_dim": 8,
        "rope_parameters": {"rope_type": "linear", "factor": 3.0, "rope_theta": 60.0, "partial_rotary_factor": 0.75},
    },
    ("nemotron", "an odd part, rounded up"): {**SMALL, "num_key_value_heads": 2, "head_dim": 10, "rope_theta": 100.0},
    ("nemotron", "an odd part, scaled"): {
        **SIX, "head_dim": 12, "rope_parameters": LLAMA3 | {"partial_rotary_factor": 0.25},
    },
    ("nemotron", "no part at all"): {**SIX, "partial_rotary_factor": 0.1},
    ("granite", "multipliers"): {
        **WIDE, "embedding_multiplier": 12.0, "logits_scaling": 3, "residual_multiplier": 0.22,
        "attention_multiplier": 0.05,
    },
    ("granite", "multipliers of 1, biases, tied"): {**SIX, **BIASED, "tie_word_embeddings": True},
    ("smollm3", "every third layer without RoPE"): {**FOUR, "num_key_value_heads": 2, "no_rope_layer_interval": 3},
    ("smollm3", "layers listed, windows without RoPE, biases"): {
        **FOUR, **BIASED, "num_key_value_heads": 1, "no_rope_layers": [0, 1, 1, 0], "use_sliding_window": True,
        "sliding_window": 5, "rope_parameters": LLAMA3, "tie_word_embeddings": False,
    },
    ("smollm3", "no RoPE at all"): {**SMALL, "num_key_value_heads": 2, "no_rope_layers": [0, 0, 0]},
    ("stablelm", "a quarter rotated"): {**SMALL, "num_key_value_heads": 4, "layer_norm_eps": 1e-3},
    ("stablelm", "parallel, norms for every head, biases"): {
        **SIX, "use_parallel_residual": True, "qk_layernorm": True, "use_qkv_bias": True, "partial_rotary_factor": 0.67,
        "rope_theta": 50.0, "tie_word_embeddings": True,
    },
    ("stablelm", "norms for every head, yarn"): {
        **SMALL, "num_key_value_heads": 2, "qk_layernorm": True,
        "rope_parameters": {**YARN, "partial_rotary_factor": 0.5},
    },
    ("phi3", "joint matrices, window"): {**SMALL, "num_key_value_heads": 2, "sliding_window": 6},
    ("phi3", "six heads, a part rotated, tied"): {
        **SIX, "partial_rotary_factor": 0.67, "tie_word_embeddings": True, "hidden_act": "gelu",
        "attention_bias": False, "original_max_position_embeddings": 32,
    },
    ("starcoder2", "window, biases"): {**SMALL, "num_key_value_heads": 2, "sliding_window": 6, "rope_theta": 9e5},
    ("starcoder2", "no biases, untied, exact gelu"): {
        **SIX, "use_bias": False, "tie_word_embeddings": False, "hidden_act": "gelu", "norm_epsilon": 1e-3,
    },
    ("llama4_text", "chunks, temperature"): {
        **FOUR, "num_key_value_heads": 2, "head_dim": 8, "moe_layers": [], "intermediate_size_mlp": 44,
        "attention_chunk_size": 16, "floor_scale": 4, "attn_scale": 0.6,
    },
    ("llama4_text", "layers listed, no QK norm, biases"): {
        **FOUR, "num_key_value_heads": 1, "head_dim": 10, "moe_layers": [], "intermediate_size_mlp": 44,
        "attention_chunk_size": 7, "no_rope_layers": [0, 1, 1, 0], "layer_types": [CHUNK, FULL, CHUNK, CHUNK],
        "use_qk_norm": False, "attention_bias": True, "attn_temperature_tuning": False, "rope_parameters": LLAMA3,
    },
    ("gpt_oss", "one expert, yarn of its default"): {
        **FOUR, "num_key_value_heads": 2, "head_dim": 10, "sliding_window": 5, "num_local_experts": 1,
        "num_experts_per_tok": 1, "swiglu_limit": 1.5,
    },
    ("gpt_oss", "layers listed, no biases in attention, tied"): {
        **SIX, "head_dim": 8, "sliding_window": 7, "num_experts": 1, "num_experts_per_tok": 1,
        "layer_types": [FULL, WINDOW, WINDOW], "attention_bias": False, "tie_word_embeddings": True,
        "rope_parameters": PLAIN_ROPE, "hidden_act": "mish",
    },
}  # fmt: skip


@pytest.mark.parametrize(("model_type", "name"), CASES)
def test_what_is_written_means_what_the_reference_fills_in(model_type: str, name: str) -> None:
    written = copy.deepcopy(CASES[model_type, name])
    filled_in = CONFIG_MAPPING[model_type](**copy.deepcopy(written)).to_dict()
    found = architecture_from_config({"model_type": model_type, **written})
    assert found == architecture_from_config(filled_in)


@pytest.mark.parametrize(("model_type", "name"), CASES)
def test_logits_equal_the_reference(model_type: str, name: str) -> None:
    difference, largest = apart(built(model_type, CASES[model_type, name]))
    assert 0.5 < largest < 100
    assert difference < TOLERANCE
