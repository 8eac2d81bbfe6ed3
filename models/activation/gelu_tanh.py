"""GELU in its tanh form, as GPT-2 and Gemma have it."""

from functools import partial

from torch.nn import functional as F

from models.activation.base import Activation, register
from models.text import Text

GELU_TANH = register(
    Activation(
        "gelu_tanh",
        partial(F.gelu, approximate="tanh"),
        Text("GELU (tanh)", "GELU（tanh）"),
        gated="geglu_tanh",
        gated_title="GeGLU (tanh)",
        formula="z/2 · (1 + tanh(√(2/π) · (z + 0.044715 z³)))",
        citation="Hendrycks & Gimpel 2016, arXiv:1606.08415, §2",
        source='F.gelu({z}, approximate="tanh")',
        rank=3,
    )
)
