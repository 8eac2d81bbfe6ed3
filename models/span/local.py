"""What every span that leaves out earlier tokens has in common: the layers it acts in, mask, cache, cost, drawing.

A kind of span is an option that says which keys a query sees (`seen`; `rule` in source code), how far back it looks
(`reach`), what is written in the diagram (`label`) and how its lengths follow the context (`lengths`). These read the
parameters alone, so that a union, which has the parameters of all its kinds, can ask them of itself.
"""

from collections.abc import Iterator
from functools import lru_cache, reduce
from itertools import combinations
from typing import TYPE_CHECKING, Any, Self

import torch
from pydantic import field_validator
from torch import Tensor

from models.drawing import Mark
from models.hooks import KeyValue, Place
from models.option import parameter
from models.pattern import WORDS, acts, checked, period_of
from models.piece import Only, Piece
from models.span.base import Span
from models.span.comb import Comb
from models.text import Refusal, Text
from models.words import in_layers, joined

if TYPE_CHECKING:
    from models.architecture import Architecture

WINDOW, STRIDE = Text("window W", "窗口 W"), Text("stride s", "步长 s")
WINDOW_HELP = Text("Tokens a query sees, itself included.", "一个查询能看到的词元数，含自身。")
STRIDE_HELP = Text("Of s tokens in a row one is seen.", "每 s 个相邻词元中看一个。")
QUERIES = 4096  # a longer context is counted at this many of its queries


class Local(Span):
    """A span that does not see everything before it, in all layers or in those that `pattern` says."""

    pattern: str = parameter(
        "all",
        Text("local layers", "局部层"),
        Text(
            "all; alternate: local, full, local …; 3_to_1: three local layers, then a full one; or one period written "
            "out, x local and o full: oox.",
            "all：全部局部；alternate：局部、全局交替；3_to_1：三层局部接一层全局；也可写出一个周期，"
            "x 为局部、o 为全局，例如 oox。",
        ),
        panel="page",
        suggestions=WORDS,
    )

    @field_validator("pattern")
    @classmethod
    def _known(cls, pattern: str) -> str:
        return checked(pattern, "span.pattern")

    # What a kind says.

    def seen(self, queries: Tensor) -> Comb:
        """The keys that the query at each of `queries` sees."""
        raise NotImplementedError

    def reach(self) -> int | None:
        """How many tokens back a query looks at most, itself counted; None: to the first."""
        return None

    def label(self) -> Text:
        """What stands beside the picture of the mask."""
        raise NotImplementedError

    def rule(self) -> tuple[str, dict[str, int]]:
        """Who is seen, in source code: a condition on i_T1 and j_T beside causality, and the constants in it."""
        raise NotImplementedError

    def lengths(self, factor: float, multiple: int) -> dict[str, int]:
        """The parameters that are lengths in tokens, in a context `factor` times as long; see `followed`."""
        raise NotImplementedError

    @classmethod
    def kinds(cls) -> "tuple[type[Local], ...]":
        """The kinds that it is made of: itself, if it is one."""
        return (cls,)

    # What follows for every kind and every union.

    @property
    def period(self) -> int:
        return len(period_of(self.pattern))

    def local(self, layer: int) -> bool:
        return acts(self.pattern, layer)

    def visible(self, queries_T: Tensor, keys_S: Tensor, layer: int) -> Tensor | None:
        if not self.local(layer):
            return None
        queries_T1, keys_1S = queries_T.unsqueeze(-1), keys_S.unsqueeze(-2)
        return reduce(torch.logical_or, (comb.holds(queries_T1, keys_1S) for comb in self._combs(queries_T1)))

    def _combs(self, queries: Tensor) -> list[Comb]:
        return [kind.seen(self, queries) for kind in self.kinds()]

    def on_mask(self, mask_TS: Tensor | None, at: Place) -> Tensor | None:
        if not self.local(at.layer):
            return mask_TS
        keys_S = at.keys_S
        assert keys_S is not None
        mine: Any = at.once_for_keys("span", lambda: self.visible(at.positions_T, keys_S, at.layer))
        return mine if mask_TS is None else mask_TS & mine

    def on_reach(self, reach: int | None, at: Place) -> int | None:
        return self._reach() if self.local(at.layer) else reach

    def _reach(self) -> int | None:
        """The farthest that any of the kinds looks."""
        reaches = [kind.reach(self) for kind in self.kinds()]
        known = [reach for reach in reaches if reach is not None]
        return max(known) if len(known) == len(reaches) else None

    def kept(self, layer: int, length: int) -> int:
        reach = self._reach() if self.local(layer) else None
        return length if reach is None else min(length, reach)

    def on_cache(self, kv: KeyValue, at: Place) -> KeyValue:
        reach = self._reach() if self.local(at.layer) else None
        if reach is None:
            return kv
        k_BGSK, v_BGSK = kv
        return k_BGSK[:, :, -reach:], v_BGSK[:, :, -reach:]

    def pairs(self, architecture: "Architecture", layer: int) -> float:
        if not self.local(layer):
            return super().pairs(architecture, layer)
        return _mean_seen(self, architecture.shape.context)  # pyright: ignore[reportArgumentType]  # frozen: has a hash

    def mean_seen(self, context: int) -> float:
        """How many keys a query of a full context sees, on average; of a long one at some of its queries."""
        combs = self._combs(queries := _some_queries(context))
        counts = (sign * comb.size(queries) for sign, comb in _inclusion_exclusion(combs))
        return sum(counts, torch.zeros_like(queries)).double().mean().item()

    def shortened(self, factor: float, multiple: int = 1) -> Self:
        """Where two kinds of a union would have a parameter shortened differently, the shorter holds."""
        found: dict[str, int] = {}
        for kind in self.kinds():
            for name, length in kind.lengths(self, factor, multiple).items():
                found[name] = min(length, found.get(name, length))
        return self.model_copy(update=found)

    def check(self, architecture: "Architecture") -> None:
        context = architecture.shape.context
        for kind in self.kinds():
            names = [name for name in kind.model_fields if name not in ("option", "pattern")]
            for name in names:
                if getattr(self, name) > context:
                    raise _longer(name, getattr(self, name), context)
            reach = kind.reach(self)
            if reach is not None and reach > context:
                raise _farther({name: getattr(self, name) for name in names}, reach, context)

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        rules = [kind.rule(self) for kind in self.kinds()]
        constants = {name: length for _, lengths in rules for name, length in lengths.items()}
        only = Only("local", tuple(map(self.local, range(architecture.shape.layers))))
        condition = " | ".join(f"({rule})" for rule, _ in rules) if len(rules) > 1 else rules[0][0]
        return (
            *(Piece("constant", f"{name} = {length}") for name, length in constants.items()),
            Piece("mask", condition, f"{self.title.en.capitalize()} span: {self.formula}\n{self.citation}", only),
        )

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        return tuple(Mark("mask", kind.label(self), "span") for kind in self.kinds())

    def cell(self, architecture: "Architecture") -> Text:
        return joined(*(kind.label(self) for kind in self.kinds()), in_layers(self.pattern))


