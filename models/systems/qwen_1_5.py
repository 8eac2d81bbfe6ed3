"""Qwen1.5 at 7 B: LLaMA's block with biases on q, k and v."""

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

QWEN_1_5 = register(
    System(
        id="qwen-1.5",
        name="Qwen1.5",
        year=2024,
        maker="Alibaba",
        size="7B",
        citation="Bai et al. 2023, Qwen, arXiv:2309.16609, and the release 1.5 of 2024",
        published=Architecture(
            shape=Shape(layers=32, width=4096, context=32_768, vocabulary=151_936),
            embedding=Embedding(tied=False),
            position=Rope(theta=1_000_000.0),
            norm=RMSNorm(eps=1e-6),
            placement=Pre(),
            heads=Heads(query=32, kv=32),
            feed_forward=Gated(activation="silu", size=11_008),
            bias=Bias(places="qkv"),
        ),
        citations=cite(reference("qwen2"), *FORWARD)
        | cite(f"§2.3; {reference('qwen2')}", "position", "norm", "placement", "feed_forward")
        | cite("§2.3; code QwenLM/Qwen@2df8e8a tech_memo.md", "bias", "embedding"),
        unknown=unstated("z_loss", "dropout"),
        from_memory=frozenset({"position", "feed_forward", "shape"}),
        notes=(
            Text(
                "Biases on q, k and v are meant to help with longer texts; they stayed until Qwen2.5 and are gone in "
                "Qwen3.",
                "q、k、v 上的偏置意在改善长文本外推，沿用到 Qwen2.5，Qwen3 已去掉。",
            ),
            Text(
                "θ is 10,000 in the first Qwen; 151,851 rows of the table are in use.",
                "第一代 Qwen 的 θ 是 10,000；嵌入表用到 151,851 行。",
            ),
        ),
    )
)
