"""What an option contributes to an architecture's source code, as data. Knows nothing of files and their layout.

A piece is text that stands at a slot. Most slots are named after the hook at which the option acts (see
`models.hooks`), and are written in its order; in these, "{x}" is the value that the piece acts on. What a file does not
use in the end is left out of it, so a piece may bring constants and definitions that are needed only sometimes.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Slot = Literal[
    "constant",  # NAME = value
    "definition",  # a function or class; the line \"\"\"says\"\"\" in it becomes its docstring
    "attention.parts",  # in __init__ of the attention sublayer, of a block, of the model before and after its blocks
    "block.parts",
    "model.parts",
    "head.parts",
    "passed",  # computed once in every pass, and given to every attention: name = value
    "renamed",  # a line of the table of names: in our state dict, as a regular expression, and here
    "embedding",  # the hooks: of "{x}", [B, T, D] or whatever the hook's value is
    "input",  # {site} is the sublayer, with "_", or nothing where a parallel block has one for both
    "projection",  # statements on q_BTE, k_BTE and v_BTE
    "heads",  # statements on q_BHTK and k_BGTK, and so on to "rotated"
    "rotation",
    "rotated",
    "cap",
    "bias",  # a term to be added to the scores, of i_T1 and j_T, the positions of query and key
    "mask",  # a condition on i_T1 and j_T, beside causality
    "sink",  # a logit a head that joins the softmax
    "weights",  # the rate of dropout on attention weights
    "feed_forward",  # the sublayer's class, as a definition
    "output",
    "residual",
    "final",
    "head",  # between that and the head
    "logits",
    "loss",  # of the loss, where logits_NV and targets_N are at hand
    "std",  # statements that leave a matrix's starting deviation in std
]


class Only(NamedTuple):
    """The layers in which a piece stands: what they are called, and layer by layer whether they are such."""

    flag: str
    acting: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Text at a slot, what a comment or docstring says of it, and in which layers: all, `only` some, or the rest."""

    slot: Slot
    text: str
    says: str = ""
    only: Only | None = None
    unless: bool = False


def linear(fan_in: str, fan_out: str, bias: bool) -> str:
    """A matrix, with or without an offset."""
    return f"nn.Linear({fan_in}, {fan_out}{'' if bias else ', bias=False'})"


def literal(value: float) -> str:
    """A number as one writes it: 128_256, 1e-5, 500_000.0."""
    if isinstance(value, int):
        return f"{value:_}" if value >= 10_000 else str(value)
    if value == int(value) and 10_000 <= value < 1e15:
        return f"{int(value):_}.0"
    return repr(value).replace("e-0", "e-")
