"""Systems of the catalogue against the configurations that were released with their weights.

A configuration is read by `models.hugging_face`, which is held to the reference implementation elsewhere; the catalogue
must have come to the same architecture. The totals are what transformers 5.23 counts in a model of that configuration
on the meta device, a tied table once.

Only the keys that make the architecture are written out. The context is the catalogue's own: some configurations state
the longest that is allowed, not the one of training. θ of Command R7B rests on memory here as there.
"""

import math
from typing import Any

import pytest

from models.cost import parameters
from models.hugging_face import architecture_from_config
from models.hugging_face.meaning import differing
from models.position.rope import Rope
from models.systems import systems

Config = dict[str, Any]

# Types that call the context otherwise.
CONTEXT = {"mpt": "max_seq_len", "starcoder": "n_positions", "bloom": "seq_length"}


def llama_like(model_type: str, sizes: tuple[int, int, int, int, int], **more: Any) -> Config:
    """A configuration with the keys that most types share; `sizes`: layers, width, query and kv heads, hidden width."""
    layers, width, query, kv, hidden = sizes
    return {
        "model_type": model_type,
        "num_hidden_layers": layers,
        "hidden_size": width,
        "num_attention_heads": query,
        "num_key_value_heads": kv,
        "intermediate_size": hidden,
    } | more


