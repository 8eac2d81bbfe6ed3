"""Embedding and head: shared or not, how wide, and how they are scaled."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import ValidationInfo, field_validator
from torch import Tensor, nn

from models.drawing import Mark, Spot
from models.hooks import Hooks, Place
from models.option import Axis, parameter
from models.piece import Piece, Slot, linear, literal
from models.text import Refusal, Text
from models.words import joined, same

if TYPE_CHECKING:
    from models.architecture import Architecture

Scale = float | Literal["none", "sqrt_width"]
LogitScale = float | Literal["none", "inverse_sqrt_width"]
TIED = "\nself.head.weight = self.embedding.weight  # tied"
EXPONENT = {"none": 0.0, "sqrt_width": 0.5, "inverse_sqrt_width": -0.5}  # of the width


class Embedding(Axis):
    """Tokens in, logits out."""

    axis_title: ClassVar[Text] = Text("Embedding", "嵌入")
    axis_help: ClassVar[Text] = Text("The table of tokens, and the head that reads it.", "词元表，以及读取它的输出头。")
    title: ClassVar[Text] = axis_title
    help: ClassVar[Text] = Text(
        "Tying saves vocabulary × width parameters · nothing · GPT-2, Gemma, Command R; untied: LLaMA, Mistral",
        "共享可省去 vocabulary × width 个参数 · 零开销 · GPT-2、Gemma、Command R；不共享：LLaMA、Mistral",
    )
    citation: ClassVar[str] = (
        "Press & Wolf 2017, arXiv:1608.05859; scale: arXiv:1706.03762, §3.4; size: OPT-350M's published code"
    )

    tied: bool = parameter(
        True,
        Text("tied embedding", "共享嵌入"),
        Text("The head uses the embedding's own table.", "输出头直接用嵌入表。"),
    )
    scale: Scale = parameter(
        "none",
        Text("embedding scale", "嵌入缩放"),
        Text(
            "none, sqrt_width (original Transformer, Gemma) or a number.",
            "none、sqrt_width（原始 Transformer、Gemma）或一个数。",
        ),
    )
    logit_scale: LogitScale = parameter(
        "none",
        Text("logit scale", "logit 缩放"),
        Text(
            "none, inverse_sqrt_width (PaLM) or a number: the logits are multiplied by it.",
            "none、inverse_sqrt_width（PaLM）或一个数：logits 乘以它。",
        ),
    )
    size: int | None = parameter(
        None,
        Text("table width", "嵌入表宽度"),
        Text(
            "Rows of the table and of the head are this wide, with a matrix to the model's width after the one and "
            "back before the other (OPT-350M: half the width). Left out: the model's width.",
            "词元表与输出头的每行取此宽度，表之后用一个矩阵升到模型宽度，输出头之前再用一个矩阵变回（OPT-350M：模型宽度的"
            "一半）。不填则为模型宽度。",
        ),
        ge=1,
        le=32_768,
    )

    @field_validator("scale", "logit_scale")
    @classmethod
    def _positive(cls, scale: float | str, info: ValidationInfo) -> float | str:
        if not isinstance(scale, str) and not 0 < scale <= 1e4:
            name = f"embedding.{info.field_name}"
            sentence = Text(f"{name}={scale:g} is not between 0 and 10000.", f"{name}={scale:g} 不在 0 到 10000 之间。")
            raise Refusal(sentence, name)
        return scale

    def width(self, architecture: "Architecture") -> int:
        """The width E of a row of the table."""
        return self.size or architecture.shape.width

    def projection(self, fan_in: int, fan_out: int) -> nn.Module:
        """Between a table of its own width and the stream; the identity where they are one."""
        return nn.Identity() if self.size is None else nn.Linear(fan_in, fan_out, bias=False)

    def build(self, architecture: "Architecture") -> Hooks:
        width = architecture.shape.width
        return Scaled(factor(self.scale, width), factor(self.logit_scale, width))

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        shown: tuple[tuple[Spot, float | str, str], ...] = (
            ("embedding", self.scale, "embedding.scale"),
            ("logits", self.logit_scale, "embedding.logit_scale"),
        )
        marks = [Mark(spot, same(text), path) for spot, scale, path in shown if (text := times(scale))]
        return (*self._drawn_projections(architecture.shape.width), *marks)

    def cell(self, architecture: "Architecture") -> Text:
        scale, logits = times(self.scale), times(self.logit_scale)
        return joined(
            Text("tied", "共享") if self.tied else Text("untied", "不共享"),
            same(scale) if scale else None,
            same(f"logits {logits}") if logits else None,
            Text(f"{self.size:,} wide", f"宽 {self.size:,}") if self.size is not None else None,
        )

    def _drawn_projections(self, width: int) -> tuple[Mark, ...]:
        """A matrix after the table and one before the head, if there are any."""
        ways: tuple[tuple[Spot, str], ...] = (
            ("embedding", f"{self.size} → {width}"),
            ("head", f"{width} → {self.size}"),
        )
        label = Text("project", "投影")
        return tuple(Mark(spot, label, "embedding.size", note=way) for spot, way in ways if self.size is not None)

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        bias, width = architecture.bias.head, architecture.shape.width
        table = "WIDTH" if self.size is None else "TABLE_WIDTH"
        pieces = [
            Piece("model.parts", f"self.embedding = nn.Embedding(VOCABULARY, {table})"),
            Piece("head.parts", f"self.head = {linear(table, 'VOCABULARY', bias)}{TIED if self.tied else ''}"),
        ]
        if self.size is not None:
            pieces += [
                Piece("constant", f"TABLE_WIDTH = {literal(self.size)}"),
                Piece("model.parts", f"self.project_in = {linear(table, 'WIDTH', False)}"),
                Piece("head.parts", f"self.project_out = {linear('WIDTH', table, False)}"),
                Piece("embedding", "self.project_in({x})"),
                Piece("head", "self.project_out({x})"),
            ]
        scales: tuple[tuple[Slot, str, float | str], ...] = (
            ("embedding", "EMBEDDING_SCALE", self.scale),
            ("logits", "LOGIT_SCALE", self.logit_scale),
        )
        for slot, name, scale in scales:
            value = f"WIDTH**{EXPONENT[scale]}" if isinstance(scale, str) else literal(scale)
            pieces.append(Piece("constant", f"{name} = {value}"))
            pieces += [Piece(slot, f"{{x}} * {name}")] if factor(scale, width) != 1 else []
        return tuple(pieces)


class Scaled(Hooks):
    """Embeddings times one number, logits times another."""

    def __init__(self, embedding: float, logits: float) -> None:
        self.embedding = embedding
        self.logits = logits

    def on_embedding(self, x_BTD: Tensor, at: Place) -> Tensor:
        return x_BTD if self.embedding == 1 else x_BTD * self.embedding

    def on_logits(self, logits_BTV: Tensor, at: Place) -> Tensor:
        return logits_BTV if self.logits == 1 else logits_BTV * self.logits


def factor(scale: float | str, width: int) -> float:
    """The number that a scale stands for in a model `width` wide."""
    return width ** EXPONENT[scale] if isinstance(scale, str) else scale


def times(scale: float | str) -> str:
    """A scale as it is shown: × √d, × 12, "" for none."""
    words = {"none": "", "sqrt_width": "× √d", "inverse_sqrt_width": "× 1/√d"}
    return words[scale] if isinstance(scale, str) else f"× {scale:.4g}"
