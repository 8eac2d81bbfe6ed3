"""Gemma at 7 B: wide heads, a very wide GeGLU, gains kept as 1 + w."""

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

CODE = "code google/gemma_pytorch@014acb7 gemma/config.py"

GEMMA_1 = register(
    System(
        id="gemma-1",
        name="Gemma",
        year=2024,
        maker="Google",
        size="7B",
        citation="Gemma Team 2024, Gemma, arXiv:2403.08295",
        published=Architecture(
            shape=Shape(layers=28, width=3072, context=8192, vocabulary=256_000),
            embedding=Embedding(tied=True, scale="sqrt_width"),
            position=Rope(theta=10_000.0),
            norm=RMSNorm(eps=1e-6, gain="one_plus_w"),
            placement=Pre(),
            heads=Heads(query=16, kv=16, head_dim=256),
            feed_forward=Gated(activation="gelu_tanh", size=24_576),
            bias=Bias(places="none"),
        ),
        citations=cite(reference("gemma"), *FORWARD) | cite(f"§2, Table 1; {CODE}", "shape", "heads", "feed_forward"),
        unknown=unstated("z_loss", "dropout"),
        notes=(
            Text(
                "The report's first version speaks of norms on input and output; the code has them on the input alone.",
                "技术报告第一版说输入与输出都归一化；代码里只有输入处有。",
            ),
            Text(
                "The 7 B size has 16 key/value heads, the 2 B size one.",
                "7B 有 16 个键值头，2B 只有一个。",
            ),
        ),
    )
)
