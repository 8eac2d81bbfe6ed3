"""AdamW as a recipe asks for it: which parameters decay, one fused step, gradients clipped. Knows no schedule."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from playground.recipe import Recipe


def build(model: nn.Module, recipe: Recipe, weights: Mapping[str, Tensor] | None = None) -> torch.optim.AdamW:
    """AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) over all of `model`; its rate is set every step.

    `weights` stand for the parameters of these names, where several models are trained as one.
    """
    named = weights or dict(model.named_parameters())  # a tied table counts once
    decayed = {name for name in named if decays(name, model, recipe)}
    groups = [
        {"params": [named[name] for name in named if name in decayed], "weight_decay": recipe.weight_decay},
        {"params": [named[name] for name in named if name not in decayed], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]], recipe.lr, recipe.beta_pair, recipe.eps, fused=True
    )


def decays(name: str, model: nn.Module, recipe: Recipe) -> bool:
    """Does weight decay pull on the parameter `name` of `model`?

    Matrices and tables are known by their modules: a gain of a norm may have two dimensions as well, one a head.
    """
    if recipe.decayed == "all":
        return True
    owner, _, kind = name.rpartition(".")
    matrix = kind == "weight" and isinstance(model.get_submodule(owner), nn.Linear | nn.Embedding)
    return matrix and (recipe.decayed == "matrices" or name.startswith("blocks."))


def clip(parameters: list[nn.Parameter], limit: float | None) -> Tensor:
    """Scale the gradients down to a norm of at most `limit`, in place; their norm before that, over all parameters."""
    norm = get_total_norm([parameter.grad for parameter in parameters if parameter.grad is not None])
    if limit is not None:
        clip_grads_with_norm_(parameters, limit, norm)
    return norm


def state_tensors(optimizer: torch.optim.Optimizer, model: nn.Module) -> dict[str, Tensor]:
    """The optimizer's moments and step counts by parameter name, `NAME/exp_avg` and so on."""
    return {
        f"{name}/{key}": value
        for name, parameter in model.named_parameters()
        for key, value in optimizer.state[parameter].items()
    }


def load_state_tensors(optimizer: torch.optim.Optimizer, model: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Put back what `state_tensors` gave."""
    named = dict(model.named_parameters())
    for key, value in tensors.items():
        name, _, moment = key.rpartition("/")
        optimizer.state[named[name]][moment] = value.to(named[name].device, copy=True)
