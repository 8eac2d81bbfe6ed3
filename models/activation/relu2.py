"""Squared ReLU."""

from torch import Tensor
from torch.nn import functional as F

from models.activation.base import Activation, register
from models.text import Text


def squared_relu(z: Tensor) -> Tensor:
    """max(z, 0)², elementwise."""
    return F.relu(z).square()


RELU2 = register(
    Activation(
        "relu2",
        squared_relu,
        Text("ReLU²", "ReLU²"),
        gated="",
        gated_title="",
        formula="max(z, 0)²",
        citation="So et al. 2021 (Primer), arXiv:2109.08668, §3",
        source="F.relu({z}).square()",
        rank=5,
    )
)
