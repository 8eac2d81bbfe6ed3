"""QK norm: normalization of queries and keys, so that no score can run away."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from models.drawing import Mark, Spot
from models.norm.base import GAIN, Gain, Norm, eps, gain_note
from models.option import Axis, parameter
from models.piece import Only, Piece, literal
from models.text import Refusal, Text
from models.words import joined

if TYPE_CHECKING:
    from models.architecture import Architecture


EPS_USUAL = 1e-6


class QKNorm(Axis):
    """Whether and how queries and keys are normalized."""

    axis_title: ClassVar[Text] = Text("QK norm", "QK 归一化")
    axis_help: ClassVar[Text] = Text("Normalizes queries and keys before they meet.", "在 q 与 k 相乘之前先归一化。")


class Normalizing(QKNorm):
    """An option that normalizes: which norm. Subclasses say over which entries, with how many gains, and when.

    The factor 1/√K between q·k and the score stays.
    """

    spot: ClassVar[Spot] = "heads"
    label: ClassVar[Text] = Text("normalize q, k", "归一化 q、k")

    kind: Literal["rmsnorm", "layernorm"] = parameter(
        "rmsnorm", Text("kind", "种类"), Text("Which norm.", "用哪种归一化。")
    )
    eps: float = eps(EPS_USUAL)
    gain: Gain = parameter("w", GAIN["title"], GAIN["help"])
    bias: bool = parameter(
        False,
        Text("norm bias", "归一化偏置"),
        Text("A learned offset after a LayerNorm (Persimmon).", "LayerNorm 之后加一个可学习的偏移（Persimmon）。"),
    )

    def check(self, architecture: "Architecture") -> None:
        if self.bias and self.kind == "rmsnorm":
            sentence = Text(
                "qk_norm.bias=on needs qk_norm.kind=layernorm: an RMSNorm adds no offset.",
                "qk_norm.bias=on 需要 qk_norm.kind=layernorm：RMSNorm 没有偏移。",
            )
            raise Refusal(sentence, "qk_norm.bias", "qk_norm.kind")

    def norm(self, **fields: Any) -> Norm:
        """The norm as that axis has it; `fields` replace ours."""
        offset = {"bias": self.bias} if self.kind == "layernorm" else {}
        return Norm.model_validate({"option": self.kind, "eps": self.eps, "gain": self.gain, **offset, **fields})

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        note = " ".join(filter(None, (self.norm().title.en, self.gain_note(), self._eps_note())))
        return (Mark(self.spot, self.label, "qk_norm", note=note, offset=self.bias),)

    def cell(self, architecture: "Architecture") -> Text:
        return joined(self.title, self.norm().title)

    def _eps_note(self) -> str:
        return "" if self.eps == EPS_USUAL else f"ε {literal(self.eps)}"

    def written(self, architecture: "Architecture", sizes: Sequence[str], only: Only | None = None) -> list[Piece]:
        """The source of two norms, of queries and of keys of these sizes; one more class only where norms differ."""
        mine, usual = self.norm(), architecture.norm
        name, eps = type(mine).__name__, ""
        if type(mine) is type(usual):
            same = mine.model_copy(update={"eps": getattr(usual, "eps")}) == usual  # noqa: B009
            name = name if same else "QKNorm"
            eps = f"eps={literal(self.eps)}" if same and mine != usual else ""
        pieces = [] if name == type(usual).__name__ else [Piece("definition", mine.written(name), mine.cited())]
        for part, size in zip(("query", "key"), sizes, strict=True):
            pieces.append(Piece("attention.parts", f"self.{part}_norm = {mine.made(name, size, eps)}", only=only))
            pieces.append(named(part))
        return pieces

    def gain_note(self) -> str:
        """An unusual gain, in symbols."""
        return gain_note(self.gain)


def named(part: str) -> Piece:
    """Where our state dict keeps the norm of "query" or "key"."""
    return Piece("renamed", rf'r"parts.qk_norm.{part}.(\d+)": r"blocks.\1.attention.{part}_norm",')


NORMALIZED = "q_BHTK = self.query_norm(q_BHTK)\nk_BGTK = self.key_norm(k_BGTK)"
