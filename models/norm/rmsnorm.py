"""RMSNorm: divide by the root mean square; no mean is subtracted, no offset added."""

from typing import TYPE_CHECKING, ClassVar, Literal

from torch import Tensor, nn
from torch.nn import functional as F

from models.norm.base import GAIN, Gain, Norm, applied, eps, gain_vector, gain_words, norm_class, noted
from models.option import parameter
from models.text import Text
from models.words import joined

if TYPE_CHECKING:
    from models.architecture import Architecture


class RMSNorm(Norm):
    """Zhang & Sennrich 2019, 1910.07467, §3. ε is inside the root, after the mean."""

    rank: ClassVar[int] = 2
    title: ClassVar[Text] = Text("RMSNorm", "RMSNorm")
    help: ClassVar[Text] = Text(
        "Scales each vector, leaves its mean · cheaper than LayerNorm · LLaMA, T5, Mistral, Gemma",
        "只缩放向量，不动均值 · 比 LayerNorm 便宜 · LLaMA、T5、Mistral、Gemma",
    )
    formula: ClassVar[str] = "x / √(mean(x²) + ε) · w"
    citation: ClassVar[str] = "Zhang & Sennrich 2019, arXiv:1910.07467, §3"

    option: Literal["rmsnorm"] = "rmsnorm"
    eps: float = eps()
    gain: Gain = parameter("w", GAIN["title"], GAIN["help"])

    def note(self) -> str:
        return noted(self.gain, self.eps)

    def cell(self, architecture: "Architecture") -> Text:
        return joined(self.title, gain_words(self.gain))

    def module(self, size: int) -> nn.Module:
        return RMSNormModule(self, size)

    def learns(self) -> bool:
        return self.gain != "none"

    def written(self, name: str, shape: str = "size") -> str:
        lines = ["y = x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps)"]
        return norm_class(name, lines, self.eps, self.gain, bias=False, shape=shape)


class RMSNormModule(nn.Module):
    """y = x / √(mean(x²) + ε) · gain over the last dimension."""

    def __init__(self, option: RMSNorm, size: int) -> None:
        super().__init__()
        self.option = option
        self.size = (size,)
        self.weight = gain_vector(option.gain, size)

    def forward(self, x: Tensor) -> Tensor:
        """x [..., size] → same shape."""
        weight = applied(self.weight, self.option.gain)
        # In mixed precision x may be narrower than the gain: torch widens it for LayerNorm, but not for RMSNorm.
        return F.rms_norm(x if weight is None else x.to(weight.dtype), self.size, weight, self.option.eps)
