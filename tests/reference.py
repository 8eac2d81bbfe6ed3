"""Models of the reference implementation as `models.hugging_face` carries them over: built small, drawn at random.

Knows of no tolerance and no model type.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
from parity import randomize
from torch import Tensor, nn
from transformers import CONFIG_MAPPING, AutoModelForCausalLM
from transformers.utils import logging

from models.hugging_face import from_transformers

BATCH, LENGTH, VOCABULARY = 2, 40, 97
SMALL: dict[str, Any] = {  # of most types; longer than every window used here
    "vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 3,
    "num_attention_heads": 4, "max_position_embeddings": 64, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 0,
}  # fmt: skip


@cache
def ids() -> Tensor:
    """Ids [2, 40], the first row counting up."""
    ids_BT = torch.randint(0, VOCABULARY, (BATCH, LENGTH), generator=torch.Generator().manual_seed(8))
    ids_BT[0] = torch.arange(LENGTH)
    return ids_BT


def built(model_type: str, config: Mapping[str, Any], attention: str = "eager") -> nn.Module:
    """Their model of `config`, every parameter drawn at random, in eval mode."""
    logging.set_verbosity_error()
    theirs = CONFIG_MAPPING[model_type](**config)
    model = AutoModelForCausalLM.from_config(theirs, attn_implementation=attention).eval()
    randomize(model, seed=7)
    return model


@torch.no_grad()
def apart(model: nn.Module) -> tuple[float, float]:
    """Between theirs and ours with its weights: max |Δ logit| / max |logit|; and max |logit|."""
    expected = model(ids(), use_cache=False).logits
    found = from_transformers(model)(ids())
    largest = expected.abs().max().item()
    return (found - expected).abs().max().item() / largest, largest
