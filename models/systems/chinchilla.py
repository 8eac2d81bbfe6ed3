"""Chinchilla at 70 B: Gopher's architecture, smaller and trained for longer."""

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

CHINCHILLA = register(
    System(
        id="chinchilla",
        name="Chinchilla",
        year=2022,
        maker="DeepMind",
        size="70B",
        citation="Hoffmann et al. 2022, arXiv:2203.15556",
        published=Architecture(
            shape=Shape(layers=80, width=8192, context=2048, vocabulary=32_000),
            embedding=Embedding(tied=True),
            position=TransformerXL(),
            norm=RMSNorm(),
            placement=Pre(),
            heads=Heads(query=64, kv=64),
            feed_forward=Plain(activation="gelu_tanh", size=4 * 8192),
            bias=Bias(places="all"),
        ),
        citations=cite("§4.1: as Gopher, arXiv:2112.11446, §3.1", "norm", "position", "placement")
        | cite("§4.1, Table 4", "feed_forward"),
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
            {"shape", "heads", "placement", "layout", "span", "qk_norm", "attention_cap", "output_cap", "sink"}
        ),
        notes=(
            Text(
                "It differs from Gopher in size, tokens and optimizer (AdamW for Adam), not in its block.",
                "它与 Gopher 的差别在规模、词元数与优化器（AdamW 取代 Adam），块结构相同。",
            ),
        ),
    )
)
