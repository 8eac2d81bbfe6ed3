"""Shape: the numbers that make a model large or small. The only context there is: training length included."""

from typing import TYPE_CHECKING, ClassVar

from models.option import Axis, parameter
from models.piece import Piece, literal
from models.text import Text
from models.words import same

if TYPE_CHECKING:
    from models.architecture import Architecture


class Shape(Axis):
    """Layers, width, context, vocabulary."""

    axis_title: ClassVar[Text] = Text("Shape", "形状")
    axis_help: ClassVar[Text] = Text("Depth, width and length.", "深度、宽度与长度。")
    title: ClassVar[Text] = axis_title
    help: ClassVar[Text] = Text(
        "Loss is flat over a wide range of width to depth · depth costs latency · published ratios of width to "
        "layers: 30 to 200",
        "宽深比在很大范围内对损失影响不大 · 越深延迟越高 · 已发表模型的宽度与层数之比约 30 到 200",
    )
    citation: ClassVar[str] = "Kaplan et al. 2020, arXiv:2001.08361, §3.1"

    layers: int = parameter(
        4, Text("layers", "层数"), Text("Blocks on top of each other.", "上下叠放的块数。"), panel="page", ge=1, le=256
    )
    width: int = parameter(
        128,
        Text("width", "宽度"),
        Text("Width of the residual stream, d_model.", "残差流的宽度 d_model。"),
        panel="page",
        ge=2,
        le=32_768,
    )
    context: int = parameter(
        64,
        Text("context", "上下文"),
        Text("Tokens the model is trained on at once.", "训练时一次看到的词元数。"),
        ge=2,
        le=2**24,
    )
    vocabulary: int = parameter(
        64,
        Text("vocabulary", "词表"),
        Text(
            "What BPE trains to; bytes and characters fix it themselves.",
            "BPE 训练的目标大小；按字节或字符切分时由数据决定。",
        ),
        ge=2,
        le=1_000_000,
    )

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        sizes = {"LAYERS": self.layers, "WIDTH": self.width, "CONTEXT": self.context, "VOCABULARY": self.vocabulary}
        return tuple(Piece("constant", f"{name} = {literal(size)}") for name, size in sizes.items())

    def cell(self, architecture: "Architecture") -> Text:
        return same(f"{self.layers} × {self.width:,}, V {self.vocabulary:,}")
