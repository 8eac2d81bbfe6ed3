"""Mistral 7B, version 0.1: the one with a window in every layer."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.span.window import Window
from models.systems.base import System, register
from models.text import Text

MISTRAL = register(
    System(
        id="mistral",
        name="Mistral 7B",
        year=2023,
        maker="Mistral AI",
        size="7B v0.1",
        citation="Jiang et al. 2023, arXiv:2310.06825",
        published=Architecture(
            shape=Shape(layers=32, width=4096, context=8192, vocabulary=32_000),
            embedding=Embedding(tied=False),
            position=Rope(theta=10_000.0),
            norm=RMSNorm(eps=1e-5),
            placement=Pre(),
            heads=Heads(query=32, kv=8),
            span=Window(window=4096, pattern="all"),
            feed_forward=Gated(activation="silu", size=14_336),
            bias=Bias(places="none"),
        ),
        citations={
            "shape": "§2, Table 1",
            "heads": "§2, Table 1",
            "span": "§2, Table 1",
            "norm": "configuration of the released model",
            "position": "configuration of the released model",
            "embedding": "configuration of the released model",
            "feed_forward": "§2, Table 1; configuration of the released model",
        },
        notes=(
            Text(
                "Version 0.1. From 0.2 on θ is 1,000,000, and 0.3 has no window.",
                "这里是 v0.1。v0.2 起 θ 改为 1,000,000，v0.3 没有窗口。",
            ),
        ),
    )
)
