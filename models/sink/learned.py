"""A learned sink: one logit a head joins every softmax, takes its share of attention and carries no value."""

from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn

from models.drawing import Mark
from models.hooks import Hooks, Place
from models.piece import Piece
from models.sink.base import Sink
from models.text import Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class LearnedSink(Sink):
    """softmax over the scores and one more logit s_h, which neither scale nor mask touches; its column is dropped."""

    rank: ClassVar[int] = 2
    title: ClassVar[Text] = Text("learned", "可学习")
    help: ClassVar[Text] = Text(
        "A head may attend to nothing, so rows sum to less than 1 · one number a head; needs the explicit, slower "
        "attention · gpt-oss",
        "让注意力头可以什么都不看，每行之和小于 1 · 每个头多一个数；只能用较慢的显式注意力 · gpt-oss",
    )
    formula: ClassVar[str] = "exp(s_ij) / (exp(s_h) + Σ_j exp(s_ij))"
    citation: ClassVar[str] = "OpenAI 2025 (gpt-oss), arXiv:2508.10925, §2; Xiao et al. 2023, arXiv:2309.17453, §3"

    option: Literal["learned"] = "learned"

    def build(self, architecture: "Architecture") -> Hooks:
        return Sinks(architecture.heads.query, architecture.attention_layers)

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        return (Mark("sink", Text("+ 1 logit per head", "+ 每头一个 logit"), "sink"),)

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        return (
            Piece("attention.parts", "self.sink_H = nn.Parameter(torch.zeros(QUERY_HEADS))"),
            Piece("sink", "self.sink_H", f"Attention sink: {self.formula}\n{self.citation}"),
            Piece("renamed", r'r"parts.sink.logit.(\d+)": r"blocks.\1.attention.sink_H",'),
        )


class Sinks(nn.Module, Hooks):
    """A logit per head and layer; at 0 a sink starts as strong as a token whose score is 0."""

    def __init__(self, heads: int, layers: int) -> None:
        super().__init__()
        self.logit = nn.ParameterList(torch.zeros(heads) for _ in range(layers))

    def on_sink(self, sink_H: Tensor | None, at: Place) -> Tensor | None:
        return self.logit[at.layer]
