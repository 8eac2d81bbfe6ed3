"""RoPE: queries and keys are rotated by their positions, so that a score depends on the distance alone."""

from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from models.drawing import Mark, short
from models.hooks import Place, QueryKey
from models.option import parameter
from models.position.base import Position
from models.text import Refusal, Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class Rope(Position):
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
    citation: ClassVar[str] = "Su et al. 2021, arXiv:2104.09864, §3.2"

    option: Literal["rope"] = "rope"
    theta: float = parameter(
        10_000.0,
        Text("base θ", "基数 θ"),
        Text("The slowest pair turns once in about 2π·θ positions.", "最慢的一对大约每 2π·θ 个位置转一圈。"),
        gt=1,
        le=1e9,
    )
    fraction: float = parameter(
        1.0,
        Text("rotated fraction", "旋转比例"),
        Text(
            "Share of each head that is rotated; the rest carries no position (GPT-NeoX: 0.25).",
            "每个头中参与旋转的比例，其余部分不带位置（GPT-NeoX：0.25）。",
        ),
        gt=0,
        le=1,
    )
    pairing: Literal["half", "interleaved"] = parameter(
        "half",
        Text("pairing", "配对方式"),
        Text(
            "half: entry i turns with i + r/2 (LLaMA in transformers). interleaved: 2i with 2i + 1 (GPT-J).",
            "half：第 i 维与第 i + r/2 维配对（transformers 里的 LLaMA）。interleaved：2i 与 2i + 1 配对（GPT-J）。",
        ),
    )

    def rotated(self, architecture: "Architecture") -> int:
        """How many entries of a head turn."""
        return int(self.fraction * architecture.heads.width(architecture))

    def check(self, architecture: "Architecture") -> None:
        rotated, head = self.rotated(architecture), architecture.heads.width(architecture)
        if rotated % 2 or rotated == 0:
            sentence = Text(
                f"RoPE turns pairs, so the rotated part of a head must be even: position.fraction={self.fraction:g} "
                f"of a head width of {head} "
                f"is {rotated}. Choose an even heads.head_dim or another fraction.",
                f"RoPE 成对旋转，因此每个头参与旋转的维数必须是偶数：头宽 {head} 的 {self.fraction:g}（"
                f"position.fraction）是 {rotated}。"
                "请把 heads.head_dim 设为偶数，或换一个比例。",
            )
            raise Refusal(sentence, "position.fraction", "heads.head_dim")

    def on_rotation(self, qk: QueryKey, at: Place) -> QueryKey:
        q_BHTK, k_BGTK = qk
        turned = int(self.fraction * q_BHTK.shape[-1])
        turn = at.once(("rope", turned), lambda: self._tables(*angles(at.positions_T, turned, self.theta)))
        return self._turn(q_BHTK, turn), self._turn(k_BGTK, turn)

    def _tables(self, cos_TR: Tensor, sin_TR: Tensor) -> tuple[Tensor, Tensor]:
        """What an entry is multiplied by, and what its partner: each pair's cosine twice, its sine with both signs."""
        join = torch.cat if self.pairing == "half" else _alternate
        return join((cos_TR, cos_TR), -1), join((-sin_TR, sin_TR), -1)

    def _turn(self, x_BHTK: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        cos_TK, sin_TK = (table.to(x_BHTK.dtype) for table in turn)
        turned = cos_TK.shape[-1]
        x, rest = x_BHTK[..., :turned], x_BHTK[..., turned:]
        y = x * cos_TK + self._partners(x) * sin_TK
        return y if turned == x_BHTK.shape[-1] else torch.cat((y, rest), -1)

    def _partners(self, x: Tensor) -> Tensor:
        """Every entry's partner in its pair, in its place."""
        if self.pairing == "half":
            first, second = x.chunk(2, -1)
            return torch.cat((second, first), -1)
        return x.unflatten(-1, (-1, 2)).flip(-1).flatten(-2)

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        share = f" · {self.fraction:.0%}" if self.fraction < 1 else ""
        pairs = " · 2i, 2i+1" if self.pairing == "interleaved" else ""
        note = f"θ {short(self.theta)}{share}{pairs}"
        return (Mark("rotation", Text("rotate q, k", "旋转 q、k"), "position", note=note),)


def angles(positions_T: Tensor, turned: int, theta: float) -> tuple[Tensor, Tensor]:
    """cos and sin of every pair's angle, [T, turned / 2], float32."""
    pair = torch.arange(0, turned, 2, device=positions_T.device, dtype=torch.float32)
    angle_TR = positions_T.float()[:, None] * theta ** (-pair / turned)
    return angle_TR.cos(), angle_TR.sin()


def _alternate(tables: tuple[Tensor, Tensor], dim: int) -> Tensor:
    return torch.stack(tables, dim).flatten(-2)
