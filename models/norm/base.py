"""Normalization.

What is divided out of the residual stream before a sublayer sees it. Not where: that is `placement`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn

from models.option import Axis, parameter
from models.piece import Piece, literal
from models.text import Text
from models.words import same

if TYPE_CHECKING:
    from models.architecture import Architecture

Gain = Literal["w", "one_plus_w", "none"]
EPS_USUAL = 1e-5
EPS = {
    "title": Text("epsilon", "ε"),
    "help": Text(
        "Added inside the root: to the variance (LayerNorm) or the mean square (RMSNorm).",
        "加在根号之内：LayerNorm 加在方差上，RMSNorm 加在均方上。",
    ),
}
GAIN = {
    "title": Text("gain", "增益"),
    "help": Text(
        "w: starts at 1. one_plus_w: kept as w, applied as 1 + w, starts at 0 (Gemma). none: no gain.",
        "w：初值为 1。one_plus_w：存 w、乘 1 + w，初值为 0（Gemma）。none：没有增益。",
    ),
}


class Norm(Axis):
    """What normalizes a vector."""

    axis_title: ClassVar[Text] = Text("Norm", "归一化")
    axis_help: ClassVar[Text] = Text("How a vector is brought to unit scale.", "把向量缩放到单位尺度的方式。")
    normalizes: ClassVar[bool] = True

    @property
    def offset(self) -> bool:
        """Does it add a learned offset?"""
        return False

    def note(self) -> str:
        """What the diagram writes beside its name."""
        return ""

    def module(self, size: int) -> nn.Module:
        """A module that normalizes the last dimension, of `size` entries."""
        raise NotImplementedError

    def learns(self) -> bool:
        """Does it have anything to learn, and so a size?"""
        return False

    def written(self, name: str, shape: str = "size") -> str:
        """The class that does this in an architecture's source code, with a gain of `shape`."""
        return ""

    def made(self, name: str, size: str, eps: str = "") -> str:
        """How an instance of that class is made in source code, for vectors of `size` entries."""
        return f"{name}({', '.join(filter(None, (size if self.learns() else '', eps)))})"

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        written = self.written(type(self).__name__)
        return (Piece("definition", written, self.cited()),) if written else ()


def gain_vector(gain: Gain, *size: int) -> nn.Parameter | None:
    """The learned gain as it is kept: ones, zeros for 1 + w, or nothing."""
    if gain == "none":
        return None
    return nn.Parameter(torch.ones(size) if gain == "w" else torch.zeros(size))


def norm_class(name: str, lines: Sequence[str], eps: float, gain: Gain, *, bias: bool, shape: str = "size") -> str:
    """The source of a norm: `lines` leave the normalized x in y; gain and offset are of `shape`, written out."""
    sizes, index = shape.split(", "), "" if shape == "size" else "[:, None]"
    asked = f"self, {sizes[0]}: int, " if gain != "none" or bias else "self, "
    start = {"w": "torch.ones", "one_plus_w": "torch.zeros"}
    made = [f"self.weight = nn.Parameter({start[gain]}({shape}))"] if gain != "none" else []
    made += [f"self.bias = nn.Parameter(torch.zeros({shape}))"] if bias else []
    weight = {"w": f" * self.weight{index}", "one_plus_w": f" * (1 + self.weight{index})", "none": ""}[gain]
    after = f"{weight}{f' + self.bias{index}' if bias else ''}"
    body = [*lines, f"return y{after}"] if after else [*lines[:-1], lines[-1].replace("y = ", "return ", 1)]
    return "\n".join(
        (
            f"class {name}(nn.Module):",
            '    """says"""',
            "",
            f"    def __init__({asked}eps: float = {literal(eps)}) -> None:",
            "        super().__init__()",
            "        self.eps = eps",
            *(f"        {line}" for line in made),
            "",
            "    def forward(self, x: Tensor) -> Tensor:",
            *(f"        {line}" for line in body),
        )
    )


def gain_note(gain: Gain) -> str:
    """An unusual gain, in symbols."""
    return {"w": "", "one_plus_w": "1 + w", "none": "w = 1"}[gain]


def gain_words(gain: Gain) -> Text | None:
    """An unusual gain, as a table says it."""
    return {"w": None, "one_plus_w": same("1 + w"), "none": Text("no gain", "无增益")}[gain]


def noted(gain: Gain, value: float, usual: float = EPS_USUAL) -> str:
    """An unusual gain and an unusual ε, in symbols."""
    unusual = "" if value == usual else f"ε {literal(value)}"
    return " · ".join(filter(None, (gain_note(gain), unusual)))


def applied(weight: Tensor | None, gain: Gain) -> Tensor | None:
    """The factor that a kept gain stands for."""
    return 1 + weight if weight is not None and gain == "one_plus_w" else weight


def eps(default: float = EPS_USUAL) -> float:
    """The field `eps` of a norm."""
    return parameter(default, EPS["title"], EPS["help"], ge=1e-12, le=0.1)
