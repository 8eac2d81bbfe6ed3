"""One block as source code: its layout's equation, run on expressions in place of tensors."""

from dataclasses import dataclass, field
from typing import Any, cast

from models.architecture import Architecture
from models.layout.base import SHARED, Flow
from playground.source.attention import attention, passed_names
from playground.source.lines import STEP, Statement, definition, docstring, fitted, statements
from playground.source.pieces import Pieces

CLASSES = {"attention": "Attention", "feed_forward": "FeedForward"}
ADDS = {"attention": "a_BTD", "feed_forward": "m_BTD"}  # after A(x) and M(x) in the formulas


@dataclass(frozen=True, slots=True)
class Expression:
    """Text that stands for a tensor, and is added like one."""

    text: str

    def __add__(self, other: "Expression") -> "Expression":
        return Expression(f"{self.text} + {other.text}")


@dataclass(slots=True)
class Wiring:
    """What a layout may ask of a block (`models.layout.base.Flow`), answered in writing."""

    pieces: Pieces
    lines: list[str] = field(default_factory=list)

    def read(self, x: Expression, site: str) -> Expression:
        """What the sublayer at `site` reads; kept in a variable where it is read more than once."""
        layout = self.pieces.architecture.layout
        text = self._at("input", x.text, site)
        if text == x.text or not (site == SHARED or layout.norms_stream):
            return Expression(text)
        self.lines.append(f"h_BTD = {text}")
        return Expression("h_BTD")

    def write(self, site: str, h: Expression) -> Expression:
        """What the sublayer at `site` would add; kept in a variable where something acts on it."""
        given = [h.text, *(passed_names(self.pieces) if site == "attention" else ())]
        made = f"self.{site}({', '.join(given)})"
        if not self.pieces.at("output"):
            return Expression(made)
        self.lines.append(f"{ADDS[site]} = {made}")
        acted = self.pieces.assigned("output", ADDS[site])
        self.lines += [statement.text.replace("{site}", f"{site}_") for statement in acted]
        return Expression(ADDS[site])

    def merge(self, x: Expression, y: Expression, site: str) -> Expression:
        """The stream after the addition."""
        self.lines.append(f"x_BTD = {self._at('residual', (x + y).text, site)}")
        return Expression("x_BTD")

    def _at(self, slot: Any, x: str, site: str) -> str:
        prefix = "" if site == SHARED else f"{site}_"
        return self.pieces.wrapped(slot, x).replace("{site}", prefix)


def sublayers(pieces: Pieces) -> list[list[str]]:
    """The classes of the sublayers there are."""
    present = pieces.architecture.layout.sublayers()
    found = [attention(pieces)] if "attention" in present else []
    if "feed_forward" in present:
        found += [definition(piece.text, piece.says) for piece in pieces.at("feed_forward")]
    return found


def _says(architecture: Architecture) -> str:
    layout, placement = architecture.layout, architecture.placement
    if not architecture.norm.normalizes:
        return f"{layout.title.en.capitalize()} block, no norms\n{layout.citation}"
    norms = f"norms {placement.title.en}: {placement.formula}\n{layout.citation}; {placement.citation}"
    return f"{layout.title.en.capitalize()} block; {norms}"


def block(pieces: Pieces, layered: bool) -> list[str]:
    """The class Block; `layered`: its attention is told which layer it is in."""
    layout = pieces.architecture.layout
    wiring = Wiring(pieces)
    layout.flow(cast(Any, Expression("x_BTD")), cast(Flow, wiring))
    *lines, last = wiring.lines
    body = [*lines, last.replace("x_BTD = ", "return ", 1)]
    passed = [f"{name}: Tensor" for name in passed_names(pieces)] if layout.attention else []
    made = [
        Statement(f"self.{site} = {CLASSES[site]}({'layer' if layered and site == 'attention' else ''})")
        for site in layout.sublayers()
    ]
    return [
        "class Block(nn.Module):",
        *docstring(_says(pieces.architecture)),
        "",
        f"    def __init__(self{', layer: int' if layered else ''}) -> None:",
        "        super().__init__()",
        *statements([*made, *pieces.statements("block.parts")], 2 * STEP),
        "",
        *fitted(f"    def forward({', '.join(('self', 'x_BTD: Tensor', *passed))}) -> Tensor:"),
        *statements([Statement(line) for line in body], 2 * STEP),
    ]
