"""The reference implementation beside ours: Hugging Face models of our own small configurations, weights carried over.

A case says twice, in the two vocabularies and independently, what one model is. Knows of no tolerance.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from transformers import CONFIG_MAPPING, AutoModelForCausalLM
from transformers.utils import logging

from models.architecture import Architecture
from models.spelling import change
from models.systems import systems
from models.transformer import Transformer

BATCH, LENGTH = 3, 40

DECODER = {  # ours: theirs, as most model types have it
    "embedding": "model.embed_tokens",
    "head": "lm_head",
    "parts.placement.final": "model.norm",
    "blocks.{}.attention.query": "model.layers.{}.self_attn.q_proj",
    "blocks.{}.attention.key": "model.layers.{}.self_attn.k_proj",
    "blocks.{}.attention.value": "model.layers.{}.self_attn.v_proj",
    "blocks.{}.attention.out": "model.layers.{}.self_attn.o_proj",
    "blocks.{}.feed_forward.gate": "model.layers.{}.mlp.gate_proj",
    "blocks.{}.feed_forward.up": "model.layers.{}.mlp.up_proj",
    "blocks.{}.feed_forward.down": "model.layers.{}.mlp.down_proj",
}
PRE_NORM = {
    "parts.placement.input.{}.attention": "model.layers.{}.input_layernorm",
    "parts.placement.input.{}.feed_forward": "model.layers.{}.post_attention_layernorm",
}
DOUBLE_NORM = {
    "parts.placement.input.{}.attention": "model.layers.{}.input_layernorm",
    "parts.placement.output.{}.attention": "model.layers.{}.post_attention_layernorm",
    "parts.placement.input.{}.feed_forward": "model.layers.{}.pre_feedforward_layernorm",
    "parts.placement.output.{}.feed_forward": "model.layers.{}.post_feedforward_layernorm",
}
GPT2 = {
    "embedding": "transformer.wte",
    "head": "lm_head",
    "parts.position.table": "transformer.wpe",
    "parts.placement.final": "transformer.ln_f",
    "parts.placement.input.{}.attention": "transformer.h.{}.ln_1",
    "parts.placement.input.{}.feed_forward": "transformer.h.{}.ln_2",
    "blocks.{}.attention.query": "transformer.h.{}.attn.c_attn.0",  # a third of one matrix
    "blocks.{}.attention.key": "transformer.h.{}.attn.c_attn.1",
    "blocks.{}.attention.value": "transformer.h.{}.attn.c_attn.2",
    "blocks.{}.attention.out": "transformer.h.{}.attn.c_proj",
    "blocks.{}.feed_forward.up": "transformer.h.{}.mlp.c_fc",
    "blocks.{}.feed_forward.down": "transformer.h.{}.mlp.c_proj",
}
NAMES = {
    "gpt2": GPT2,
    "llama": DECODER | PRE_NORM,
    "mistral": DECODER | PRE_NORM,
    "gemma2": DECODER | DOUBLE_NORM,
}


@dataclass(frozen=True)
class Case:
    """One model: a system of ours with changes, and a configuration of theirs."""

    system: str
    changes: Mapping[str, str]
    model_type: str
    config: Mapping[str, Any]

    def architecture(self) -> Architecture:
        """Ours."""
        return change(systems()[self.system].twin, self.changes)


SHAPE = {"shape.layers": "3", "shape.width": "24", "shape.context": "64", "shape.vocabulary": "97"}
HEADS = {"heads.query": "4", "heads.kv": "2", "heads.head_dim": "10", "feed_forward.size": "40"}
COMMON: dict[str, Any] = {
    "vocab_size": 97, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2,
    "head_dim": 10, "intermediate_size": 40, "max_position_embeddings": 64,
}  # fmt: skip
TOKENS = {"bos_token_id": 0, "eos_token_id": 1}
CASES = {
    "gpt-2": Case(
        "gpt-2",
        SHAPE | {"heads.query": "4", "heads.kv": "4"},
        "gpt2",
        {"vocab_size": 97, "n_positions": 64, "n_embd": 24, "n_layer": 3, "n_head": 4, **TOKENS},
    ),
    "gpt-2, three heads, narrow": Case(
        "gpt-2",
        SHAPE | {"heads.query": "3", "heads.kv": "3", "heads.head_dim": "none", "feed_forward.size": "20"},
        "gpt2",
        {"vocab_size": 97, "n_positions": 64, "n_embd": 24, "n_layer": 3, "n_head": 3, "n_inner": 20, **TOKENS},
    ),
    "llama-3": Case(
        "llama-3",
        SHAPE | HEADS,
        "llama",
        {**COMMON, "rms_norm_eps": 1e-5, "rope_parameters": {"rope_type": "default", "rope_theta": 500_000.0}},
    ),
    "llama-3, multi-query, tied, biases": Case(
        "llama-3",
        SHAPE | HEADS | {"heads.kv": "1", "bias": "all", "embedding.tied": "on", "position.theta": "100"},
        "llama",
        {
            **COMMON, "num_key_value_heads": 1, "attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True,
            "rms_norm_eps": 1e-5, "rope_parameters": {"rope_type": "default", "rope_theta": 100.0},
        },
    ),
    "mistral": Case(
        "mistral",
        SHAPE | HEADS | {"span.window": "8"},
        "mistral",
        {
            **COMMON, "sliding_window": 8, "rms_norm_eps": 1e-5,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0},
        },
    ),
    "gemma-2": Case(
        "gemma-2",
        SHAPE | HEADS | {"span.window": "8", "attention_cap": "5", "output_cap": "5", "heads.scale": str(7**-0.5)},
        "gemma2",
        {
            **COMMON, "sliding_window": 8, "attn_logit_softcapping": 5.0, "final_logit_softcapping": 5.0,
            "query_pre_attn_scalar": 7, "rms_norm_eps": 1e-6,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0},
        },
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Reference:
    """Their model's weights by our names, ids, and their logits on them."""

    state: dict[str, Tensor]
    ids_BT: Tensor
    logits_BTV: Tensor


