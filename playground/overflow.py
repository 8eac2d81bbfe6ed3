"""Which tensor of a training run is the first that is not finite: in which step, in which layer, forward or backward.

Float16 ends at ±65,504, and a run in it has no safety net here: what leaves that range becomes infinite, and the loss
follows. Every module's output and its gradient are summed in float32 as they pass, in the order in which they are made;
the sums stay on the device until somebody asks.
"""

import re
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from playground.events import Overflowed
from playground.recipe import Recipe

LAYER = re.compile(r"\.(\d+)(?=\.|$)")


class Watch:
    """Watches a model that is trained. Knows only its modules' names."""

    def __init__(self, model: nn.Module) -> None:
        self.noted: list[tuple[int, str, bool, Tensor]] = []  # step, module, backward, sum
        self.step, self.told = 1, False
        for name, module in model.named_modules():
            if name and not isinstance(module, nn.ModuleList | nn.ModuleDict | nn.Identity):
                module.register_forward_hook(partial(self._forward, name))

    def first(self) -> Overflowed | None:
        """The first overflow, told once: with it the watching ends."""
        noted, self.noted = self.noted, []
        sums = torch.stack([total for *_, total in noted]).isfinite().tolist() if noted else []
        for (step, name, backward, _), finite in zip(noted, sums, strict=True):
            if not finite:
                self.told = True
                layer = LAYER.search(name)
                tensor = LAYER.sub("", name).removeprefix("parts.").removeprefix("blocks.").removeprefix("blocks")
                return Overflowed(step, int(layer[1]) + 1 if layer else None, tensor, backward)
        return None

    def _forward(self, name: str, module: nn.Module, given: Any, output: Any) -> None:
        if self.told or not (module.training and isinstance(output, Tensor) and output.requires_grad):
            return
        self._note(name, False, output)
        output.register_hook(partial(self._note, name, True))

    def _note(self, name: str, backward: bool, tensor: Tensor) -> None:
        self.noted.append((self.step, name, backward, tensor.detach().sum(dtype=torch.float32)))


def watch(model: nn.Module, recipe: Recipe) -> Watch | None:
    """A watch where there is no safety net: in float16, not compiled; None for every other run."""
    return Watch(model) if recipe.precision == "fp16" and recipe.compile == "off" else None
