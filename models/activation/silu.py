"""SiLU (Swish): z times its own sigmoid."""

from torch.nn import functional as F

from models.activation.base import Activation, register
from models.text import Text

SILU = register(
    Activation(
        "silu",
        F.silu,
        Text("SiLU", "SiLU"),
        gated="swiglu",
        gated_title="SwiGLU",
        formula="z · σ(z)",
        citation="Ramachandran et al. 2017, arXiv:1710.05941, §3; gated: Shazeer 2020, arXiv:2002.05202, §2",
        source="F.silu({z})",
        rank=4,
    )
)