def followed(length: int, factor: float, multiple: int = 1) -> int:
    """`length` in a context `factor` times as long, as a multiple of `multiple`; never 1 that was not 1."""
    return max(min(length, 2), multiple * max(1, round(length * factor / multiple)))


@lru_cache(maxsize=1024)
def _mean_seen(span: Local, context: int) -> float:
    return span.mean_seen(context)


def _some_queries(context: int) -> Tensor:
    """All queries of a context, or QUERIES of them, evenly spread but at no regular distance that a span could have."""
    if context <= QUERIES:
        return torch.arange(context)
    golden = (5**0.5 - 1) / 2
    number = torch.arange(QUERIES, dtype=torch.float64)
    return ((number + number * golden % 1) * (context / QUERIES)).long()


def _inclusion_exclusion(combs: list[Comb]) -> Iterator[tuple[int, Comb]]:
    """Combs whose sizes, added with these signs, are how many keys are in any of `combs`."""
    for size in range(1, len(combs) + 1):
        for some in combinations(combs, size):
            yield (-1) ** (size + 1), reduce(Comb.meet, some)


def _longer(name: str, length: int, context: int) -> Refusal:
    return Refusal(
        Text(
            f"span.{name}={length} is longer than shape.context={context}. Choose at most {context}.",
            f"span.{name}={length} 超出 shape.context={context}。请取不超过 {context} 的值。",
        ),
        f"span.{name}",
        "shape.context",
    )


def _farther(lengths: dict[str, int], reach: int, context: int) -> Refusal:
    given = [f"span.{name}={length}" for name, length in lengths.items()]
    return Refusal(
        Text(
            f"{' and '.join(given)} reach over {reach} tokens, more than shape.context={context}. Choose less of "
            "either.",
            f"{' 与 '.join(given)} 合起来跨越 {reach} 个词元，超出 shape.context={context}。请至少减小其中一个。",
        ),
        *(f"span.{name}" for name in lengths),
        "shape.context",
    )
