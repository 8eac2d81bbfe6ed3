"""ReLU: cut off below zero."""

from torch.nn import functional as F

from models.activation.base import Activation, register
from models.text import Text

RELU = register(
    Activation(
        "relu",
        F.relu,
        Text("ReLU", "ReLU"),
        gated="reglu",
        gated_title="ReGLU",
        formula="max(z, 0)",
        citation="Nair & Hinton 2010; in the Transformer: arXiv:1706.03762, §3.3",
        source="F.relu({z})",
        rank=1,
    )
)
