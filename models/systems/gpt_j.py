"""GPT-J at 6 B: the parallel block, and RoPE on a quarter of each head."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.layout.parallel import Parallel
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import FORWARD, System, cite, reference, register
from models.text import Text

CODE = "code kingoflolz/mesh-transformer-jax@f8315e3 configs/6B_roto_256.json"

GPT_J = register(
    System(
        id="gpt-j",
        name="GPT-J",
        year=2021,
        maker="EleutherAI",
        size="6B",
        citation="Wang & Komatsuzaki 2021, GPT-J-6B, code kingoflolz/mesh-transformer-jax",
        published=Architecture(
            shape=Shape(layers=28, width=4096, context=2048, vocabulary=50_400),
            embedding=Embedding(tied=False),
            position=Rope(theta=10_000.0, fraction=0.25, pairing="interleaved"),
            norm=LayerNorm(eps=1e-5),
            placement=Pre(),
            layout=Parallel(),
            heads=Heads(query=16, kv=16),
            feed_forward=Plain(activation="gelu_tanh", size=16_384),
            bias=Bias(places="feed_forward~head"),
        ),
        citations=cite(reference("gptj"), *FORWARD, "dropout")
        | cite(CODE, "shape", "position", "heads", "feed_forward"),
        from_memory=frozenset({"z_loss"}),
        notes=(
            Text(
                "Attention has no biases, the feed-forward and the head have.",
                "注意力没有偏置，前馈层与输出头有。",
            ),
            Text(
                "Of 50,400 rows of the table, 50,257 are in use; the rest is padding.",
                "嵌入表的 50,400 行中用到 50,257 行，其余是填充。",
            ),
        ),
    )
)