@cache
@torch.no_grad()
def reference(name: str) -> Reference:
    """Their model of a case, every parameter drawn at random, and what it answers by explicit attention."""
    case = CASES[name]
    logging.set_verbosity_error()
    config = CONFIG_MAPPING[case.model_type](**case.config)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    randomize(model, seed=7)
    ids_BT = torch.randint(0, 97, (BATCH, LENGTH), generator=torch.Generator().manual_seed(8))
    ids_BT[0] = torch.arange(LENGTH)
    return Reference(carried(model, case.model_type, 3), ids_BT, model(ids_BT, use_cache=False).logits)


@torch.no_grad()
def randomize(model: nn.Module, seed: int) -> None:
    """Every parameter normal: matrices with a deviation that lets scores reach a cap of 5, vectors with 0.5.

    The first rows of tables are small, so that a norm's ε matters.
    """
    generator = torch.Generator().manual_seed(seed)
    for weight in model.parameters():
        deviation = 0.5 if weight.dim() < 2 else 1.5 * min(weight.shape) ** -0.5
        weight.copy_(deviation * torch.randn(weight.shape, generator=generator))
    for table in model.modules():
        if isinstance(table, nn.Embedding):
            table.weight *= torch.logspace(-3, 0, len(table.weight))[:, None]


def carried(model: nn.Module, model_type: str, layers: int) -> dict[str, Tensor]:
    """The weights of `model` by the names that our state dict has for them."""
    state = {**model.state_dict(), **_thirds(model.state_dict())}
    conv = model_type == "gpt2"  # keeps its matrices as [in, out], but for the embeddings
    return {
        ours: weight.T if conv and weight.dim() == 2 and ".h." in theirs else weight
        for ours, theirs in _names(NAMES[model_type], layers)
        if (weight := state.get(theirs)) is not None
    }


def ours(name: str) -> Transformer:
    """Our model of a case with their weights: every tensor of ours is given, none of theirs is left over."""
    model = Transformer(CASES[name].architecture()).eval()
    model.load_state_dict(reference(name).state)
    return model


def relative(found: Tensor, expected: Tensor) -> float:
    """max |found − expected| / max |expected|."""
    return ((found - expected).abs().max() / expected.abs().max()).item()


def _names(names: Mapping[str, str], layers: int) -> Iterator[tuple[str, str]]:
    for ours, theirs in names.items():
        for layer in range(layers) if "{}" in ours else (0,):
            for kind in ("weight", "bias"):
                yield f"{ours.format(layer)}.{kind}", f"{theirs.format(layer)}.{kind}"


def _thirds(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """GPT-2's joint matrix [in, 3 · out] and its bias, cut into those of q, k and v."""
    return {
        name.replace("c_attn.", f"c_attn.{index}."): third
        for name, weight in state.items()
        if "c_attn" in name
        for index, third in enumerate(weight.chunk(3, -1))
    }
