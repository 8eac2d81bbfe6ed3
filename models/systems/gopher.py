"""Gopher at 280 B: GPT-2's architecture with RMSNorm and Transformer-XL's positions."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.transformer_xl import TransformerXL
from models.shape import Shape
from models.systems.base import EPS_UNKNOWN, System, cite, register, unstated
from models.text import Text

GOPHER = register(
    System(
        id="gopher",
        name="Gopher",
        year=2021,
        maker="DeepMind",
        size="280B",
        citation="Rae et al. 2021, arXiv:2112.11446",
        published=Architecture(
            shape=Shape(layers=80, width=16_384, context=2048, vocabulary=32_000),
            embedding=Embedding(tied=True),
            position=TransformerXL(),
            norm=RMSNorm(),
            placement=Pre(),
            heads=Heads(query=128, kv=128),
            feed_forward=Plain(activation="gelu_tanh", size=4 * 16_384),
            bias=Bias(places="all"),
        ),
        citations=cite("§3.1: GPT-2 with two changes", "norm", "position", "placement", "feed_forward")
        | cite("§3.1–3.2: vocabulary and context", "shape"),
        unknown={
            "norm": EPS_UNKNOWN,
            "feed_forward": Text(
                "The activation is not stated; that of GPT-2, from which the architecture is taken, stands here.",
                "激活函数未说明；架构取自 GPT-2，这里用 GPT-2 的激活函数。",
            ),
            "bias": Text(
                "Biases are not mentioned; those of GPT-2, from which the architecture is taken, stand here.",
                "论文未提偏置；架构取自 GPT-2，这里沿用 GPT-2 的偏置。",
            ),
            "embedding": Text(
                "Not stated; tied as in GPT-2, from which the architecture is taken.",
                "未说明；架构取自 GPT-2，这里同样共享嵌入。",
            ),
        }
        | unstated("z_loss", "dropout"),
        from_memory=frozenset(
            {"shape", "heads", "placement", "layout", "feed_forward", "span", "qk_norm", "sink"}
            | {"attention_cap", "output_cap"}
        ),
        notes=(
            Text(
                "The total speaks for a matrix W_r of the distances in every layer: without it, 258 B and not 280 B.",
                "总参数量说明每层都有一个距离矩阵 W_r：没有它只有 258B，而不是 280B。",
            ),
            Text(
                "Slides list its activation as ReLU; the paper does not say so.",
                "有课件把它的激活函数列为 ReLU，论文里并没有这种说法。",
            ),
        ),
    )
)
