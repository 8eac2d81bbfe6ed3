"""Norm placement: where norms stand around a sublayer and the residual addition. Not which norm: that is `norm`."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

from torch import Tensor, nn

from models.drawing import Mark, Spot
from models.hooks import Hooks, Place
from models.layout.base import SHARED
from models.option import Axis, parameter
from models.piece import Piece, Slot
from models.text import Text
from models.words import joined

if TYPE_CHECKING:
    from models.architecture import Architecture

Around = Literal["input", "output", "residual"]
FINAL = Text("final norm", "末尾归一化")
FINAL_HELP = Text("A norm between the last block and the head.", "最后一个块与输出头之间的归一化。")
UNUSUAL_FINAL = {True: Text("final", "末尾有"), False: Text("no final", "末尾无")}
EMBEDDING = Text("norm on embeddings", "嵌入后归一化")
EMBEDDING_HELP = Text("A norm right after the embedding (BLOOM).", "紧跟嵌入之后的归一化（BLOOM）。")


class Placement(Axis):
    """Where the norms of a block stand. Subclasses say it with three switches."""

    axis_title: ClassVar[Text] = Text("Placement", "归一化位置")
    axis_help: ClassVar[Text] = Text("Where norms stand around a sublayer.", "归一化放在子层前后的什么位置。")

    before: ClassVar[bool] = False  # x + f(N(x))
    after: ClassVar[bool] = False  # x + N(f(x))
    outside: ClassVar[bool] = False  # N(x + f(x))

    final: bool = parameter(True, FINAL, FINAL_HELP)
    embedding: bool = parameter(False, EMBEDDING, EMBEDDING_HELP)

    def build(self, architecture: "Architecture") -> Hooks:
        return Norms(self, architecture)

    def cell(self, architecture: "Architecture") -> Text:
        usual = type(self).model_fields["final"].default
        return joined(
            self.title,
            Text("also on embeddings", "嵌入后亦有") if self.embedding else None,
            None if self.final == usual else UNUSUAL_FINAL[self.final],
        )

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        norm, also = architecture.norm, ("placement", "layout.normed_residual")
        shown: list[tuple[bool, Spot]] = [
            (self.embedding, "embedding"),
            (self.before, "entry" if architecture.layout.norms_stream else "input"),
            (self.after, "output"),
            (self.outside, "residual"),
            (self.final, "final"),
        ]
        mark = partial(Mark, label=norm.title, axis="norm", also=also, note=norm.note(), offset=norm.offset)
        return tuple(mark(spot) for present, spot in shown if present and norm.normalizes)

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        norm, layout = architecture.norm, architecture.layout
        if not norm.normalizes:
            return ()
        made, sums = norm.made(type(norm).__name__, "WIDTH"), "stream" if self.before else ""
        around: tuple[
            tuple[Around, bool, tuple[str, ...], str], ...
        ] = (  # where they stand in our state dict, whether they do, at which sites, and what they are called
            ("input", self.before, layout.inputs(), "norm"),
            ("output", self.after, layout.sublayers(), "output_norm"),
            ("residual", self.outside, layout.sums(), f"{sums}_norm".strip("_")),
        )
        ends: tuple[tuple[Slot, bool], ...] = (("embedding", self.embedding), ("final", self.final))
        pieces: list[Piece] = []
        for slot, present, sites, name in around:
            pieces += _around(slot, sites, name, made) if present else ()
        for slot, present in ends:
            pieces += _at_an_end(slot, made) if present else ()
        return tuple(pieces)


def _around(slot: Around, sites: tuple[str, ...], name: str, made: str) -> list[Piece]:
    """Norms of a block."""
    pieces = [Piece(slot, f"self.{{site}}{name}({{x}})")]
    for site in sites:
        mine = f"{'' if site == SHARED else f'{site}_'}{name}"
        pieces.append(Piece("block.parts", f"self.{mine} = {made}"))
        pieces.append(Piece("renamed", rf'r"parts.placement.{slot}.(\d+).{site}": r"blocks.\1.{mine}",'))
    return pieces


def _at_an_end(slot: Slot, made: str) -> list[Piece]:
    """The norm before the first block, or after the last one."""
    return [
        Piece(slot, f"self.{slot}_norm({{x}})"),
        Piece("model.parts" if slot == "embedding" else "head.parts", f"self.{slot}_norm = {made}"),
        Piece("renamed", f'"parts.placement.{slot}": "{slot}_norm",'),
    ]


class Norms(nn.Module, Hooks):
    """The norms of a whole model, per layer and site; a site without one is left alone."""

    def __init__(self, placement: Placement, architecture: "Architecture") -> None:
        super().__init__()
        layout, size = architecture.layout, architecture.shape.width

        def norms(sites: tuple[str, ...], present: bool) -> nn.ModuleList:
            present = present and architecture.norm.normalizes
            site_norms = [
                {site: architecture.norm.module(size) for site in sites if present}
                for _ in range(architecture.shape.layers)
            ]
            return nn.ModuleList(nn.ModuleDict(norms) for norms in site_norms)

        self.input = norms(layout.inputs(), placement.before)
        self.output = norms(layout.sublayers(), placement.after)
        self.residual = norms(layout.sums(), placement.outside)
        self.embedding = architecture.norm.module(size) if placement.embedding else nn.Identity()
        self.final = architecture.norm.module(size) if placement.final else nn.Identity()

    def on_embedding(self, x_BTD: Tensor, at: Place) -> Tensor:
        return self.embedding(x_BTD)

    def on_input(self, x_BTD: Tensor, at: Place) -> Tensor:
        return _at(self.input, at, x_BTD)

    def on_output(self, y_BTD: Tensor, at: Place) -> Tensor:
        return _at(self.output, at, y_BTD)

    def on_residual(self, x_BTD: Tensor, at: Place) -> Tensor:
        return _at(self.residual, at, x_BTD)

    def on_final(self, x_BTD: Tensor, at: Place) -> Tensor:
        return self.final(x_BTD)


def _at(norms: nn.ModuleList, at: Place, x_BTD: Tensor) -> Tensor:
    here = norms[at.layer]
    assert isinstance(here, nn.ModuleDict)
    return here[at.site](x_BTD) if at.site in here else x_BTD
