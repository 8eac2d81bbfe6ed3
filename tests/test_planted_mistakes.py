"""A test of the tests: mistakes of the kind people make, each planted in our code, and the comparison sees it.

Without the mistake our logits equal the reference implementation's; with it they are clearly apart.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import planted
import pytest
import torch
from parity import relative
from planted import Patch, Plant, changed
from reference import SMALL, built, ids
from torch import Tensor
from transformers import T5Config
from transformers.models.t5.modeling_t5 import T5Attention

import models.position.t5
from models.caps import ZLoss
from models.hooks import Answers
from models.hugging_face import from_transformers
from models.position.t5 import T5, Buckets
from models.spelling import change
from models.transformer import Transformer

TOLERANCE = 1e-5
SEEN = 5 * TOLERANCE  # a planted mistake is at least this large

PAIRS = {**SMALL, "num_key_value_heads": 2, "head_dim": 10}  # two query heads share a key/value head
LLAMA = {**PAIRS, "rms_norm_eps": 1e-3}
FOUR = {**PAIRS, "num_hidden_layers": 4}
GPT_2: dict[str, Any] = {
    "vocab_size": 97, "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 64, "bos_token_id": 0, "eos_token_id": 1,
}  # fmt: skip
ALIBI: dict[str, Any] = {"vocab_size": 97, "hidden_size": 48, "n_layer": 3, "n_head": 6}
FALCON: dict[str, Any] = {name: value for name, value in SMALL.items() if name != "intermediate_size"}
LLAMA_3: dict[str, Any] = {
    "rope_type": "llama3", "rope_theta": 50_000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}  # fmt: skip
YARN: dict[str, Any] = {
    "rope_type": "yarn", "rope_theta": 100.0, "factor": 4.0, "original_max_position_embeddings": 16,
}  # fmt: skip

CONFIGS: dict[str, Mapping[str, Any]] = {
    "openai-gpt": GPT_2,
    "gpt2": {**GPT_2, "layer_norm_epsilon": 1e-4},
    "gpt2 by layer": {**GPT_2, "scale_attn_by_inverse_layer_idx": True},
    "gptj": {**GPT_2, "rotary_dim": 4},
    "gpt_neox": {**SMALL, "rope_parameters": {"rope_theta": 100.0, "partial_rotary_factor": 0.5}},
    "gpt_neo": {
        "vocab_size": 97, "hidden_size": 32, "num_layers": 4, "num_heads": 4, "max_position_embeddings": 64,
        "attention_types": [[["global", "local"], 2]], "window_size": 5, "bos_token_id": 0, "eos_token_id": 1,
    },
    "opt": {**FALCON, "ffn_dim": 72},
    "bloom": ALIBI,
    "bloom after": {**ALIBI, "apply_residual_connection_post_layernorm": True},
    "mpt": {"vocab_size": 97, "d_model": 32, "n_layers": 3, "n_heads": 4, "max_seq_len": 64},
    "falcon": {**FALCON, "alibi": True, "multi_query": False, "parallel_attn": False, "bias": True},
    "falcon 40b": {**FALCON, "new_decoder_architecture": True, "num_kv_heads": 2},
    "phi": {**SMALL, "rope_parameters": {"rope_theta": 100.0, "partial_rotary_factor": 0.5}},
    "llama": LLAMA,
    "llama 3.1": {**LLAMA, "rope_parameters": LLAMA_3},
    "llama yarn": {**LLAMA, "rope_parameters": YARN},
    "mistral": {**PAIRS, "sliding_window": 5},
    "qwen2": PAIRS,
    "qwen3": {**PAIRS, "rms_norm_eps": 1e-3},
    "gemma": {**PAIRS, "head_dim": 16},
    "gemma2": {
        **PAIRS, "sliding_window": 8, "query_pre_attn_scalar": 7, "attn_logit_softcapping": 5.0,
        "final_logit_softcapping": 5.0,
    },
    "gemma3_text": {
        **FOUR, "sliding_window": 6, "query_pre_attn_scalar": 12, "sliding_window_pattern": 2, "rope_theta": 7000.0,
        "rope_local_base_freq": 50.0, "rope_scaling": {"rope_type": "linear", "factor": 2.0},
    },
    "olmo": {**SMALL, "clip_qkv": 0.7},
    "olmo2": PAIRS,
    "cohere": {**PAIRS, "logit_scale": 0.3},
    "cohere2": {**FOUR, "sliding_window": 5, "logit_scale": 0.5},
    "nemotron": {**SMALL, "num_key_value_heads": 2},
    "granite": {
        **PAIRS, "embedding_multiplier": 12.0, "logits_scaling": 3, "residual_multiplier": 0.22,
        "attention_multiplier": 0.05,
    },
    "smollm3": {**FOUR, "head_dim": 8, "no_rope_layer_interval": 3},
    "llama4_text": {
        **FOUR, "moe_layers": [], "intermediate_size_mlp": 44, "attention_chunk_size": 16, "floor_scale": 4,
        "attn_scale": 0.6,
    },
    "gpt_oss": {
        **FOUR, "sliding_window": 5, "num_local_experts": 1, "num_experts_per_tok": 1, "swiglu_limit": 1.5,
        "rope_parameters": {**YARN, "beta_fast": 8.0, "beta_slow": 0.5, "truncate": False},
    },
}  # fmt: skip

MISTAKES: dict[tuple[str, str], Plant] = {
    # norms
    ("llama", "sum of squares for their mean"): planted.sum_of_squares,
    ("llama", "ε outside the root"): planted.eps_outside_the_root,
    ("llama", "ε ten times smaller"): changed("norm.eps=1e-4"),
    ("llama", "LayerNorm for RMSNorm"): changed("norm=layernorm", "norm.bias=off", "norm.eps=1e-3"),
    ("llama", "1 + w for w"): changed("norm.gain=one_plus_w"),
    ("gemma", "w for 1 + w"): changed("norm.gain=w"),
    ("nemotron", "w for 1 + w"): changed("norm.gain=w"),
    ("gemma3_text", "w for 1 + w on queries and keys"): changed("qk_norm.gain=w"),
    ("gpt2", "ε ten times smaller"): changed("norm.eps=1e-5"),
    ("gpt2", "RMSNorm for LayerNorm"): planted.rms_for_layernorm,
    ("gpt2", "unbiased variance"): planted.unbiased_variance,
    ("gpt2", "no norm bias"): changed("norm.bias=off"),
    ("cohere", "RMSNorm for LayerNorm"): planted.rms_for_layernorm,
    # where norms and sums stand
    ("openai-gpt", "pre for post"): planted.pre_for_post,
    ("llama", "no final norm"): changed("placement.final=off"),
    ("bloom", "no norm on embeddings"): changed("placement.embedding=off"),
    ("bloom after", "residual before the norm"): changed("layout.normed_residual=off"),
    ("gemma2", "no norm after the sublayer"): changed("placement=pre"),
    ("gpt2", "parallel for serial"): changed("layout=parallel_two_norms"),
    ("gpt_neox", "serial for parallel"): changed("layout=serial"),
    ("gpt_neox", "one norm for two"): planted.one_norm_for_two,
    ("falcon 40b", "one norm for two"): planted.one_norm_for_two,
    ("granite", "residual not multiplied"): changed("layout.residual=1"),
    # feed-forward
    ("gpt2", "exact for tanh GELU"): changed("feed_forward.activation=gelu"),
    ("gemma2", "exact for tanh GELU"): changed("feed_forward.activation=gelu"),
    ("gpt_neox", "tanh for exact GELU"): changed("feed_forward.activation=gelu_tanh"),
    ("llama", "GELU for SiLU"): changed("feed_forward.activation=gelu"),
    ("nemotron", "ReLU not squared"): changed("feed_forward.activation=relu"),
    ("llama", "gate and up swapped"): planted.swapped_gate,
    ("gpt_oss", "SiLU for quick GELU"): changed("feed_forward.activation=silu"),
    ("gpt_oss", "not clamped"): changed("feed_forward.clamp=none"),
    ("gpt_oss", "up without 1"): changed("feed_forward.offset=0"),
    ("gpt_oss", "1 added to the product"): planted.offset_on_the_product,
    # attention
    ("llama", "tiled heads"): planted.tiled_heads,
    ("llama", "no 1/√K"): changed("heads.scale=1"),
    ("gpt_neo", "1/√K"): changed("heads.scale=none"),
    ("gemma2", "scale by head width"): changed("heads.scale=none"),
    ("granite", "scale by head width"): changed("heads.scale=none"),
    ("gpt2 by layer", "not scaled by layer"): changed("heads.scale_by_layer=off"),
    ("gpt2 by layer", "layers counted from zero"): planted.layers_from_zero,
    ("olmo", "not clipped"): changed("heads.clip=none"),
    ("qwen2", "no bias on q, k, v"): changed("bias=none"),
    ("gemma2", "cap after the mask"): planted.cap_after_mask,
    ("gemma2", "cap before the scale"): planted.cap_before_scale,
    ("gemma2", "no attention cap"): changed("attention_cap=none"),
    ("gemma2", "no final cap"): changed("output_cap=none"),
    ("gpt_oss", "no sink"): changed("sink=none"),
    ("gpt_oss", "sink scaled as scores are"): planted.scaled_sink,
    ("qwen3", "QK norm after RoPE"): changed("qk_norm=after_rope", "qk_norm.gain=w", "qk_norm.eps=1e-3"),
    ("qwen3", "no QK norm"): changed("qk_norm=none"),
    ("olmo2", "QK norm per head"): planted.per_head_for_full_width,
    ("llama4_text", "QK norm in layers without RoPE too"): changed("qk_norm=per_head", "qk_norm.gain=none"),
    # spans
    ("mistral", "window of W + 1"): changed("span.window=6"),
    ("mistral", "no window"): changed("span=full"),
    ("gemma2", "window of W + 1"): changed("span.window=9"),
    ("gemma2", "window in every layer"): changed("span.pattern=all"),
    ("gemma2", "window in the other layers"): changed("span.pattern=ox"),
    ("gpt_neo", "window in the other layers"): changed("span.pattern=xo"),
    ("llama4_text", "window for chunks"): changed("span=window", "span.window=16", "span.pattern=3_to_1"),
    # positions
    ("llama", "interleaved pairs"): changed("position.pairing=interleaved"),
    ("gptj", "pairs of two halves"): changed("position.pairing=half"),
    ("cohere", "pairs of two halves"): changed("position.pairing=half"),
    ("llama", "another θ"): changed("position.theta=500000"),
    ("llama", "exponent halved"): planted.halved_exponent,
    ("phi", "exponent over the whole head"): planted.halved_exponent,
    ("phi", "the end of a head rotated"): planted.rotated_at_the_end,
    ("phi", "the whole head rotated"): changed("position.fraction=1"),
    ("llama 3.1", "not scaled"): changed("position.scaling=none"),
    ("llama 3.1", "all pairs scaled alike"): changed("position.scaling=linear"),
    ("llama yarn", "no attention factor"): changed("position.attention_factor=1"),
    ("gpt_oss", "bounds truncated"): changed("position.truncate=on"),
    ("gemma3_text", "one θ for all layers"): changed("position.local_theta=none"),
    ("gemma3_text", "local layers scaled too"): changed("position.local_scaling=same"),
    ("smollm3", "RoPE in every layer"): changed("position.layers=all"),
    ("smollm3", "RoPE in the other layers"): changed("position.layers=oox"),
    ("cohere2", "RoPE in every layer"): changed("position.layers=all"),
    ("llama4_text", "RoPE in every layer"): changed("position.layers=all"),
    ("llama4_text", "no temperature"): changed("position.temperature=none"),
    ("llama4_text", "temperature counted from zero"): planted.temperature_counted_from_zero,
    ("gpt2", "positions two rows on"): planted.shifted(2),
    ("opt", "positions two rows on"): planted.shifted(2),
    ("bloom", "sign of ALiBi"): planted.toward_the_distant,
    ("mpt", "sign of ALiBi"): planted.toward_the_distant,
    ("bloom", "slopes of six heads as of a power of two"): planted.geometric_slopes,
    ("falcon", "ALiBi outside the scale"): changed("position.inside_scale=off"),
    # embedding and head
    ("gemma", "embeddings not scaled"): changed("embedding.scale=none"),
    ("granite", "embeddings not scaled"): changed("embedding.scale=none"),
    ("granite", "logits multiplied, not divided"): changed("embedding.logit_scale=3"),
    ("cohere", "logits not scaled"): changed("embedding.logit_scale=none"),
    ("gptj", "no head bias"): changed("bias=feed_forward"),
}


@dataclass(frozen=True)
class Right:
    """Our model without a mistake, and the logits of theirs."""

    model: Transformer
    logits_BTV: Tensor


@cache
@torch.no_grad()
def right(name: str) -> Right:
    """Of a configuration. Falcon's eager attention adds ALiBi twice, its fused one does not."""
    model_type = name.partition(" ")[0]
    theirs = built(model_type, CONFIGS[name], "sdpa" if model_type == "falcon" else "eager")
    return Right(from_transformers(theirs), theirs(ids(), use_cache=False).logits)


