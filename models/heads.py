"""Attention heads.

How many queries, how many keys and values, how wide. MHA, GQA and MQA are readings of the numbers.
"""

from typing import TYPE_CHECKING, ClassVar

from models.drawing import Mark, short
from models.hooks import Place, QueryKeyValue
from models.option import Axis, parameter
from models.piece import Piece, literal
from models.text import Refusal, Text
from models.words import joined, same

if TYPE_CHECKING:
    from models.architecture import Architecture

CLIP = Text("clip q, k, v ± {clip}", "截断 q、k、v ± {clip}")


class Heads(Axis):
    """Key/value head j serves the query heads j·g … j·g + g − 1, g = query / kv."""

    axis_title: ClassVar[Text] = Text("Heads", "注意力头")
    axis_help: ClassVar[Text] = Text(
        "Query heads, and the key/value heads they share.", "查询头，以及它们共用的键值头。"
    )
    title: ClassVar[Text] = axis_title
    help: ClassVar[Text] = Text(
        "Fewer key/value heads shrink the cache · a little quality · MHA: GPT-2; GQA: LLaMA 3, Mistral; MQA: PaLM, "
        "Falcon 7B",
        "键值头越少，缓存越小 · 略损质量 · MHA：GPT-2；GQA：LLaMA 3、Mistral；MQA：PaLM、Falcon 7B",
    )
    formula: ClassVar[str] = "softmax(q·k · scale) v"
    citation: ClassVar[str] = (
        "Vaswani et al. 2017, arXiv:1706.03762, §3.2; MQA: arXiv:1911.02150; GQA: arXiv:2305.13245; clip: MPT, OLMo, "
        "arXiv:2402.00838; scale by layer: Mistral (Stanford CRFM), Karamcheti et al. 2021"
    )

    query: int = parameter(
        4,
        Text("query heads", "查询头"),
        Text("How many patterns of attention a layer has.", "一层里有多少种注意力模式。"),
        panel="page",
        ge=1,
        le=256,
    )
    kv: int = parameter(
        4,
        Text("key/value heads", "键值头"),
        Text(
            "Equal to the query heads: MHA. Fewer: GQA. One: MQA.", "等于查询头数为 MHA，更少为 GQA，只有一个为 MQA。"
        ),
        panel="page",
        ge=1,
        le=256,
    )
    head_dim: int | None = parameter(
        None,
        Text("head width", "头宽"),
        Text("Left out: model width over query heads.", "不填则为模型宽度除以查询头数。"),
        panel="page",
        ge=1,
        le=1024,
    )
    scale: float | None = parameter(
        None, Text("score scale", "分数缩放"), Text("Left out: 1 / √head width.", "不填则为 1/√头宽。"), gt=0, le=100
    )
    scale_by_layer: bool = parameter(
        False,
        Text("scale by layer", "按层缩小"),
        Text(
            "The score of layer 1, 2, 3 … is divided by 1, 2, 3 …: half precision overflows less (an option of GPT-2).",
            "第 1、2、3… 层的分数再除以 1、2、3…，半精度下更不易溢出（GPT-2 的可选项）。",
        ),
    )
    clip: float | None = parameter(
        None,
        Text("clip q, k, v", "截断 q、k、v"),
        Text(
            "Every entry of q, k and v is held within ± this, before anything else happens to it (MPT, OLMo 1: 8).",
            "投影得到的 q、k、v 先逐项限制在 ± 该值之内，再做其他处理（MPT、OLMo 1：8）。",
        ),
        gt=0,
        le=1e4,
    )

    def width(self, architecture: "Architecture") -> int:
        """The width K of one head."""
        return self.head_dim or architecture.shape.width // self.query

    def factor(self, architecture: "Architecture") -> float:
        """What q·k is multiplied by."""
        return self.scale if self.scale is not None else self.width(architecture) ** -0.5

    def on_projection(self, qkv: QueryKeyValue, at: Place) -> QueryKeyValue:
        if self.clip is None:
            return qkv
        q, k, v = (x.clamp(-self.clip, self.clip) for x in qkv)
        return q, k, v

    def on_scale(self, scale: float, at: Place) -> float:
        return scale / (at.layer + 1) if self.scale_by_layer else scale

    def reading(self) -> str:
        """ "MHA 4", "GQA 4/2" or "MQA 4/1"."""
        if self.kv == self.query:
            return f"MHA {self.query}"
        return f"{'MQA' if self.kv == 1 else 'GQA'} {self.query}/{self.kv}"

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        label = f"q · k / √{self.width(architecture)}" if self.scale is None else f"q · k × {self.scale:.3g}"
        by_layer = "/ l" if self.scale_by_layer else ""
        score = Mark("scale", Text(label, label), "heads", note=by_layer)
        if self.clip is None:
            return (score,)
        return Mark("projection", CLIP.format(clip=short(self.clip)), "heads.clip"), score

    def cell(self, architecture: "Architecture") -> Text:
        width = self.width(architecture)
        return joined(
            same(self.reading()),
            None if self.query * width == architecture.shape.width else Text(f"{width} wide", f"头宽 {width}"),
            Text(f"scale {self.scale:.4g}", f"缩放 {self.scale:.4g}") if self.scale is not None else None,
            Text(f"clip {self.clip:g}", f"截断 {self.clip:g}") if self.clip is not None else None,
        )

    def scale_written(self) -> str:
        """What source code calls the factor between q·k and the score."""
        return "self.scale" if self.scale_by_layer else "SCALE"

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        scale = "HEAD_WIDTH**-0.5" if self.scale is None else literal(self.scale)
        by_layer = Piece("attention.parts", "self.scale = SCALE / (layer + 1)", "The deeper the layer, the smaller.")
        clip = "q_BTE, k_BTE, v_BTE = (x.clamp(-CLIP, CLIP) for x in (q_BTE, k_BTE, v_BTE))"
        return (
            Piece("constant", f"QUERY_HEADS = {self.query}"),
            Piece("constant", f"KV_HEADS = {self.kv}"),
            Piece("constant", f"HEAD_WIDTH = {self.width(architecture)}"),
            Piece("constant", f"SCALE = {scale}"),
            Piece("constant", f"CLIP = {literal(self.clip or 0)}", "MPT; OLMo, arXiv:2402.00838"),
            *((by_layer,) if self.scale_by_layer else ()),
            *((Piece("projection", clip),) if self.clip is not None else ()),
        )

    def check(self, architecture: "Architecture") -> None:
        if self.query % self.kv:
            sentence = Text(
                f"Every key/value head serves equally many query heads: heads.query={self.query} is not divisible by "
                f"heads.kv={self.kv}.",
                f"每个键值头须服务同样多的查询头：heads.query={self.query} 不能被 heads.kv={self.kv} 整除。",
            )
            raise Refusal(sentence, "heads.query", "heads.kv")
        if self.head_dim is None and architecture.shape.width % self.query:
            width = architecture.shape.width
            sentence = Text(
                f"shape.width={width} is not divisible by heads.query={self.query}; choose other numbers or give "
                "heads.head_dim.",
                f"shape.width={width} 不能被 heads.query={self.query} 整除；请换一组数，或直接给出 heads.head_dim。",
            )
            raise Refusal(sentence, "shape.width", "heads.query", "heads.head_dim")
