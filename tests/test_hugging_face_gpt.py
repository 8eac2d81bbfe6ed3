"""GPT-like model types of the reference implementation, carried over: our logits equal theirs, odd ones on purpose."""

from collections.abc import Mapping
from typing import Any

import pytest
from reference import LENGTH, SMALL, VOCABULARY, apart, built

from models.hugging_face import UnsupportedArchitecture, architecture_from_config

TOLERANCE = 1e-5
OLD: dict[str, Any] = {  # the names that GPT-2 brought up
    "vocab_size": VOCABULARY, "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 64, "bos_token_id": 0,
    "eos_token_id": 1,
}  # fmt: skip
NEO: dict[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": 32, "num_layers": 4, "num_heads": 4, "max_position_embeddings": 64,
    "bos_token_id": 0, "eos_token_id": 1,
}  # fmt: skip
OPT = {name: value for name, value in SMALL.items() if name != "intermediate_size"} | {"ffn_dim": 72}
BLOOM: dict[str, Any] = {"vocab_size": VOCABULARY, "hidden_size": 32, "n_layer": 3, "n_head": 4}
MPT: dict[str, Any] = {"vocab_size": VOCABULARY, "d_model": 32, "n_layers": 3, "n_heads": 4, "max_seq_len": 64}
FALCON = {name: value for name, value in SMALL.items() if name != "intermediate_size"}
SIX: dict[str, Any] = {"hidden_size": 48}  # with six heads: no power of two

CASES: dict[tuple[str, str], Mapping[str, Any]] = {
    ("openai-gpt", "as released"): OLD,
    ("openai-gpt", "relu, untied"): {**OLD, "afn": "relu", "tie_word_embeddings": False, "layer_norm_epsilon": 1e-3},
    ("gpt_bigcode", "one key/value head"): {**OLD, "n_inner": 72},
    ("gpt_bigcode", "one each, not scaled, erf"): {
        **OLD, "multi_query": False, "scale_attn_weights": False, "activation_function": "gelu",
    },
    ("gptj", "as released"): {**OLD, "rotary_dim": 4},
    ("gptj", "heads of 14, six rotated, tied, wide"): {
        **OLD, "n_embd": 56, "rotary_dim": 6, "n_inner": 40, "activation_function": "relu",
    },
    ("gpt_neox", "a quarter rotated"): SMALL,
    ("gpt_neox", "serial, half rotated, no attention bias"): {
        **SMALL, "use_parallel_residual": False, "attention_bias": False, "hidden_act": "gelu_new",
        "rope_parameters": {"rope_type": "default", "rope_theta": 500.0, "partial_rotary_factor": 0.5},
    },
    ("gpt_neox", "six heads, older names"): {
        **SMALL, **SIX, "num_attention_heads": 6, "rotary_pct": 1.0, "rotary_emb_base": 2000,
        "tie_word_embeddings": True,
    },
    ("gpt_neox", "linear scaling"): {
        **SMALL, "rope_parameters": {
            "rope_type": "linear", "factor": 4.0, "rope_theta": 1e4, "partial_rotary_factor": 0.5,
        },
    },
    ("gpt_neo", "global and local in turn"): {**NEO, "attention_types": [[["global", "local"], 2]], "window_size": 5},
    ("gpt_neo", "two groups of layers"): {
        **NEO, "attention_types": [[["local"], 3], [["global"], 1]], "window_size": 3, "intermediate_size": 40,
    },
    ("opt", "pre-norm"): OPT,
    ("opt", "post-norm with a narrow embedding, as 350M"): {
        **OPT, "do_layer_norm_before": False, "word_embed_proj_dim": 16,
    },
    ("opt", "pre-norm with a wide embedding, untied, no biases, norms without gain"): {
        **OPT, "word_embed_proj_dim": 48, "enable_bias": False, "layer_norm_elementwise_affine": False,
        "tie_word_embeddings": False,
    },
    ("opt", "no final norm"): {**OPT, "_remove_final_layer_norm": True, "activation_function": "gelu"},
    ("bloom", "as released"): BLOOM,
    ("bloom", "six heads"): {**BLOOM, **SIX, "n_head": 6},
    ("bloom", "residual after the norm"): {**BLOOM, "apply_residual_connection_post_layernorm": True},
    ("mpt", "as released"): MPT,
    ("mpt", "six heads, clipped, another scale"): {
        **MPT, "d_model": 48, "n_heads": 6, "attn_config": {"clip_qkv": 0.7, "softmax_scale": 0.3},
    },
    ("falcon", "7B: one key/value head, one norm"): FALCON,
    ("falcon", "40B: two norms, groups"): {**FALCON, "new_decoder_architecture": True, "num_kv_heads": 2},
    ("falcon", "11B: one norm, groups, biases"): {
        **FALCON, "new_decoder_architecture": True, "num_kv_heads": 2, "num_ln_in_parallel_attn": 1, "bias": True,
    },
    ("falcon", "RW: ALiBi in a serial block"): {
        **FALCON, "alibi": True, "multi_query": False, "parallel_attn": False, "bias": True,
    },
    ("falcon", "ALiBi, twelve heads"): {**FALCON, "hidden_size": 48, "alibi": True, "num_attention_heads": 12},
    ("falcon", "serial, another width, scaled"): {
        **FALCON, "parallel_attn": False, "multi_query": False, "ffn_hidden_size": 40, "activation": "relu",
        "rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 1e4},
    },
    ("phi", "as released"): SMALL,
    ("phi", "groups, normalized queries and keys"): {**SMALL, "num_key_value_heads": 2, "qk_layernorm": True},
    ("phi", "40 % of heads of 10 rotated"): {
        **SMALL, "hidden_size": 40, "tie_word_embeddings": True,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 0.4},
    },
}  # fmt: skip


