"""Sines and cosines of positions or of distances, from fast to slow. Knows nothing of what they are used for."""

import math

import torch
from torch import Tensor

from models.piece import Piece

BASE = 10_000.0


def waves(positions_T: Tensor, width: int) -> Tensor:
    """[sin(t ω₀), cos(t ω₀), sin(t ω₁), …] with ω_i = 10000^(−2i/width), at `positions_T`: [T, width], float32.

    Vaswani et al. 2017, arXiv:1706.03762, §3.5.
    """
    even = torch.arange(0, width, 2, device=positions_T.device, dtype=torch.float32)
    angles = positions_T.float()[:, None] * torch.exp(even * (-math.log(BASE) / width))
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1)[:, :width]


WAVES = Piece(
    "definition",
    '''def waves(positions_T: Tensor) -> Tensor:
    """says"""
    even = torch.arange(0, WIDTH, 2, device=positions_T.device)
    frequency = torch.exp(even * (-math.log(10_000.0) / WIDTH))
    angle = positions_T[:, None] * frequency
    return torch.stack((angle.sin(), angle.cos()), -1).flatten(1)[:, :WIDTH]''',
    "[sin(t ω₀), cos(t ω₀), sin(t ω₁), …], ω_i = 10000^(−2i/D)\nVaswani et al. 2017, arXiv:1706.03762, §3.5",
)
