"""LLaMA at 7 B, the first."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import FORWARD, System, cite, reference, register, unstated
from models.text import Text

LLAMA_1 = register(
    System(
        id="llama-1",
        name="LLaMA 1",
        year=2023,
        maker="Meta",
        size="7B",
        citation="Touvron et al. 2023, arXiv:2302.13971",
        published=Architecture(
            shape=Shape(layers=32, width=4096, context=2048, vocabulary=32_000),
            embedding=Embedding(tied=False),
            position=Rope(theta=10_000.0),
            norm=RMSNorm(eps=1e-6),
            placement=Pre(),
            heads=Heads(query=32, kv=32),
            feed_forward=Gated(activation="silu", size=11_008),
            bias=Bias(places="none"),
        ),
        citations=cite(reference("llama"), *FORWARD)
        | cite(f"§2.2, Table 2; {reference('llama')}", "shape", "heads")
        | cite(f"§2.2; {reference('llama')}", "position", "norm", "placement", "feed_forward"),
        unknown=unstated("z_loss", "dropout"),
        notes=(
            Text(
                "d_ff is 2/3 of 4 × width, rounded up to a multiple of 256: 2.69 times the width.",
                "d_ff 取 4 × 宽度的 2/3，再向上取到 256 的倍数，即宽度的 2.69 倍。",
            ),
            Text(
                "ε is 1e-6 at 7 B and 1e-5 at 65 B.",
                "ε 在 7B 为 1e-6，在 65B 为 1e-5。",
            ),
            Text(
                "Meta's own code turns entry 2i with 2i + 1; with the rows of q and k permuted, as released, it is the "
                "same function.",
                "Meta 自己的代码把第 2i 与 2i + 1 维配对；转换后的权重已重排 q、k 的行，算的是同一个函数。",
            ),
        ),
    )
)