@pytest.mark.parametrize(("model_type", "name"), CASES)
def test_logits_equal_the_reference(model_type: str, name: str) -> None:
    # Falcon's eager attention adds ALiBi twice; its fused one does not.
    attention = "sdpa" if model_type == "falcon" else "eager"
    difference, largest = apart(built(model_type, CASES[model_type, name], attention))
    assert 0.5 < largest < 50
    assert difference < TOLERANCE


REFUSED: dict[tuple[str, str], Mapping[str, Any]] = {
    ("openai-gpt", "afn"): {"afn": "gelu_new"},
    ("gpt_bigcode", "add_cross_attention"): {"add_cross_attention": True},
    ("gptj", "rotary_dim"): {"rotary_dim": None},
    ("gpt_neox", "rope_type"): {"rope_parameters": {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}},
    ("gpt_neo", "attention_types"): {"attention_types": [[["global", "strided"], 12]]},
    ("opt", "activation_function"): {"activation_function": "mish"},
    ("bloom", "n_layer"): {"n_layer": 2.5},
    ("mpt", "clip_qkv"): {"attn_config": {"clip_qkv": "hard"}},
    ("falcon", "num_ln_in_parallel_attn"): {"new_decoder_architecture": True, "parallel_attn": False},
    ("falcon", "num_kv_heads"): {"multi_query": False, "num_kv_heads": 2},
    ("phi", "partial_rotary_factor"): {"partial_rotary_factor": 0.2, "hidden_size": 40, "num_attention_heads": 8},
}


@pytest.mark.parametrize(("model_type", "field"), REFUSED)
def test_what_cannot_be_expressed_is_refused_by_name(model_type: str, field: str) -> None:
    with pytest.raises(UnsupportedArchitecture, match=field):
        architecture_from_config({"model_type": model_type, **REFUSED[model_type, field]})


def test_texts_are_longer_than_every_window() -> None:
    windows = [config["window_size"] for config in CASES.values() if "window_size" in config]
    assert windows and max(windows) < LENGTH
