"""Starting values.

A function of seed, tensor name and shape alone, so that variants start equal wherever they share a tensor.
"""

import hashlib

import torch
from torch import Tensor, nn

from models.hooks import Matrix
from models.transformer import Transformer

RESIDUAL_WRITERS = ("attention.out", "feed_forward.down")


@torch.no_grad()
def initialize(model: Transformer, seed: int) -> Transformer:
    """Draw every matrix of `model` (in place) with the deviation that its architecture's `init` asks for.

    Biases start at zero.

    Gains and offsets of norms keep the values they were built with.
    """
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            tied = name == "head" and model.architecture.embedding.tied
            if not tied:
                std = model.chain.run("on_init", 1.0, _matrix(model, name, module))
                module.weight.copy_(std * unit_normal(seed, name, module.weight))
            if isinstance(module, nn.Linear) and module.bias is not None:
                module.bias.zero_()
    return model


def unit_normal(seed: int, name: str, like: Tensor) -> Tensor:
    """Standard normal numbers of the shape of `like`, the same wherever seed, name and shape are the same."""
    key = f"{seed}|{name}|{tuple(like.shape)}".encode()
    generator = torch.Generator().manual_seed(int.from_bytes(hashlib.sha256(key).digest()[:7], "big"))
    return torch.randn(like.shape, generator=generator).to(like)


def _matrix(model: Transformer, name: str, module: nn.Linear | nn.Embedding) -> Matrix:
    fan_out, fan_in = module.weight.shape
    return Matrix(name, fan_in, fan_out, name.endswith(RESIDUAL_WRITERS), model.architecture.shape.layers)
