"""What two variants start with in common, in a sentence: variants are only as comparable as that. Knows no page."""

import re
from collections.abc import Iterable
from functools import lru_cache

from models.architecture import Architecture
from models.cost import parameters
from models.text import Text
from playground.experiment import Experiment
from playground.plan import Pairing, shared_tensors
from playground.ui.describe import LETTERS

MOST = 20_000_000  # parameters of a variant
LAYER = re.compile(r"\b\d+\.")  # blocks.3.attention.out.weight is one of many alike


def pairings(experiment: Experiment) -> list[Text]:
    """A sentence for the first variant with each of the others; none where building them would take long."""
    first, *others = (variant.architecture for variant in experiment.variants)
    if max(map(parameters, (first, *others))) > MOST:
        return []
    return [_said(LETTERS[0], LETTERS[n], _compared(first, other)) for n, other in enumerate(others[:3], start=1)]


@lru_cache(maxsize=64)
def _compared(first: Architecture, other: Architecture) -> Pairing:
    return shared_tensors(first, other)


def _said(first: str, other: str, pairing: Pairing) -> Text:
    apart = pairing.first_alone + pairing.second_alone + pairing.reshaped + pairing.redrawn
    template = UNEQUAL if apart else EQUAL
    return template.format(first=first, other=other, shared=len(pairing.shared), names=", ".join(kinds(apart)))


def kinds(names: Iterable[str]) -> list[str]:
    """The names of tensors without their layers, each once, in order."""
    return sorted({LAYER.sub("", name).removeprefix("parts.").removeprefix("blocks.") for name in names})


EQUAL = Text(
    "{first} and {other} start from the same tensors, all {shared} of them, bit for bit.",
    "{first} 与 {other} 的全部 {shared} 个张量初值逐位相同。",
)
UNEQUAL = Text(
    "{first} and {other} start from {shared} tensors that are equal, bit for bit; not shared: {names}.",
    "{first} 与 {other} 有 {shared} 个张量初值逐位相同；不共享的有：{names}。",
)
