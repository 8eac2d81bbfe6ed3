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
from models.systems.base import FORWARD, LITGPT, System, cite, reference, register, unstated
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
        citations=cite(reference("mistral"), *FORWARD)
        | cite(f"§2, Table 1; {reference('mistral')}", "shape", "heads", "span", "feed_forward")
        | cite(LITGPT, "norm", "position"),
        unknown=unstated("z_loss", "dropout"),
        notes=(
            Text(
                "Version 0.1. From 0.2 on θ is 1,000,000, and 0.3 has no window.",
                "这里是 v0.1。v0.2 起 θ 改为 1,000,000，v0.3 没有窗口。",
            ),
        ),
    )
)
