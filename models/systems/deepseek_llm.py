"""DeepSeek LLM at 7 B: LLaMA's block, 30 layers deep."""

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

DEEPSEEK_LLM = register(
    System(
        id="deepseek-llm",
        name="DeepSeek LLM",
        year=2024,
        maker="DeepSeek",
        size="7B",
        citation="DeepSeek-AI 2024, DeepSeek LLM, arXiv:2401.02954",
        published=Architecture(
            shape=Shape(layers=30, width=4096, context=4096, vocabulary=102_400),
            embedding=Embedding(tied=False),
            position=Rope(theta=10_000.0),
            norm=RMSNorm(eps=1e-6),
            placement=Pre(),
            heads=Heads(query=32, kv=32),
            feed_forward=Gated(activation="silu", size=11_008),
            bias=Bias(places="none"),
        ),
        citations=cite(f"{reference('llama')}, the type of the released model", *FORWARD)
        | cite("§2.2, Table 2", "shape", "heads")
        | cite("§2.2: after LLaMA", "norm", "placement", "position", "feed_forward"),
        unknown=unstated("z_loss", "dropout"),
        from_memory=frozenset({"norm", "bias", "feed_forward", "position", "embedding"}),
        notes=(
            Text(
                "67 B is deeper rather than wider: 95 layers, and GQA 64/8.",
                "67B 选择加深而非加宽：95 层，并用 GQA 64/8。",
            ),
        ),
    )
)
