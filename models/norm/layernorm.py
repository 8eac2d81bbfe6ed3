"""LayerNorm: subtract the mean, divide by the standard deviation."""

from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.norm.base import GAIN, Gain, Norm, applied, eps, gain_vector, gain_words, norm_class, noted
from models.option import parameter
from models.text import Text
from models.words import joined

if TYPE_CHECKING:
    from models.architecture import Architecture


class LayerNorm(Norm):
    """Ba et al. 2016, 1607.06450, §3."""

    rank: ClassVar[int] = 1
    title: ClassVar[Text] = Text("LayerNorm", "LayerNorm")
    help: ClassVar[Text] = Text(
        "Centres and scales each vector · one pass more than RMSNorm · GPT-2, OPT, BLOOM, Falcon",
        "对每个向量去均值再缩放 · 比 RMSNorm 多一趟计算 · GPT-2、OPT、BLOOM、Falcon",
    )
    formula: ClassVar[str] = "(x − mean(x)) / √(var(x) + ε) · w + b"
    citation: ClassVar[str] = "Ba et al. 2016, arXiv:1607.06450, §3"

    option: Literal["layernorm"] = "layernorm"
    eps: float = eps()
    gain: Gain = parameter("w", GAIN["title"], GAIN["help"])
    bias: bool = parameter(
        True, Text("norm bias", "归一化偏置"), Text("Adds a learned offset.", "加一个可学习的偏移。")
    )

    @property
    def offset(self) -> bool:
        return self.bias

    def note(self) -> str:
        return noted(self.gain, self.eps)

    def cell(self, architecture: "Architecture") -> Text:
        return joined(self.title, gain_words(self.gain), None if self.bias else Text("no bias", "无偏置"))

    def module(self, size: int) -> nn.Module:
        return LayerNormModule(self, size)

    def learns(self) -> bool:
        return self.gain != "none" or self.bias

    def written(self, name: str, shape: str = "size") -> str:
        lines = [
            "x = x - x.mean(-1, keepdim=True)",
            "y = x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps)",
        ]
        return norm_class(name, lines, self.eps, self.gain, bias=self.bias, shape=shape)


class LayerNormModule(nn.Module):
    """y = (x − mean) / √(var + ε) · gain + bias over the last dimension; the variance is the biased one."""

    def __init__(self, option: LayerNorm, size: int) -> None:
        super().__init__()
        self.option = option
        self.size = (size,)
        self.weight = gain_vector(option.gain, size)
        self.bias = nn.Parameter(torch.zeros(size)) if option.bias else None

    def forward(self, x: Tensor) -> Tensor:
        """x [..., size] → same shape."""
        weight = applied(self.weight, self.option.gain)
        if weight is None and self.bias is not None:  # in mixed precision torch widens x beside a gain alone
            x = x.to(self.bias.dtype)
        return F.layer_norm(x, self.size, weight, self.bias, self.option.eps)
