"""Models carried over: what is refused, what is kept apart, and that a mistake of the kind people make is seen."""

import subprocess
import sys

import pytest
import torch
from parity import relative
from reference import SMALL, built, ids
from source import ROOT
from test_hugging_face import CASES
from torch import nn
from transformers import LlamaConfig, LlamaModel

from models.hugging_face import UnsupportedArchitecture, from_transformers
from models.spelling import change
from models.transformer import Transformer

SEEN = 1e-4  # a planted mistake is at least this large
FULL, WIDE_WINDOW = {"span": "full"}, {"span.window": "6"}
MISTAKES: dict[tuple[str, str], list[dict[str, str]]] = {  # changes that have the same tensors
    ("llama", "grouped heads"): [
        {"position.pairing": "interleaved"}, {"position.fraction": "0.5"}, {"norm.gain": "one_plus_w"},
        {"heads.scale": "1"}, {"norm.eps": "1e-3"}, {"position.theta": "500000"},
    ],
    ("llama", "3.1's scaling"): [
        {"position.scaling": "linear"}, {"position.factor": "7"}, {"position.original": "64"}, {"position.low": "2"},
        {"position.high": "3"},
    ],
    ("llama", "yarn, its own attention factor, not truncated"): [
        {"position.attention_factor": "none"}, {"position.truncate": "on"}, {"position.original": "32"},
    ],
    ("llama", "yarn with mscale, original beside it"): [{"position.attention_factor": "none"}],
    ("mistral", "short window"): [FULL, WIDE_WINDOW, {"span.pattern": "alternate"}],
    ("qwen2", "layers listed, yarn"): [
        {"span.pattern": "alternate"}, {"span.pattern": "all"}, {"span.pattern": "xooo"},
    ],
    ("qwen3", "wide heads"): [{"qk_norm": "after_rope", "qk_norm.gain": "w"}, {"qk_norm.eps": "1e-6"}],
    ("gemma", "gelu, which is the tanh form; untied, biases"): [{"feed_forward.activation": "gelu"}],
    ("gemma2", "caps of 5, a scale of its own"): [
        {"attention_cap": "none"}, {"output_cap": "none"}, {"heads.scale": "none"}, {"embedding.scale": "none"},
        {"norm.gain": "w"}, {"span.pattern": "ox"},
    ],
    ("gemma3_text", "two θ, full layers scaled"): [
        {"position.local_theta": "none"}, {"position.local_scaling": "same"}, {"position.scaling": "none"},
        {"attention_cap": "3"}, {"qk_norm.gain": "w"},
    ],
    ("olmo", "clipped"): [{"heads.clip": "none"}, {"heads.clip": "1"}, {"norm.eps": "1e-2"}],
    ("olmo2", "grouped heads"): [{"placement": "pre"}, {"qk_norm.eps": "1e-5"}],
    ("cohere", "grouped heads"): [
        {"position.pairing": "half"}, {"embedding.logit_scale": "none"}, {"norm": "rmsnorm"},
    ],
    ("cohere2", "RoPE with the window alone"): [{"position.layers": "all"}, {"position": "none"}],
    ("nemotron", "half of each head rotated"): [{"norm.gain": "w"}, {"position.fraction": "1"}],
    ("granite", "multipliers"): [
        {"layout.residual": "1"}, {"heads.scale": "none"}, {"embedding.scale": "none"},
        {"embedding.logit_scale": "none"},
    ],
    ("smollm3", "every third layer without RoPE"): [{"position.layers": "all"}, {"position.layers": "3_to_1"}],
    ("llama4_text", "chunks, temperature"): [
        {"position.temperature": "none"}, {"position.temperature_length": "8"}, {"qk_norm": "none"},
        {"span.chunk": "17"}, {"span": "window", "span.window": "16", "span.pattern": "3_to_1"},
    ],
    ("gpt_oss", "one expert, yarn of its default"): [
        {"feed_forward.clamp": "none"}, {"feed_forward.offset": "0"}, {"feed_forward.activation": "silu"},
        {"position.truncate": "on"}, {"position.attention_factor": "1"},
    ],
}  # fmt: skip


@pytest.mark.parametrize(("model_type", "name"), MISTAKES)
@torch.no_grad()
def test_a_planted_mistake_is_seen(model_type: str, name: str) -> None:
    theirs = built(model_type, CASES[model_type, name])
    right, expected = from_transformers(theirs), theirs(ids(), use_cache=False).logits
    assert relative(right(ids()), expected) < SEEN / 10
    for mistake in MISTAKES[model_type, name]:
        wrong = Transformer(change(right.architecture, mistake)).eval()
        wrong.load_state_dict(_shared(right.state_dict(), wrong.state_dict()))
        assert relative(wrong(ids()), expected) > SEEN, mistake


def _shared(state: dict[str, torch.Tensor], wanted: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Norms stand elsewhere under another placement; their gains are taken in the same order."""
    spare = iter([weight for name, weight in state.items() if name not in wanted])
    return {name: state[name] if name in state else next(spare) for name in wanted}


def llama(**changes: object) -> nn.Module:
    return built("llama", {**SMALL, **changes})


def with_one_more(model: nn.Module) -> nn.Module:
    model.register_parameter("extra", nn.Parameter(torch.zeros(3)))
    return model


def without_a_norm(model: nn.Module) -> nn.Module:
    model.get_submodule("model").norm = nn.Identity()
    return model


def with_another_head(model: nn.Module) -> nn.Module:
    model.lm_head = nn.Linear(32, 97, bias=False)
    return model


REFUSED = {
    "no model of theirs": (lambda: nn.Linear(2, 2), "Linear"),
    "no head": (lambda: LlamaModel(LlamaConfig(**SMALL)), "…ForCausalLM"),
    "a tensor too many": (lambda: with_one_more(llama()), "extra"),
    "a tensor too few": (lambda: without_a_norm(llama()), "parts.placement.final.weight"),
    "tied by its word alone": (lambda: with_another_head(llama(tie_word_embeddings=True)), "tie_word_embeddings=true"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_its_configuration_s_model_is_refused(name: str) -> None:
    make, named = REFUSED[name]
    with pytest.raises(UnsupportedArchitecture, match=named) as caught:
        from_transformers(make())
    assert caught.value.fields and caught.value.text.zh


@torch.no_grad()
def test_the_weights_are_copies_in_float32() -> None:
    theirs = llama().bfloat16()
    ours = from_transformers(theirs)
    assert {weight.dtype for weight in ours.parameters()} == {torch.float32} and not ours.training
    before = ours.embedding.weight.clone()
    theirs.get_input_embeddings().weight.zero_()  # pyright: ignore[reportCallIssue]
    assert torch.equal(ours.embedding.weight, before)


def test_reading_needs_neither_transformers_nor_safetensors() -> None:
    script = (
        "import sys, models.hugging_face as theirs;"
        "theirs.architecture_from_config({'model_type': 'llama'});"
        "print(sorted({'transformers', 'safetensors'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
