"""RoPE at work: queries and keys turned by their positions, layer by layer. Knows no option, and not how fast."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from models.frequencies import Turning
from models.hooks import Hooks, Place, QueryKey

Pairing = Literal["half", "interleaved"]
Table = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Temperature:
    """Sharper scores far into a text: queries are multiplied by 1 + `growth` · ln(1 + whole `length`s passed)."""

    growth: float
    length: int  # tokens

    def factor(self, positions_T: Tensor) -> Tensor:
        """1 + growth · ln(1 + ⌊(t + 1) / length⌋): [T], float32."""
        return 1 + self.growth * torch.log1p(((positions_T + 1) // self.length).float())


class Rotation(Hooks):
    """Turns the first entries of every head, as many as there are frequencies for, two each; leaves the rest.

    `turnings` has one for each layer, None where a layer does not rotate; the temperature acts there. Angles in
    float32; a pass computes them once for all layers that turn alike.
    """

    def __init__(
        self, turnings: Sequence[Turning | None], pairing: Pairing, temperature: Temperature | None = None
    ) -> None:
        self.turnings, self.temperature = turnings, temperature
        self.pairing: Pairing = pairing

    def on_rotation(self, qk: QueryKey, at: Place) -> QueryKey:
        q_BHTK, k_BGTK = qk
        turning = self.turnings[at.layer]
        if turning is None:
            return self._tempered(q_BHTK, at), k_BGTK
        alike = self.turnings.index(turning)
        table = at.once(("rotation", alike), lambda: self.table(turning, at.positions_T))
        return self.turn(q_BHTK, table), self.turn(k_BGTK, table)

    def _tempered(self, q_BHTK: Tensor, at: Place) -> Tensor:
        temperature = self.temperature
        if temperature is None:
            return q_BHTK
        factor_T = at.once("temperature", lambda: temperature.factor(at.positions_T))
        return q_BHTK * factor_T[:, None].to(q_BHTK.dtype)

    def table(self, turning: Turning, positions_T: Tensor) -> Table:
        """What an entry is multiplied by, and what its partner: each pair's cosine twice, its sine with both signs."""
        cos_TR, sin_TR = waves(turning, positions_T)
        join = torch.cat if self.pairing == "half" else _alternate
        return join((cos_TR, cos_TR), -1), join((-sin_TR, sin_TR), -1)

    def turn(self, x_BHTK: Tensor, table: Table) -> Tensor:
        """`x_BHTK` with its first entries turned by what `table` gave."""
        cos_TK, sin_TK = (part.to(x_BHTK.dtype) for part in table)
        turned = cos_TK.shape[-1]
        x, rest = x_BHTK[..., :turned], x_BHTK[..., turned:]
        y = x * cos_TK + self._partners(x) * sin_TK
        return y if turned == x_BHTK.shape[-1] else torch.cat((y, rest), -1)

    def _partners(self, x: Tensor) -> Tensor:
        """Every entry's partner in its pair, in its place."""
        if self.pairing == "half":
            first, second = x.chunk(2, -1)
            return torch.cat((second, first), -1)
        return x.unflatten(-1, (-1, 2)).flip(-1).flatten(-2)


def waves(turning: Turning, positions_T: Tensor) -> Table:
    """Cosines and sines [T, R] of the angles of R pairs, float32, with the turning's gain."""
    frequency_R = torch.tensor(turning.frequencies, device=positions_T.device)
    angle_TR = positions_T.float()[:, None] * frequency_R
    return turning.gain * angle_TR.cos(), turning.gain * angle_TR.sin()


def _alternate(tables: Table, dim: int) -> Tensor:
    return torch.stack(tables, dim).flatten(-2)


def written(pairing: Pairing, *, whole: bool, gains: bool) -> str:
    """The function rotate in source code, of whole heads or of their first TURNED entries."""
    x = "x_BHTK" if whole else "x_BHTK[..., :TURNED]"
    pairs = "chunk(2, -1)" if pairing == "half" else "unflatten(-1, (-1, 2)).unbind(-1)"
    join = "torch.cat(turned, -1)" if pairing == "half" else "torch.stack(turned, -1).flatten(-2)"
    end = f"return {join}" if whole else f"return torch.cat(({join}, x_BHTK[..., TURNED:]), -1)"
    asked, times = (", gain: float", "gain * ") if gains else ("", "")
    return f'''def rotate(x_BHTK: Tensor, radians: list[float]{asked}) -> Tensor:
    """says"""
    positions_T = torch.arange(x_BHTK.shape[2], device=x_BHTK.device)
    angle_TR = positions_T[:, None] * torch.tensor(radians, device=x_BHTK.device)
    cos_TR, sin_TR = {times}angle_TR.cos(), {times}angle_TR.sin()
    one, other = {x}.{pairs}
    turned = (one * cos_TR - other * sin_TR, other * cos_TR + one * sin_TR)
    {end}'''
