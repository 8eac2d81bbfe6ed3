"""Position.

How a model knows where a token stands. Acts through hooks: on the embedding, on q and k, or on the scores.
"""

from typing import TYPE_CHECKING, ClassVar

from pydantic import field_validator

from models import pattern
from models.option import Axis, parameter
from models.piece import Only
from models.text import Refusal, Text
from models.words import in_layers, joined

if TYPE_CHECKING:
    from models.architecture import Architecture


class Position(Axis):
    """A position encoding."""

    axis_title: ClassVar[Text] = Text("Position", "位置编码")
    axis_help: ClassVar[Text] = Text("How the model knows where a token stands.", "模型如何知道词元所处的位置。")

    def reach(self, architecture: "Architecture") -> int | None:
        """How many positions it can tell apart; None: no limit."""
        return None

    def acts(self, architecture: "Architecture", layer: int) -> bool:
        """Does it act in `layer`? One that acts on the embedding reaches all of them."""
        return True


class Layered(Position):
    """A position encoding that acts inside attention, and so may leave layers out. Abstract: its options are below."""

    layers: str = parameter(
        "all",
        Text("layers with it", "生效的层"),
        Text(
            "Layers with it: all; local (those whose span is); alternate, 3_to_1 and the like, or one period, x with "
            "it, o without: xxxo (SmolLM3).",
            "在哪些层使用：all 全部；local 仅局部注意力层；alternate、3_to_1 之类；或写出一个周期，x 用、o 不用：xxxo"
            "（SmolLM3）。",
        ),
        suggestions=("all", "local", "alternate", "3_to_1"),
    )

    @field_validator("layers")
    @classmethod
    def _known(cls, word: str) -> str:
        return pattern.checked(word, "position.layers", ("local",))

    @property
    def period(self) -> int:
        return 1 if self.layers == "local" else len(pattern.period_of(self.layers))

    def acts(self, architecture: "Architecture", layer: int) -> bool:
        return architecture.span.local(layer) if self.layers == "local" else pattern.acts(self.layers, layer)

    def acting(self, architecture: "Architecture") -> tuple[bool, ...]:
        """Layer by layer: does it act there?"""
        return tuple(self.acts(architecture, layer) for layer in range(architecture.shape.layers))

    def check(self, architecture: "Architecture") -> None:
        if any(self.acting(architecture)):
            return
        if self.layers == "local":
            raise Refusal(NOWHERE_LOCAL.format(span=architecture.span.slug), "position.layers", "span")
        layers = architecture.shape.layers
        raise Refusal(NOWHERE.format(word=self.layers, layers=layers), "position.layers", "shape.layers")

    def cell(self, architecture: "Architecture") -> Text:
        return joined(super().cell(architecture), in_layers(self.layers))

    def only(self, architecture: "Architecture") -> Only:
        """The layers in which it acts, for source code."""
        return Only("local" if self.layers == "local" else "positioned", self.acting(architecture))

    def where(self) -> str:
        """The layers as a drawing's note says them, "" where it is all of them."""
        return "" if self.layers == "all" else self.layers if len(self.layers) <= 9 else f"{self.layers[:8]}…"


NOWHERE_LOCAL = Text(
    "position.layers=local acts where a layer's span is local, and with span={span} none is. Choose another span, or "
    "position.layers=all.",
    "position.layers=local 只作用于局部注意力层，而 span={span} 没有这样的层。请换一种 span，或取 "
    "position.layers=all。",
)
NOWHERE = Text(
    "position.layers={word} acts in none of the first {layers} layers, and shape.layers={layers} is all there are. "
    "Choose position=none, or another pattern.",
    "position.layers={word} 在前 {layers} 层都不起作用，而 shape.layers={layers}，再无别的层。请取 position=none "
    "或换一种排列。",
)