@pytest.mark.parametrize("name", CONFIGS)
@torch.no_grad()
def test_without_a_mistake_nothing_is_seen(name: str) -> None:
    assert relative(right(name).model(ids()), right(name).logits_BTV) < TOLERANCE


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=str)
@torch.no_grad()
def test_a_planted_mistake_is_seen(name: str, mistake: str, monkeypatch: Patch) -> None:
    ours = right(name).model
    wrong = Transformer(change(ours.architecture, MISTAKES[name, mistake](monkeypatch))).eval()
    missing, _ = wrong.load_state_dict(ours.state_dict(), strict=False)  # a mistake may leave tensors out
    assert not missing
    assert relative(wrong(ids()), right(name).logits_BTV) > SEEN


def test_every_configuration_has_a_mistake_planted() -> None:
    assert {name for name, _ in MISTAKES} == set(CONFIGS)


def off_by_one(patch: Patch) -> None:
    """Every distance has the bucket of the one before."""
    buckets = models.position.t5.buckets
    patch.setattr(models.position.t5, "buckets", lambda count, distance: [0, *buckets(count, distance)[:-1]])


def both_directions(patch: Patch) -> None:
    """Half of the buckets, as in an encoder, which needs the others for later tokens."""
    buckets = models.position.t5.buckets
    patch.setattr(models.position.t5, "buckets", lambda count, distance: buckets(count // 2, distance))


def farther(patch: Patch) -> None:
    """Ranges that end at twice the distance."""
    buckets = models.position.t5.buckets
    patch.setattr(models.position.t5, "buckets", lambda count, distance: buckets(count, 2 * distance))


@torch.no_grad()
def t5_apart() -> float:
    """Between T5's bias and ours, over 300 distances of six heads."""
    config = T5Config(num_heads=6, d_model=12, d_kv=2, is_decoder=True)
    theirs, ours = T5Attention(config, has_relative_attention_bias=True, layer_idx=0), Buckets(T5(), 6, (True,))
    generator = torch.Generator().manual_seed(0)
    assert theirs.relative_attention_bias is not None
    ours.table.copy_(theirs.relative_attention_bias.weight.normal_(generator=generator))
    expected = theirs.compute_bias(1, 300, past_seen_tokens=299)[0]
    return relative(ours.bias(torch.tensor([299]), torch.arange(300)), expected)


@pytest.mark.parametrize("mistake", [off_by_one, both_directions, farther])
def test_a_mistake_in_t5s_buckets_is_seen(mistake: Callable[[Patch], None], monkeypatch: Patch) -> None:
    assert t5_apart() == 0
    mistake(monkeypatch)
    assert t5_apart() > SEEN


def over_all(patch: Patch) -> None:
    """The mean over all tokens, those that do not count among them."""
    patch.setattr(Answers, "mean", lambda self, values_N: values_N.mean())


def not_squared(patch: Patch) -> None:
    """log Z for (log Z)²."""
    patch.setattr(
        ZLoss, "on_loss", lambda self, loss, answers: loss + self.weight * answers.mean(answers.logits_NV.logsumexp(-1))
    )


def to_the_base_two(patch: Patch) -> None:
    """log₂ Z for ln Z."""
    right = ZLoss.on_loss
    patch.setattr(ZLoss, "on_loss", lambda self, loss, answers: right(self, loss, answers) / math.log(2) ** 2)


def z_loss_apart() -> float:
    """Between the gradient of z-loss and 2α · log Z · p, over the tokens that count."""
    logits_NV = (2 * torch.randn(6, 9, generator=torch.Generator().manual_seed(0))).requires_grad_()
    counted_N = torch.tensor([True, True, False, True, False, True])
    loss = ZLoss(weight=0.01).on_loss(torch.zeros(()), Answers(logits_NV, counted_N))
    (found_NV,) = torch.autograd.grad(loss, logits_NV)
    log_z = logits_NV.exp().sum(-1, keepdim=True).log()
    expected_NV = 2 * 0.01 * log_z * logits_NV.softmax(-1) * counted_N[:, None] / counted_N.sum()
    return relative(found_NV, expected_NV)


@pytest.mark.parametrize("mistake", [over_all, not_squared, to_the_base_two])
def test_a_mistake_in_z_loss_is_seen(mistake: Callable[[Patch], None], monkeypatch: Patch) -> None:
    assert z_loss_apart() < TOLERANCE
    mistake(monkeypatch)
    assert z_loss_apart() > SEEN
