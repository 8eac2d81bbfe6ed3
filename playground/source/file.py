"""The whole file: what is imported, constants, definitions, classes; whatever nothing uses is left out."""

import re
import textwrap

from models import pattern
from models.architecture import Architecture
from models.cells import cells
from models.words import NONE
from playground.source import model as models
from playground.source.attention import SPLIT, flags
from playground.source.block import block, sublayers
from playground.source.lines import WIDTH, constant, definition
from playground.source.pieces import Pieces

LETTERS = {
    "B": "sequences",
    "T": "tokens",
    "D": "width",
    "H": "query heads",
    "G": "key/value heads",
    "K": "width of a head",
    "E": "heads times their width",
    "F": "hidden units",
    "V": "vocabulary",
    "N": "all tokens",
    "R": "pairs that turn",
}
TOLD = ("position", "norm", "placement", "layout", "heads", "qk_norm", "span", "sink", "feed_forward", "bias")

Part = tuple[str, list[str]]  # the name that it defines, and its lines


def source(architecture: Architecture, title: str) -> str:
    """`architecture` as one file of PyTorch that runs by itself; `title` says what it is in its first line.

    The class `Model` has `forward(ids_BT) -> logits_BTV`, `loss`, and takes our tensors by `load_state_dict`.
    """
    pieces = Pieces(architecture)
    classes = sublayers(pieces)
    layered = any("def __init__(self, layer: int)" in line for lines in classes for line in lines)
    ends = [
        *classes,
        block(pieces, layered),
        models.initialize(pieces),
        models.names(pieces),
        models.model(pieces, layered),
        models.main(),
    ]
    used = _used(_definitions(pieces), "\n".join(line for lines in ends for line in lines))
    bodies = [*used, *filter(None, ends)]
    constants = _constants(pieces, "\n".join(line for lines in bodies for line in lines))
    code = _with_heads(architecture, "\n\n\n".join(["\n".join(constants), *("\n".join(lines) for lines in bodies)]))
    return "\n\n".join((_head(architecture, title, code), f"{_imports(code)}\n\n{code}\n"))


def _definitions(pieces: Pieces) -> list[Part]:
    found = {piece.text: definition(piece.text, piece.says) for piece in pieces.at("definition")}
    return [(_name(text), lines) for text, lines in {**found, SPLIT: SPLIT.split("\n")}.items()]


def _used(parts: list[Part], text: str) -> list[list[str]]:
    """The parts that `text` uses, or what it uses does, in the order given."""
    kept: set[str] = set()
    while new := [part for part in parts if part[0] not in kept and _uses(text, part[0])]:
        kept |= {name for name, _ in new}
        text = "\n".join([text, *(line for _, lines in new for line in lines)])
    return [lines for name, lines in parts if name in kept]


def _constants(pieces: Pieces, text: str) -> list[str]:
    """The constants that are used, then the layers that are told apart."""
    first = [piece for axis in ("shape", "heads") for piece in pieces.of(axis)]  # what others are computed from
    found = [piece for piece in (*first, *pieces.all) if piece.slot == "constant"]
    parts = {piece.text: constant(piece.text, piece.says) for piece in found}
    ours = [(_name(text), [line]) for text, line in parts.items()]
    ours += [(flag.upper(), [f"{flag.upper()} = {_rule(acting)}"]) for flag, acting in flags(pieces).items()]
    return [line for lines in _used(ours, text) for line in lines]


def _rule(acting: tuple[bool, ...]) -> str:
    """Which layers are such, as a list comprehension over their numbers."""
    period = pattern.period_of(pattern.shortest(acting))
    length, numbers = len(period), [number for number, acts in enumerate(period) if acts]
    layer = "layer" if length == len(acting) else f"layer % {length}"
    if len(numbers) == 1:
        test = f"{layer} == {numbers[0]}"
    elif len(numbers) == length - 1:
        test = f"{layer} != {period.index(False)}"
    else:
        test = f"{layer} in ({', '.join(map(str, numbers))})"
    return f"[{test} for layer in range(LAYERS)]"


def _with_heads(architecture: Architecture, code: str) -> str:
    """Where queries share no keys there is one number of heads, and one letter for it."""
    if architecture.heads.query != architecture.heads.kv:
        return code
    code = re.sub(r"\nKV_HEADS = .*", "", code)
    return re.sub(r"\b(QUERY|KV)_HEADS\b", "HEADS", code).replace("_BGTK", "_BHTK")


def _head(architecture: Architecture, title: str, code: str) -> str:
    """The file's docstring: what it is, what was chosen, what the letters mean."""
    words, axes = cells(architecture), Architecture.axes()
    told = [f"{axes[axis].axis_title.en}: {words[axis].en}" for axis in TOLD if words[axis] != NONE]
    suffixes = set("".join(re.findall(r"\b[a-z]+_([A-Z]+)1*\b", code)))
    letters = ", ".join(f"{letter} {meaning}" for letter, meaning in LETTERS.items() if letter in suffixes)
    paragraphs = (f"{'; '.join(told)}.", f"A name ends in its tensor's sizes: q_BHTK is [B, H, T, K]. {letters}.")
    body = "\n\n".join("\n".join(textwrap.wrap(paragraph, WIDTH)) for paragraph in paragraphs)
    first = "\n".join(textwrap.wrap(f"{title}: a decoder-only language model in one file.", WIDTH - 3))
    return f'"""{first}\n\n{body}\n"""'


def _imports(code: str) -> str:
    """What the code imports, in the order in which it is sorted."""
    plain = [f"import {name}" for name in ("math", "re") if _uses(code, name)]
    others = ["import torch", *(["import torch.nn.functional as F"] if _uses(code, "F") else [])]
    return "\n".join([*plain, *([""] if plain else []), *others, "from torch import Tensor, nn"])


def _name(text: str) -> str:
    """What a definition or an assignment defines."""
    found = re.match(r"(?:def|class) (\w+)|(\w+) =", text)
    assert found, text
    return found[1] or found[2]


def _uses(text: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", text) is not None
