"""Embedding and head: shared or not, and how they are scaled."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import field_validator
from torch import Tensor

from models.drawing import Mark
from models.hooks import Place
from models.option import Axis, parameter
from models.text import Refusal, Text

if TYPE_CHECKING:
    from models.architecture import Architecture

Scale = float | Literal["none", "sqrt_width"]


class Embedding(Axis):
    """Tokens in, logits out."""

    axis_title: ClassVar[Text] = Text("Embedding", "嵌入")
    axis_help: ClassVar[Text] = Text("The table of tokens, and the head that reads it.", "词元表，以及读取它的输出头。")
    title: ClassVar[Text] = axis_title
    help: ClassVar[Text] = Text(
        "Tying saves vocabulary × width parameters · nothing · GPT-2, Gemma, Command R; untied: LLaMA, Mistral",
        "共享可省去 vocabulary × width 个参数 · 无代价 · GPT-2、Gemma、Command R；不共享：LLaMA、Mistral",
    )
    citation: ClassVar[str] = "Press & Wolf 2017, arXiv:1608.05859; scale: arXiv:1706.03762, §3.4"

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
    logit_scale: float = parameter(
        1.0,
        Text("logit scale", "logit 缩放"),
        Text("The logits are multiplied by this (PaLM: 1/√width).", "logits 乘以它（PaLM：1/√width）。"),
        gt=0,
        le=1e4,
    )

    @field_validator("scale")
    @classmethod
    def _positive(cls, scale: Scale) -> Scale:
        if not isinstance(scale, str) and not 0 < scale <= 1e4:
            sentence = Text(
                f"embedding.scale={scale:g} is not between 0 and 10000.",
                f"embedding.scale={scale:g} 不在 0 到 10000 之间。",
            )
            raise Refusal(sentence, "embedding.scale")
        return scale

    def on_embedding(self, x_BTD: Tensor, at: Place) -> Tensor:
        if self.scale == "none":
            return x_BTD
        return x_BTD * (x_BTD.shape[-1] ** 0.5 if self.scale == "sqrt_width" else float(self.scale))

    def on_logits(self, logits_BTV: Tensor, at: Place) -> Tensor:
        return logits_BTV if self.logit_scale == 1 else logits_BTV * self.logit_scale

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        label = {"none": "", "sqrt_width": "× √width"}.get(str(self.scale), f"× {self.scale}")
        scaled = (Mark("embedding", Text(label, label), "embedding"),) if label else ()
        logits = f"× {self.logit_scale:.3g}" if self.logit_scale != 1 else ""
        return scaled + ((Mark("logits", Text(logits, logits), "embedding"),) if logits else ())
