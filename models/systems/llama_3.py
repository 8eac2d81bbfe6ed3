"""LLaMA 3 at 8 B."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import FORWARD, LITGPT, System, cite, reference, register, unstated
from models.text import Text

LLAMA_3 = register(
    System(
        id="llama-3",
        name="LLaMA 3",
        year=2024,
        maker="Meta",
        size="8B",
        citation="Llama Team 2024, The Llama 3 Herd of Models, arXiv:2407.21783",
        published=Architecture(
            shape=Shape(layers=32, width=4096, context=8192, vocabulary=128_256),
            embedding=Embedding(tied=False),
            position=Rope(theta=500_000.0),
            norm=RMSNorm(eps=1e-5),
            placement=Pre(),
            heads=Heads(query=32, kv=8),
            feed_forward=Gated(activation="silu", size=14_336),
            bias=Bias(places="none"),
        ),
        citations=cite(reference("llama"), *FORWARD)
        | cite(f"§3.2, Table 3; {LITGPT}", "shape", "heads", "feed_forward", "position")
        | cite(LITGPT, "norm", "embedding"),
        unknown=unstated("z_loss", "dropout"),
        notes=(
            Text(
                "LLaMA 3.1 stretches RoPE's slow frequencies by 8 for its longer context; 3.2 at 1 B and 3 B ties the "
                "embedding.",
                "LLaMA 3.1 为更长的上下文把 RoPE 的低频部分拉长 8 倍；3.2 的 1B 与 3B 共享嵌入表。",
            ),
        ),
    )
)
