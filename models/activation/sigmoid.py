"""The sigmoid, as a gate only."""

import torch

from models.activation.base import Activation, register
from models.text import Text

SIGMOID = register(
    Activation(
        "sigmoid",
        torch.sigmoid,
        Text("sigmoid", "sigmoid"),
        gated="glu",
        gated_title="GLU",
        formula="σ(z) = 1 / (1 + e⁻ᶻ)",
        citation="Dauphin et al. 2017, arXiv:1612.08083, §2",
        source="torch.sigmoid({z})",
        rank=6,
        alone=False,
    )
)
