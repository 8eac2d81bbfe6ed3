"""Nemotron-4 at 15 B: squared ReLU without a gate, LayerNorm with gain 1 + w, half of each head rotated."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import FORWARD, System, cite, reference, register, unstated
from models.text import Text

NEMOTRON_4 = register(
    System(
        id="nemotron-4",
        name="Nemotron-4",
        year=2024,
        maker="NVIDIA",
        size="15B",
        citation="Parmar et al. 2024, Nemotron-4 15B Technical Report, arXiv:2402.16819",
        published=Architecture(
            shape=Shape(layers=32, width=6144, context=4096, vocabulary=256_000),
            embedding=Embedding(tied=False),
            position=Rope(theta=10_000.0, fraction=0.5),
            norm=LayerNorm(eps=1e-5, gain="one_plus_w"),
            placement=Pre(),
            heads=Heads(query=48, kv=8),
            feed_forward=Plain(activation="relu2", size=24_576),
            bias=Bias(places="none"),
        ),
        citations=cite(reference("nemotron"), *FORWARD)
        | cite("§2, Table 1", "shape", "heads", "dropout")
        | cite(f"§2; {reference('nemotron')}", "embedding", "feed_forward", "bias", "position"),
        unknown=unstated("z_loss"),
        notes=(
            Text(
                "The gain is kept as w and applied as 1 + w, in a LayerNorm with mean and bias; Gemma does so in an "
                "RMSNorm.",
                "增益存为 w、按 1 + w 使用，且是带均值与偏置的 LayerNorm；Gemma 的同样做法用在 RMSNorm 上。",
            ),
        ),
    )
)
