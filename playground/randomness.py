"""A random stream of one's own out of torch's process-wide one: dropout draws the same numbers beside other runs."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


class Randomness:
    """The generators of the CPU and of one device, as they stand for one run."""

    def __init__(self, seed: int, device: str) -> None:
        self.device = device
        self.states: dict[str, Tensor] = {}
        outside = self._now()
        torch.manual_seed(seed)
        self.states = self._now()
        self._set(outside)

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Inside, torch draws from this stream; afterwards the process's own stream stands where it stood."""
        outside = self._now()
        self._set(self.states)
        try:
            yield
        finally:
            self.states = self._now()
            self._set(outside)

    def _now(self) -> dict[str, Tensor]:
        states = {"cpu": torch.get_rng_state()}
        if self.device == "cuda":
            states["cuda"] = torch.cuda.get_rng_state()
        elif self.device == "mps":
            states["mps"] = torch.mps.get_rng_state()
        return states

    def _set(self, states: dict[str, Tensor]) -> None:
        torch.set_rng_state(states["cpu"])
        if self.device == "cuda":
            torch.cuda.set_rng_state(states["cuda"])
        elif self.device == "mps":
            torch.mps.set_rng_state(states["mps"])
