"""T5's relative bias: a learned number for every head and bucket of distances, added to the score."""

import math
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import torch
from torch import Tensor, nn

from models.drawing import Mark
from models.hooks import Hooks, Place
from models.option import parameter
from models.piece import Piece
from models.position.base import Layered
from models.text import Refusal, Text

if TYPE_CHECKING:
    from models.architecture import Architecture


class T5(Layered):
    """Score + b[bucket(i − j), h]; one table for all layers. Near distances have a bucket each, far ones share.

    T5 itself does not scale q·k (heads.scale=1).
    """

    rank: ClassVar[int] = 6
    title: ClassVar[Text] = Text("T5 relative bias", "T5 相对偏置")
    help: ClassVar[Text] = Text(
        "Learns how much each distance counts, coarser when far · buckets × heads numbers for all layers together · T5",
        "学习每种距离的权重，越远越粗略 · 各层共用一张 桶数 × 头数 的表 · T5",
    )
    formula: ClassVar[str] = "q·k · scale + b_h[bucket(i − j)]"
    citation: ClassVar[str] = "Raffel et al. 2019, arXiv:1910.10683, §2.1; buckets: mesh-tensorflow's code"

    option: Literal["t5"] = "t5"
    buckets: int = parameter(
        32,
        Text("buckets", "桶数"),
        Text(
            "Half of them for single distances, 0 and up, the others for ranges that grow.",
            "一半给从 0 起的单个距离，另一半给逐渐变宽的距离区间。",
        ),
        ge=2,
        le=4096,
    )
    distance: int = parameter(
        128,
        Text("farthest distance", "最远距离"),
        Text("From here on, all distances share the last bucket.", "从这里起，所有距离共用最后一个桶。"),
        ge=2,
        le=131_072,
    )

    def check(self, architecture: "Architecture") -> None:
        super().check(architecture)
        if self.distance <= self.buckets // 2:
            sentence = SHORT.format(distance=self.distance, buckets=self.buckets, half=self.buckets // 2)
            raise Refusal(sentence, "position.distance", "position.buckets")

    def shortened(self, factor: float, multiple: int = 1) -> Self:
        short = max(1, round(self.distance * factor / multiple)) * multiple
        return self.model_copy(update={"distance": max(self.buckets, short)})

    def build(self, architecture: "Architecture") -> Hooks:
        if not architecture.layout.attention:
            return Hooks()  # a table that no score is added to would learn nothing
        return Buckets(self, architecture.heads.query, self.acting(architecture))

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        note = " · ".join(filter(None, (f"{self.buckets} / {self.distance}", self.where())))
        return (Mark("bias", Text("+ bias of the distance", "+ 距离偏置"), "position", note=note),)

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        if not architecture.layout.attention:
            return ()
        return (
            Piece("constant", f"BUCKETS = {self.buckets}"),
            Piece("constant", f"FARTHEST = {self.distance}", "tokens; all distances beyond share the last bucket"),
            Piece(
                "definition",
                BUCKET,
                "Near distances have a bucket each, far ones share\nBuckets as in mesh-tensorflow's code",
            ),
            Piece("definition", RELATIVE_BIAS, self.cited()),
            Piece("model.parts", "self.position_bias = RelativeBias()"),
            Piece("passed", "bias_HTT = self.position_bias(positions_T[:, None] - positions_T)"),
            Piece("bias", "bias_HTT", only=self.only(architecture)),
            Piece("renamed", '"parts.position": "position_bias",'),
        )


BUCKET = '''def bucket(distance: int) -> int:
    """says"""
    exact = BUCKETS // 2
    if distance < exact:
        return distance
    wide = (BUCKETS - exact) / math.log(FARTHEST / exact)
    return min(exact + int(wide * math.log(distance / exact) + 1e-9), BUCKETS - 1)'''

RELATIVE_BIAS = '''class RelativeBias(nn.Module):
    """says"""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(BUCKETS, QUERY_HEADS))

    def forward(self, distance_TT: Tensor) -> Tensor:
        """What every head adds to its scores, [H, T, T]; later keys count as near."""
        buckets = torch.tensor([bucket(distance) for distance in range(FARTHEST + 1)])
        bucket_TT = buckets.to(distance_TT.device)[distance_TT.clamp(0, FARTHEST)]
        return self.table[bucket_TT].permute(2, 0, 1)'''


class Buckets(nn.Module, Hooks):
    """The table, which starts at zero, as biases do: no distance is preferred."""

    def __init__(self, option: T5, heads: int, acting: tuple[bool, ...]) -> None:
        super().__init__()
        self.acting = acting
        self.bucket_of = buckets(option.buckets, option.distance)
        self.table = nn.Parameter(torch.zeros(option.buckets, heads))

    def on_bias(self, bias_HTS: Tensor | None, at: Place) -> Tensor | None:
        if not self.acting[at.layer]:
            return bias_HTS
        keys_S = at.keys_S
        assert keys_S is not None
        mine = at.once_for_keys("t5", lambda: self.bias(at.positions_T, keys_S))
        return mine if bias_HTS is None else bias_HTS + mine

    def bias(self, queries_T: Tensor, keys_S: Tensor) -> Tensor:
        """b_h[bucket(i − j)] for queries at i and keys at j; a later key is at distance 0: [H, T, S]."""
        bucket_of = torch.tensor(self.bucket_of, device=queries_T.device)
        distance_TS = (queries_T[:, None] - keys_S).clamp(0, len(self.bucket_of) - 1)
        return self.table[bucket_of[distance_TS]].permute(2, 0, 1)


def buckets(count: int, distance: int) -> list[int]:
    """The bucket of the distances 0 to `distance`; those beyond it have the last one.

    n < e = ⌊count / 2⌋ has bucket n, the others e + ⌊(count − e) · ln(n/e) / ln(distance/e)⌋, at most count − 1.
    """
    exact = count // 2
    wide = (count - exact) / math.log(distance / exact)
    far = (exact + int(wide * math.log(n / exact) + 1e-9) for n in range(exact, distance + 1))
    return [*range(exact), *(min(bucket, count - 1) for bucket in far)]


SHORT = Text(
    "position.distance={distance} is too short for position.buckets={buckets}: the first {half} buckets are single "
    "distances, and the others need some beyond. Choose a distance above {half}.",
    "position.distance={distance} 对 position.buckets={buckets} 来说太短：前 {half} 个桶各占一个距离，其余的桶需要"
    "更远的距离。请取大于 {half} 的距离。",
)
