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
from models.systems.base import EPS_UNKNOWN, System, cite, register
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
        citations=cite(
            "§2", "position", "norm", "placement", "layout", "heads", "qk_norm", "span", "feed_forward", "bias"
        )
        | cite("§2.1, Table 1", "shape")
        | cite("§2 (shared); §5 (logits × 1/√width)", "embedding")
        | cite("§5: none", "dropout")
        | cite("§5", "z_loss", "init"),
        unknown={
            "norm": EPS_UNKNOWN,
            "position": Text(
                "Neither θ nor how RoPE pairs the entries of a head is published; here θ is 10,000, and entry i turns "
                "with i + K/2.",
                "θ 与 RoPE 的配对方式都未公布；这里 θ 取 10,000，第 i 维与第 i + K/2 维配对。",
            ),
        },
        from_memory=frozenset({"placement", "attention_cap", "output_cap", "sink"}),
        notes=(
            Text(
                "The paper writes LayerNorm without bias; lecture slides say RMSNorm, the paper nowhere does. "
                "This follows the paper.",
                "论文写的是不带偏置的 LayerNorm；有课件说是 RMSNorm，但论文里没有这种说法。这里以论文为准。",
            ),
            Text(
                "The paper draws the embedding table from N(0, 1); here it starts with σ = 1/√width, as the head reads "
                "it, so logits start √width times smaller.",
                "论文的嵌入表按 N(0, 1) 初始化；这里取 σ = 1/√width，因为输出头也要读这张表；"
                "于是起步时 logits 小 √width 倍。",
            ),
        ),
    )
)
