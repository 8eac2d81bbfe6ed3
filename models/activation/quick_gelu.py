"""GELU by a sigmoid, as CLIP and gpt-oss have it."""

import torch
from torch import Tensor

from models.activation.base import Activation, register
from models.text import Text


def _quick_gelu(z: Tensor) -> Tensor:
    return z * torch.sigmoid(1.702 * z)


DEFINITION = '''def quick_gelu(z: Tensor) -> Tensor:
    """says"""
    return z * torch.sigmoid(1.702 * z)'''

QUICK_GELU = register(
    Activation(
        "quick_gelu",
        _quick_gelu,
        Text("GELU (sigmoid)", "GELU（sigmoid）"),
        gated="",
        gated_title="",
        formula="z · σ(1.702 z)",
        citation="Hendrycks & Gimpel 2016, arXiv:1606.08415, §2",
        source="quick_gelu({z})",
        definition=DEFINITION,
        rank=4,
    )
)
