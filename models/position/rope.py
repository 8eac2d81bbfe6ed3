"""RoPE: queries and keys are rotated by their positions, so that a score depends on the distance alone.

How fast pairs turn is chosen in `turned`; how they are turned stands in `models.rotation`.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from models.drawing import Mark, short
from models.hooks import Hooks
from models.option import parameter
from models.piece import Only, Piece, literal
from models.position.turned import Turned
from models.rotation import Pairing, Rotation, Temperature, written
from models.text import Text
from models.words import in_layers, joined, same

if TYPE_CHECKING:
    from models.architecture import Architecture


class Rope(Turned):
    """Pairs of entries turn by t · θ^(−2i/r), i < r/2, in the first r = fraction · K entries of every head.

    Angles in float32.
    """

    rank: ClassVar[int] = 4
    title: ClassVar[Text] = Text("RoPE", "RoPE")
    help: ClassVar[Text] = Text(
        "Rotates q and k: scores see distance only · a few products a head, no parameters · LLaMA, Mistral, Gemma, "
        "Qwen, GPT-NeoX",
        "旋转 q 和 k，分数只取决于距离 · 每个头几次乘法，没有参数 · LLaMA、Mistral、Gemma、Qwen、GPT-NeoX",
    )
    formula: ClassVar[str] = "(R_m q)·(R_n k), R_t turns pair i by t·θ^(−2i/r)"
    citation: ClassVar[str] = (
        "Su et al. 2021, arXiv:2104.09864, §3.2; scaling linear: arXiv:2306.15595, §2.3; ntk: arXiv:2309.00071, §3.1; "
        "yarn: §3.4; llama3: LLaMA 3.1's code, arXiv:2407.21783; temperature: Llama 4's code, arXiv:2501.19399"
    )

    option: Literal["rope"] = "rope"
    pairing: Pairing = parameter(
        "half",
        Text("pairing", "配对方式"),
        Text(
            "half: entry i turns with i + r/2 (LLaMA in transformers). interleaved: 2i with 2i + 1 (GPT-J).",
            "half：第 i 维与第 i + r/2 维配对（transformers 里的 LLaMA）。interleaved：2i 与 2i + 1 配对（GPT-J）。",
        ),
    )
    temperature: float | None = parameter(
        None,
        Text("query temperature", "查询温度"),
        Text(
            "In layers without rotation, q is multiplied by 1 + this · ln(1 + n), where n whole lengths have passed "
            "(Llama 4: 0.1).",
            "在不旋转的层里，q 乘以 1 + 此值 · ln(1 + n)，n 为已过的完整长度数（Llama 4：0.1）。",
        ),
        gt=0,
        le=100,
    )
    temperature_length: int = parameter(
        8192,
        Text("temperature length", "温度长度"),
        Text("The length that the query temperature counts in, in tokens.", "查询温度计数所用的长度，以词元计。"),
        ge=1,
        le=10_000_000,
    )

    def build(self, architecture: "Architecture") -> Hooks:
        turnings = [
            self.turning(architecture, architecture.span.local(layer)) if acts else None
            for layer, acts in enumerate(self.acting(architecture))
        ]
        temperature = None if self.temperature is None else Temperature(self.temperature, self.temperature_length)
        return Rotation(turnings, self.pairing, temperature)

    def shortened(self, factor: float, multiple: int = 1) -> Self:
        short = super().shortened(factor, multiple)
        if self.temperature is None:
            return short
        length = max(1, round(self.temperature_length * factor / multiple)) * multiple
        return short.model_copy(update={"temperature_length": length})

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        share = f"{self.fraction:.0%}" if self.fraction < 1 else ""
        notes = {
            Text("rotate q, k", "旋转 q、k"): " · ".join(filter(None, (f"θ {short(self.theta)}", share))),
            Text("pairs", "配对"): "2i, 2i+1" if self.pairing == "interleaved" else "",
            Text("in layers", "作用层"): self.where(),
            Text("scaling", "缩放"): self.stretched(),
            Text("local layers", "局部层"): self.otherwise(),
            Text("temperature of q", "q 的温度"): self._tempered(),
        }
        return tuple(Mark("rotation", label, "position", note=note) for label, note in notes.items() if note)

    def cell(self, architecture: "Architecture") -> Text:
        local = self.local_theta
        return joined(
            same(f"{self.title.en} θ {self.theta:,.0f}"),
            Text(f"local {local:,.0f}", f"局部 {local:,.0f}") if local is not None and local != self.theta else None,
            same(f"{self.fraction:.3g} K") if self.fraction < 1 else None,
            *self.stretched_in_words(),
            Text("interleaved", "奇偶配对") if self.pairing == "interleaved" else None,
            Text("temperature", "查询温度") if self.temperature is not None else None,
            in_layers(self.layers),
        )

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        turned, width = self.rotated(architecture), architecture.heads.width(architecture)
        pieces = self._pieces(architecture, whole=turned == width)
        if turned < width:
            return Piece("constant", f"TURNED = {turned}", "of the entries of a head"), *pieces
        return tuple(replace(piece, text=piece.text.replace("TURNED", "HEAD_WIDTH")) for piece in pieces)

    def _pieces(self, architecture: "Architecture", *, whole: bool) -> tuple[Piece, ...]:
        """The source, with TURNED for the entries of a head that turn; `whole`: all of them."""
        only, gains = self.only(architecture), self.gains(architecture)
        gain = ", self.gain" if gains else ""
        turns = "\n".join(f"{x} = rotate({x}, self.radians{gain})" for x in ("q_BHTK", "k_BGTK"))
        pair = "i and i + r/2" if self.pairing == "half" else "2i and 2i + 1"
        says = f"RoPE: entries {pair} of a head turn by t·θ^(−2i/r)\n{self.citation.partition(';')[0]}"
        return (
            *self._turnings(architecture, only),
            Piece("definition", written(self.pairing, whole=whole, gains=gains), says),
            Piece("rotation", turns, only=only),
            *self._temperature_written(only),
        )

    def _turnings(self, architecture: "Architecture", only: Only) -> tuple[Piece, ...]:
        """How fast pairs turn, in local layers otherwise where that is so in a layer that rotates."""
        local = tuple(map(architecture.span.local, range(architecture.shape.layers)))
        kinds = {there for there, acts in zip(local, only.acting, strict=True) if acts}
        if len({self.turning(architecture, kind) for kind in kinds}) == 1:
            return self.written(architecture, kinds.pop())
        apart = Only("local", local)
        return *self.written(architecture, True, apart), *self.written(architecture, False, apart)

    def _temperature_written(self, only: Only) -> tuple[Piece, ...]:
        if self.temperature is None:
            return ()
        factor = "factor_T = 1 + TEMPERATURE * torch.log1p((j_T + 1) // TEMPERATURE_LENGTH)"
        says = "The farther into the text, the sharper\nLlama 4's code; arXiv:2501.19399"
        return (
            Piece("constant", f"TEMPERATURE = {literal(self.temperature)}"),
            Piece("constant", f"TEMPERATURE_LENGTH = {literal(self.temperature_length)}"),
            Piece("rotation", f"{factor}\nq_BHTK = q_BHTK * factor_T[:, None]", says, only=only, unless=True),
        )

    def _tempered(self) -> str:
        return "" if self.temperature is None else f"1 + {self.temperature:g} ln(1 + ⌊(t+1)/{self.temperature_length}⌋)"
