"""GELU in its exact form, by the error function."""

from torch.nn import functional as F

from models.activation.base import Activation, register
from models.text import Text

GELU = register(
    Activation(
        "gelu",
        F.gelu,
        Text("GELU", "GELU"),
        gated="geglu",
        gated_title="GeGLU",
        formula="z · Φ(z) = z/2 · (1 + erf(z/√2))",
        citation="Hendrycks & Gimpel 2016, arXiv:1606.08415, §2",
        source="F.gelu({z})",
        rank=2,
    )
)
