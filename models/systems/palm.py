"""PaLM at 540 B: parallel blocks, one key/value head, no biases."""

from models.architecture import Architecture
from models.bias import Bias
from models.caps import ZLoss
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.layout.parallel import Parallel
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import System, register
from models.text import Text

PALM = register(
    System(
        id="palm",
        name="PaLM",
        year=2022,
        maker="Google",
        size="540B",
        citation="Chowdhery et al. 2022, arXiv:2204.02311",
        published=Architecture(
            shape=Shape(layers=118, width=18_432, context=2048, vocabulary=256_000),
            embedding=Embedding(tied=True, logit_scale="inverse_sqrt_width"),
            position=Rope(),
            norm=LayerNorm(bias=False),
            placement=Pre(),
            layout=Parallel(),
            heads=Heads(query=48, kv=1, head_dim=256),
            feed_forward=Gated(activation="silu", size=4 * 18_432),
            bias=Bias(places="none"),
            z_loss=ZLoss(weight=1e-4),
        ),
        citations={axis: "§2" for axis in ("shape", "position", "norm", "layout", "heads", "feed_forward", "bias")}
        | {"embedding": "§2 (shared); §5 (logits × 1/√width)", "z_loss": "§5", "dropout": "§5: none", "init": "§5"},
        notes=(
            Text(
                "The paper writes LayerNorm without bias; lecture slides say RMSNorm, the paper nowhere does. "
                "This follows the paper; ε is not published.",
                "论文写的是不带偏置的 LayerNorm；有课件说是 RMSNorm，但论文里没有这种说法。这里以论文为准；ε 未公布。",
            ),
            Text(
                "How RoPE pairs the entries of a head is not published; here entry i turns with i + K/2.",
                "RoPE 如何配对未公布；这里第 i 维与第 i + K/2 维配对。",
            ),
            Text(
                "The paper draws the embedding table from N(0, 1); here it starts with σ = 1/√width, as the head reads "
                "it.",
                "论文的嵌入表按 N(0, 1) 初始化；这里取 σ = 1/√width，因为输出头也要读这张表。",
            ),
        ),
    )
)
