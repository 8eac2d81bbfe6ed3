"""Gated feed-forward: a second projection, bent by the activation, multiplies the first."""

from typing import TYPE_CHECKING, ClassVar, Literal

from torch import Tensor, nn

from models.activation.base import ACTIVATIONS, Activation
from models.drawing import Mark, short
from models.feed_forward.base import ACTIVATION, ACTIVATION_HELP, RATIO, RATIO_HELP, FeedForward
from models.option import parameter
from models.piece import Piece, linear, literal
from models.text import Text
from models.words import joined, same

if TYPE_CHECKING:
    from models.architecture import Architecture


class Gated(FeedForward):
    """(act(x W) ⊙ x V) W₂: three matrices; at 8/3 × width they hold as many parameters as plain at 4 × width.

    gpt-oss bounds both branches before they meet, and adds 1 to the linear one.
    """

    rank: ClassVar[int] = 2
    title: ClassVar[Text] = Text("gated", "门控")
    help: ClassVar[Text] = Text(
        "A learned gate on every hidden unit · a third matrix, so narrower at equal size · LLaMA, PaLM, Gemma, "
        "Mistral, Qwen",
        "每个隐藏单元都有可学习的门 · 多一个矩阵，同等参数量下更窄 · LLaMA、PaLM、Gemma、Mistral、Qwen",
    )
    formula: ClassVar[str] = "(act(x W) ⊙ x V) W₂"
    citation: ClassVar[str] = "Shazeer 2020, arXiv:2002.05202, §2; clamp, offset: gpt-oss, arXiv:2508.10925, §2"
    matrices: ClassVar[int] = 3
    matched: ClassVar[float] = 8 / 3

    option: Literal["gated"] = "gated"
    activation: str = parameter("silu", ACTIVATION, ACTIVATION_HELP, suggestions=ACTIVATIONS)
    ratio: float = parameter(8 / 3, RATIO, RATIO_HELP, gt=0, le=64)
    clamp: float | None = parameter(
        None,
        Text("clamp", "截断"),
        Text(
            "The gate is held to at most this, the other branch within ±: act(min(x W, c)) ⊙ clip(x V) (gpt-oss: 7).",
            "门不超过该值，另一分支限制在 ± 该值之内：act(min(x W, c)) ⊙ clip(x V)（gpt-oss：7）。",
        ),
        gt=0,
        le=1e4,
    )
    offset: float = parameter(
        0.0,
        Text("offset", "偏移"),
        Text(
            "Added to the branch without the activation, so that a gate alone can pass (gpt-oss: 1).",
            "加在不经激活函数的分支上，使门的值本身也能通过（gpt-oss：1）。",
        ),
        ge=-100,
        le=100,
    )

    def module(self, architecture: "Architecture") -> nn.Module:
        return GatedModule(self, architecture)

    def written(self, architecture: "Architecture") -> str:
        bias = architecture.bias.feed_forward
        return f'''class FeedForward(nn.Module):
    """says"""

    def __init__(self) -> None:
        super().__init__()
        self.gate = {linear("WIDTH", "HIDDEN", bias)}
        self.up = {linear("WIDTH", "HIDDEN", bias)}
        self.down = {linear("HIDDEN", "WIDTH", bias)}

    def forward(self, x_BTD: Tensor) -> Tensor:
        gate_BTF = self.gate(x_BTD){".clamp(max=CLAMP)" if self.clamp is not None else ""}
        up_BTF = self.up(x_BTD){".clamp(-CLAMP, CLAMP)" if self.clamp is not None else ""}
        return self.down({self.function().written("gate_BTF")} * {"(up_BTF + OFFSET)" if self.offset else "up_BTF"})'''

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        says = self.citation.partition("; clamp, offset: ")[2]
        return (
            *super().source(architecture),
            Piece("constant", f"CLAMP = {literal(self.clamp or 0)}", says),
            Piece("constant", f"OFFSET = {literal(self.offset)}", says),
        )

    def cell(self, architecture: "Architecture") -> Text:
        return joined(super().cell(architecture), same(f"≤ {self.clamp:g}") if self.clamp is not None else None)

    @classmethod
    def called(cls, activation: Activation) -> tuple[str, Text] | None:
        title = activation.gated_title
        return (
            (activation.gated, Text(title, title.replace(" (", "（").replace(")", "）"))) if activation.gated else None
        )

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        name = self.called(self.function())
        linear = Mark("feed_forward", Text("", ""), "feed_forward", column=1)
        clamp = f"≤ {short(self.clamp)}" if self.clamp is not None else ""
        offset = f"{'+' if self.offset > 0 else '−'} {short(abs(self.offset))}" if self.offset else ""
        note = ", ".join(filter(None, (clamp, offset)))
        whole = Mark("product", name[1] if name else self.title, "feed_forward", note=note)
        return (*super().draw(architecture), linear, whole)

    def met(self, gate: Tensor, up: Tensor) -> Tensor:
        """The hidden units [..., F] made of both branches."""
        if self.clamp is not None:
            gate, up = gate.clamp(max=self.clamp), up.clamp(-self.clamp, self.clamp)
        return self.function().function(gate) * (up + self.offset if self.offset else up)


class GatedModule(nn.Module):
    """x [..., D] → [..., D] through F gated hidden units."""

    def __init__(self, option: Gated, architecture: "Architecture") -> None:
        super().__init__()
        width, bias = architecture.shape.width, architecture.bias.feed_forward
        hidden = option.hidden(width)
        self.option = option
        self.gate = nn.Linear(width, hidden, bias)
        self.up = nn.Linear(width, hidden, bias)
        self.down = nn.Linear(hidden, width, bias)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """The sublayer's output."""
        return self.down(self.option.met(self.gate(x_BTD), self.up(x_BTD)))