CONFIGS: dict[str, Config] = {
    "gpt-neox": {
        "model_type": "gpt_neox",
        "num_hidden_layers": 44,
        "hidden_size": 6144,
        "num_attention_heads": 64,
        "intermediate_size": 24_576,
        "vocab_size": 50_432,
        "hidden_act": "gelu",
        "rotary_pct": 0.25,
        "rotary_emb_base": 10_000,
    },
    "opt": {
        "model_type": "opt",
        "num_hidden_layers": 96,
        "hidden_size": 12_288,
        "word_embed_proj_dim": 12_288,
        "num_attention_heads": 96,
        "ffn_dim": 49_152,
        "vocab_size": 50_272,
    },
    "bloom": {"model_type": "bloom", "n_layer": 70, "hidden_size": 14_336, "n_head": 112, "vocab_size": 250_880},
    "mpt": {
        "model_type": "mpt",
        "n_layers": 32,
        "d_model": 4096,
        "n_heads": 32,
        "vocab_size": 50_432,
        "max_seq_len": 2048,
        "no_bias": True,
        "attn_config": {"alibi": True, "alibi_bias_max": 8, "clip_qkv": None},
    },
    "falcon": {
        "model_type": "falcon",
        "num_hidden_layers": 32,
        "hidden_size": 4544,
        "num_attention_heads": 71,
        "vocab_size": 65_024,
        "multi_query": True,
        "parallel_attn": True,
        "bias": False,
        "alibi": False,
    },
    "phi-2": llama_like("phi", (32, 2560, 32, 32, 10_240), vocab_size=51_200, partial_rotary_factor=0.4),
    "phi-3": llama_like("phi3", (32, 3072, 32, 32, 8192), vocab_size=32_064, sliding_window=2047),
    "stablelm": llama_like("stablelm", (32, 2560, 32, 32, 6912), vocab_size=50_304, partial_rotary_factor=0.25),
    "starcoder": {
        "model_type": "gpt_bigcode",
        "n_layer": 40,
        "n_embd": 6144,
        "n_head": 48,
        "n_inner": 24_576,
        "vocab_size": 49_152,
        "multi_query": True,
        "activation_function": "gelu",
    },
    "starcoder-2": llama_like(
        "starcoder2", (30, 3072, 24, 2, 12_288), vocab_size=49_152, rope_theta=999_999.4420358813, sliding_window=4096
    ),
    "qwen-2.5": llama_like("qwen2", (28, 3584, 28, 4, 18_944), vocab_size=152_064, rope_theta=1e6),
    "qwen-3": llama_like("qwen3", (36, 4096, 32, 8, 12_288), vocab_size=151_936, head_dim=128, rope_theta=1e6),
    "gemma-3": llama_like(
        "gemma3_text",
        (62, 5376, 32, 16, 21_504),
        vocab_size=262_144,
        head_dim=128,
        query_pre_attn_scalar=168,
        sliding_window=1024,
        rope_scaling={"rope_type": "linear", "factor": 8.0},
    ),
    "command-r": llama_like(
        "cohere", (40, 8192, 64, 64, 22_528), vocab_size=256_000, rope_theta=8e6, logit_scale=0.0625
    ),
    "command-a": llama_like(
        "cohere2",
        (32, 4096, 32, 8, 14_336),
        vocab_size=256_000,
        rope_theta=50_000,
        logit_scale=0.25,
        sliding_window=4096,
    ),
    "olmo-1": llama_like("olmo", (32, 4096, 32, 32, 11_008), vocab_size=50_304, clip_qkv=None),
    "olmo-2": llama_like("olmo2", (32, 4096, 32, 32, 11_008), vocab_size=100_352, rope_theta=5e5, rms_norm_eps=1e-6),
    "olmo-3": llama_like(
        "olmo3",
        (32, 4096, 32, 32, 11_008),
        vocab_size=100_278,
        rope_theta=5e5,
        rms_norm_eps=1e-6,
        sliding_window=4096,
        rope_scaling={"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 8192},
    ),
    "smollm-3": llama_like("smollm3", (36, 2048, 16, 4, 11_008), vocab_size=128_256, rope_theta=50_000),
    "granite-3": llama_like(
        "granite",
        (40, 4096, 32, 8, 12_800),
        vocab_size=49_155,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        embedding_multiplier=12.0,
        residual_multiplier=0.22,
        attention_multiplier=0.0078125,
        logits_scaling=16.0,
    ),
    "gpt-oss": llama_like(
        "gpt_oss", (36, 2880, 64, 8, 2880), vocab_size=201_088, num_local_experts=1, num_experts_per_tok=1
    ),
    "llama-4": llama_like(
        "llama4_text",
        (48, 5120, 40, 8, 8192),
        intermediate_size_mlp=16_384,
        vocab_size=202_048,
        moe_layers=[],
        max_position_embeddings=10_485_760,
        rope_scaling={
            "rope_type": "llama3",
            "factor": 16.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 1.0,
            "original_max_position_embeddings": 8192,
        },
    ),
}

TOTALS = {
    "gpt-neox": 20_554_567_680,  # the model card's, too
    "opt": 174_604_468_224 - 2 * 12_288,  # without the two rows of the table of positions that no token reads
    "bloom": 176_247_271_424,
    "mpt": 6_649_286_656,
    "falcon": 6_921_720_704,
    "phi-2": 2_779_683_840,
    "phi-3": 3_821_079_552,
    "stablelm": 2_795_443_200,  # the model card's, too
    "starcoder": 15_517_456_384,
    "starcoder-2": 3_030_371_328,
    "qwen-2.5": 7_615_616_512,
    "qwen-3": 8_190_735_360,
    "gemma-3": 27_009_002_240,
    "command-r": 34_980_831_232,
    "command-a": 8_028_033_024,
    "olmo-1": 6_888_095_744,
    "olmo-2": 7_298_617_344,
    "olmo-3": 7_298_011_136,
    "smollm-3": 3_075_098_624,
    "granite-3": 8_170_848_256,
    "gpt-oss": 3_010_492_260 - 36 * (2880 + 1),  # one expert a layer, without its router
    "llama-4": 17_168_962_560,  # no layer with experts
}


@pytest.mark.parametrize(("id", "count"), TOTALS.items(), ids=TOTALS)
def test_a_full_size_counts_as_its_configuration_does_in_transformers(id: str, count: int) -> None:
    assert parameters(systems()[id].full) == count


@pytest.mark.parametrize("id", CONFIGS)
def test_the_catalogue_and_the_released_configuration_agree(id: str) -> None:
    published = systems()[id].full
    context = {CONTEXT.get(id, "max_position_embeddings"): published.shape.context}
    assert differing(architecture_from_config(CONFIGS[id] | context), published) == []


def test_scout_slows_the_pairs_that_do_not_turn_once_in_8192_tokens_and_no_pair_in_part() -> None:
    architecture = systems()["llama-4"].full
    position = architecture.position
    assert isinstance(position, Rope)
    plain = [500_000 ** (-2 * pair / 128) for pair in range(64)]
    wanted = [angle / 16 if 2 * math.pi / angle > 8192 else angle for angle in plain]
    assert position.turning(architecture, local=True).frequencies == pytest.approx(wanted)
    assert wanted[34:36] == [plain[34], plain[35] / 16]
