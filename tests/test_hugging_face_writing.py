"""The way back: a folder we write is loaded by the reference with the same logits, or refused by name."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from parity import randomize, relative
from reference import ids
from transformers import AutoConfig, AutoModelForCausalLM

from models.architecture import Architecture
from models.hugging_face import (
    UnsupportedArchitecture,
    architecture_from_config,
    config_from_architecture,
    to_transformers,
    writable_types,
)
from models.spelling import change
from models.transformer import Transformer

SMALL = {"shape.layers": "3", "shape.width": "32", "shape.context": "64", "shape.vocabulary": "97"}
WIDE = {"heads.query": "4", "heads.kv": "2", "heads.head_dim": "10", "feed_forward.size": "40"}
LLAMA = {
    **SMALL, **WIDE, "position": "rope", "norm": "rmsnorm", "feed_forward": "swiglu", "feed_forward.size": "40",
    "embedding.tied": "off", "bias": "none",
}  # fmt: skip
GPT2 = {**SMALL, "bias": "all", "feed_forward": "gelu_tanh"}
GEMMA2 = {
    **LLAMA, "norm.gain": "one_plus_w", "norm.eps": "1e-6", "placement": "double", "embedding.scale": "sqrt_width",
    "span": "window", "span.window": "5", "span.pattern": "alternate", "attention_cap": "5", "output_cap": "5",
    "feed_forward": "geglu_tanh", "embedding.tied": "on",
}  # fmt: skip
OLMO2 = {**LLAMA, "placement": "residual_post", "qk_norm": "full_width", "qk_norm.eps": "1e-5"}
QWEN3 = {**LLAMA, "qk_norm": "per_head", "qk_norm.eps": "1e-5"}
LLAMA3 = {"position.scaling": "llama3", "position.factor": "8", "position.original": "16"}
YARN = {"position.scaling": "yarn", "position.factor": "4", "position.theta": "100"}

WRITTEN: dict[tuple[str, str], dict[str, str]] = {
    ("gpt2", "as published"): GPT2,
    ("gpt2", "erf, untied, three heads, scale by layer, another width"): {
        **GPT2, "shape.width": "24", "heads.query": "3", "heads.kv": "3", "feed_forward": "gelu",
        "feed_forward.size": "20", "embedding.tied": "off", "heads.scale_by_layer": "on", "norm.eps": "1e-3",
    },
    ("gpt2", "scores not scaled"): {**GPT2, "heads.scale": "1"},
    ("llama", "grouped wide heads"): LLAMA,
    ("llama", "biases, tied, scaled"): {**LLAMA, **LLAMA3, "bias": "all", "embedding.tied": "on"},
    ("llama", "yarn"): {**LLAMA, **YARN, "position.attention_factor": "1.5", "position.truncate": "off"},
    ("llama", "another scale that is the usual one"): {**LLAMA, "heads.scale": str(10**-0.5)},
    ("llama", "two thetas, and no layer for the second"): {**LLAMA, "position.local_theta": "77"},
    ("mistral", "window"): {**LLAMA, "span": "window", "span.window": "5"},
    ("mistral", "heads that do not divide the width"): {**LLAMA, "heads.query": "6", "heads.kv": "3"},
    ("qwen3", "windows listed, biases"): {
        **QWEN3, "span": "window", "span.window": "5", "span.pattern": "oxx", "bias": "qkv~attention_out",
    },
    ("qwen3", "one key/value head, tied"): {**QWEN3, "heads.kv": "1", "embedding.tied": "on"},
    ("gemma2", "as published"): {**GEMMA2, "heads.scale": str(7**-0.5)},
    ("gemma2", "no caps, windows listed"): {
        **GEMMA2, "attention_cap": "none", "output_cap": "none", "span.pattern": "xxo", "embedding.tied": "off",
        "embedding.scale": str(32**0.5),
    },
    ("gemma2", "full"): {**GEMMA2, "span": "full", "span.window": "", "span.pattern": ""},
    ("olmo2", "as published"): OLMO2,
    ("olmo2", "biases, tied, relu²"): {
        **OLMO2, "bias": "qkv~attention_out", "embedding.tied": "on", "feed_forward": "gated",
        "feed_forward.activation": "relu2",
    },
}  # fmt: skip


def architecture(changes: dict[str, str]) -> Architecture:
    return change(Architecture(), {name: text for name, text in changes.items() if text})


@pytest.mark.parametrize(("model_type", "name"), WRITTEN)
@torch.no_grad()
def test_the_reference_loads_what_is_written(model_type: str, name: str, tmp_path: Path) -> None:
    model = Transformer(architecture(WRITTEN[model_type, name])).eval()
    randomize(model, seed=3)
    to_transformers(model, tmp_path / "new" / "folder")
    folder = tmp_path / "new" / "folder"
    loaded: Any = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", output_loading_info=True)
    theirs, report = loaded
    assert theirs.config.model_type == model_type
    assert not any(report.values()), report
    assert relative(theirs.eval()(ids(), use_cache=False).logits, model(ids())) < 1e-5


@pytest.mark.parametrize(("model_type", "name"), WRITTEN)
def test_what_is_written_is_read_as_the_same(model_type: str, name: str) -> None:
    """And written again as the same; also after the reference has read it and filled in what it would."""
    config = config_from_architecture(architecture(WRITTEN[model_type, name]))
    assert config == json.loads(json.dumps(config)) == config_from_architecture(architecture_from_config(config))
    theirs = AutoConfig.for_model(**config).to_dict()
    assert architecture_from_config(theirs) == architecture_from_config(config)


def test_every_type_that_can_be_written_is() -> None:
    assert {model_type for model_type, _ in WRITTEN} == set(writable_types())


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "no position": ({**LLAMA, "position": "none"}, "position=rope for position=none"),
    "a parallel block": ({**GPT2, "layout": "parallel"}, "layout=serial for layout=parallel"),
    "ALiBi": ({**GPT2, "position": "alibi"}, "position"),
    "half of a head": ({**LLAMA, "heads.head_dim": "8", "position.fraction": "0.5"}, "position.fraction=1 for"),
    "another pairing": ({**LLAMA, "position.pairing": "interleaved"}, "position.pairing=half"),
    "NTK": ({**LLAMA, "position.scaling": "ntk"}, 'rope_type="ntk"'),
    "another scale": ({**LLAMA, "heads.scale": "0.5"}, "heads.scale=none for heads.scale=0.5"),
    "a scale that is no root of a whole number": ({**GEMMA2, "heads.scale": "0.3"}, "heads.scale"),
    "a sink": ({**LLAMA, "sink": "learned"}, "sink=none for sink=learned"),
    "chunks": ({**LLAMA, "span": "chunked", "span.chunk": "8"}, "span=full for span=chunked"),
    "windows by layer without QK norm": (
        {**LLAMA, "span": "window", "span.window": "5", "span.pattern": "alternate"}, "span",
    ),
    "a second θ": (
        {**QWEN3, "span": "window", "span.window": "5", "span.pattern": "alternate", "position.local_theta": "77"},
        "position.local_theta=none for position.local_theta=77",
    ),
    "clipping": ({**LLAMA, "heads.clip": "3"}, "heads.clip"),
    "no attention": ({**LLAMA, "layout.attention": "off"}, "layout.attention"),
    "no norm": ({**LLAMA, "norm": "none"}, "norm=rmsnorm for norm=none"),
    "a norm on embeddings": ({**LLAMA, "placement.embedding": "on"}, "placement.embedding"),
    "a narrow table": ({**GPT2, "embedding.size": "8"}, "embedding.size"),
    "a bias at the head": ({**LLAMA, "bias": "head"}, "bias.places"),
    "logits scaled": ({**LLAMA, "embedding.logit_scale": "0.5"}, "embedding.logit_scale"),
    "a residual multiplier": ({**GPT2, "layout.residual": "0.5"}, "layout.residual"),
    "a clamp": ({**LLAMA, "feed_forward.clamp": "7"}, "feed_forward.clamp"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_type_has_is_refused_by_name(name: str, tmp_path: Path) -> None:
    changes, named = REFUSED[name]
    with pytest.raises(UnsupportedArchitecture) as caught:
        to_transformers(Transformer(architecture(changes)), tmp_path / "folder")
    assert named in str(caught.value)
    assert caught.value.text.zh and caught.value.fields
    assert not (tmp_path / "folder").exists()
