"""What a published system owes: its choices at one published size, and where each of them was read. Knows no system.

The rules of the catalogue, which tests/test_systems.py holds for every file in this package:

1. One file a system, named by its id (`gpt_neox.py`: "gpt-neox"), with one `register(System(...))`. One size, stated in
   `size`; what the maker's other sizes do differently is a note.
2. Every axis in `SHOWN` says where its value comes from, in one or more of three places.
   `citations`: where it was read. "§2.3", "Table 1" or "Appendix B" are parts of the paper in `citation`; else it is
   "arXiv:…, §…" of another paper, "code OWNER/REPOSITORY@COMMIT PATH", "configuration of the released model", "model
   card" or "blog" with its year. `cite(source, *axes)` writes one source for several axes, `reference(model_type)` is
   the implementation that parity is tested against, and LITGPT a public copy of released configurations. Code that
   runs a model shows all axes in `FORWARD`: `cite(reference("llama"), *FORWARD) | cite("§2.2", "norm", "position")`.
   `unknown`: what the maker did not publish, and what stands in its place. An axis that is here alone is shown as "not
   published"; one that is cited too is shown, and this says which part of it is ours. `unstated(*axes)` is for axes
   of which nothing is said and where nothing stands.
   `from_memory`: axes whose value, or part of it, rests on memory alone: to be checked before it is quoted.
3. A value is what the system does, not what a library's default says. What nobody published keeps the axis's default.
4. `reading` is `as_published` where our model computes what theirs does; `dense` where something is left out so that it
   becomes a dense decoder-only language model; `table_only` where too little would remain (`published` is None).
   `left_out` says what, in one line, for the last two.
5. `facts` are the words of the table where an architecture cannot give them: all that a table-only system has (an axis
   without words gets a dash), and what a dense reading leaves out ("8 experts, 2 a token").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from models.architecture import Architecture
from models.cells import SHOWN, cells, contrast, differing, finer
from models.text import Refusal, Text
from models.twin import twin
from models.words import NONE

Reading = Literal["as_published", "dense", "table_only"]

LITGPT = "code Lightning-AI/litgpt@2685705 litgpt/config.py"  # mirrors the configurations of released models

READINGS: dict[Reading, Text] = {
    "as_published": Text("as published", "与发表一致"),
    "dense": Text("dense decoder reading", "读作稠密解码器"),
    "table_only": Text("table only", "仅列于表"),
}
FORWARD = tuple(axis for axis in SHOWN if axis not in ("z_loss", "dropout"))  # what code that runs a model shows
NOT_PUBLISHED = Text("not published", "未公布")
NOTHING_SAID = Text("The maker does not say; here there is none.", "原作者未说明；这里不用。")
EPS_UNKNOWN = Text("ε is not published; 1e-5 stands in its place.", "ε 未公布，这里取 1e-5。")


@dataclass(frozen=True, kw_only=True)
class System:
    """A published language model; the fields are described at the top of this file."""

    id: str
    name: str
    year: int
    maker: str
    size: str  # which of the released sizes `published` is
    citation: str  # the paper, or what stands for one
    reading: Reading = "as_published"
    left_out: Text | None = None
    published: Architecture | None = None
    citations: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, Text] = field(default_factory=dict)
    from_memory: frozenset[str] = frozenset()
    notes: tuple[Text, ...] = ()
    facts: Mapping[str, Text] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.published is None) != (self.reading == "table_only"):
            raise TypeError(f"{self.id}: a system has an architecture unless it is table_only")
        if (self.left_out is None) != (self.reading == "as_published"):
            raise TypeError(f"{self.id}: left_out is for what is not read as published, and needed there")

    @property
    def full(self) -> Architecture:
        """The full-size architecture; raises `Refusal` where there is none."""
        if self.published is None:
            assert self.left_out is not None
            raise Refusal(TABLE_ONLY.format(name=self.name, left_out=self.left_out))
        return self.published

    @property
    def twin(self) -> Architecture:
        """The tiny twin: the same choices and ratios at a trainable size; see `models.twin`. Raises as `full` does."""
        return self._twin[0]

    @property
    def rounded(self) -> tuple[Text, ...]:
        """The ratios that the tiny size could not keep exactly. Raises as `full` does."""
        return self._twin[1]

    @cached_property
    def _twin(self) -> tuple[Architecture, tuple[Text, ...]]:
        return twin(self.full)

    def differences(self, other: "System") -> Text:
        """One sentence: in what this system differs from `other`, size aside.

        Where both have an architecture their tiny twins are compared, else their words in the table. What one of the
        two makers did not publish is left out.
        """
        parts = _differences(self, other)
        if not parts:
            return SAME.format(mine=self.name, theirs=other.name)
        listed = ", ".join([*(part.en for part in parts[:-2]), " and ".join(part.en for part in parts[-2:])])
        english = f"{self.name} differs from {other.name} in {listed}."
        return Text(english, f"{self.name} 与 {other.name} 的不同：{'；'.join(part.zh for part in parts)}。")


TABLE_ONLY = Text(
    "{name} stands in the table only, there is no model of it here: {left_out.en}",
    "{name} 仅列于表中，这里没有它的模型：{left_out.zh}",
)
SAME = Text(
    "{mine} and {theirs} make the same choices, as far as they are published; they differ in size and training.",
    "就已公布的内容而言，{mine} 与 {theirs} 的选择相同，差别只在规模与训练。",
)


def choices(system: System) -> dict[str, Text]:
    """What the table writes of `system`, a few words for each axis in `SHOWN`."""
    found = cells(system.published) if system.published is not None else {}
    known = {*system.citations, *system.from_memory}
    hidden = {axis: NOT_PUBLISHED for axis in system.unknown if axis not in known}
    found |= hidden | dict(system.facts)
    return {axis: found.get(axis, NONE) for axis in SHOWN}


def _differences(one: System, other: System) -> list[Text]:
    """ "norm (RMSNorm for LayerNorm)" and the like, in the order of the table."""
    mine, theirs = choices(one), choices(other)
    told = [axis for axis in SHOWN if axis != "shape" and NOT_PUBLISHED not in (mine[axis], theirs[axis])]
    worded = [axis for axis in told if mine[axis] != theirs[axis]]
    if one.published is None or other.published is None:
        return [contrast(axis, mine[axis], theirs[axis]) for axis in worded]
    stated = {*one.facts, *other.facts}
    parts: list[Text] = []
    for axis in told:
        if axis in worded and (axis in stated or axis in differing(one.twin, other.twin)):
            parts.append(contrast(axis, mine[axis], theirs[axis]))
        elif axis not in stated and type(getattr(one.twin, axis)) is type(getattr(other.twin, axis)):
            parts += finer(one.twin, other.twin, axis)
    return parts


def cite(source: str, *axes: str) -> dict[str, str]:
    """`source` as the citation of each of `axes`."""
    return dict.fromkeys(axes, source)


def reference(model_type: str) -> str:
    """The reference implementation of a type of model, as a source: what it computes, and its type's defaults."""
    return f"code huggingface/transformers@v5.23.0 src/transformers/models/{model_type}"


def unstated(*axes: str) -> dict[str, Text]:
    """Axes of which the maker says nothing and where nothing stands, as entries of `unknown`."""
    return dict.fromkeys(axes, NOTHING_SAID)


_SYSTEMS: dict[str, System] = {}


def register(system: System) -> System:
    """Make `system` known by its id; a taken id is a TypeError at import."""
    if system.id in _SYSTEMS:
        raise TypeError(f"there are two systems with the id {system.id!r}")
    _SYSTEMS[system.id] = system
    return system


def catalogue() -> dict[str, System]:
    """All systems by id, the oldest first; those that stand in the table only, too."""
    return {system.id: system for system in sorted(_SYSTEMS.values(), key=lambda system: (system.year, system.id))}


def systems() -> dict[str, System]:
    """The systems that can be built, by id, the oldest first."""
    return {id: system for id, system in catalogue().items() if system.published is not None}
