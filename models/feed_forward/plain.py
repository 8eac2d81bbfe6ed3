"""Plain feed-forward: widen, bend, narrow."""

from typing import TYPE_CHECKING, ClassVar, Literal

from torch import Tensor, nn

from models.activation.base import Activation
from models.feed_forward.base import FeedForward
from models.piece import linear
from models.text import Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class Plain(FeedForward):
    """act(x W) W₂: two matrices."""

    rank: ClassVar[int] = 1
    title: ClassVar[Text] = Text("plain", "普通")
    help: ClassVar[Text] = Text(
        "Two matrices and a nonlinearity · cheapest per hidden unit · GPT-2, OPT, Falcon, Nemotron-4",
        "两个矩阵加一个非线性 · 每个隐藏单元最便宜 · GPT-2、OPT、Falcon、Nemotron-4",
    )
    formula: ClassVar[str] = "act(x W) W₂"
    citation: ClassVar[str] = "Vaswani et al. 2017, arXiv:1706.03762, §3.3"
    matrices: ClassVar[int] = 2
    matched: ClassVar[float] = 4.0

    option: Literal["plain"] = "plain"

    def module(self, architecture: "Architecture") -> nn.Module:
        return PlainModule(self, architecture)

    def written(self, architecture: "Architecture") -> str:
        bias = architecture.bias.feed_forward
        return f'''class FeedForward(nn.Module):
    """says"""

    def __init__(self) -> None:
        super().__init__()
        self.up = {linear("WIDTH", "HIDDEN", bias)}
        self.down = {linear("HIDDEN", "WIDTH", bias)}

    def forward(self, x_BTD: Tensor) -> Tensor:
        return self.down({self.function().written("self.up(x_BTD)")})'''

    @classmethod
    def called(cls, activation: Activation) -> tuple[str, Text] | None:
        return (activation.slug, activation.title) if activation.alone else None


class PlainModule(nn.Module):
    """x [..., D] → [..., D] through F hidden units."""

    def __init__(self, option: Plain, architecture: "Architecture") -> None:
        super().__init__()
        width, bias = architecture.shape.width, architecture.bias.feed_forward
        hidden = option.hidden(width)
        self.activation = option.function().function
        self.up = nn.Linear(width, hidden, bias)
        self.down = nn.Linear(hidden, width, bias)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """The sublayer's output."""
        return self.down(self.activation(self.up(x_BTD)))
