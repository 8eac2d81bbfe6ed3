"""Falcon at 7 B: 71 query heads that share a single key/value head, in a parallel block."""

from models.architecture import Architecture
from models.bias import Bias
from models.caps import ZLoss
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.layout.parallel import Parallel
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import System, cite, register
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/falcon/modeling_falcon.py"
CONFIG = "configuration of the released model"

FALCON = register(
    System(
        id="falcon",
        name="Falcon",
        year=2023,
        maker="TII",
        size="7B",
        citation="Almazrouei et al. 2023, The Falcon Series of Open Language Models, arXiv:2311.16867",
        published=Architecture(
            shape=Shape(layers=32, width=4544, context=2048, vocabulary=65_024),
            embedding=Embedding(tied=True),
            position=Rope(theta=10_000.0),
            norm=LayerNorm(eps=1e-5),
            placement=Pre(),
            layout=Parallel(),
            heads=Heads(query=71, kv=1),
            feed_forward=Plain(activation="gelu", size=18_176),
            bias=Bias(places="none"),
            z_loss=ZLoss(weight=1e-4),
        ),
        citations=cite(CONFIG, "shape", "heads", "embedding", "bias")
        | cite(CODE, "position", "norm", "placement", "layout", "feed_forward")
        | cite(CODE, "qk_norm", "span", "attention_cap", "sink", "output_cap")
        | {"dropout": "arXiv:2311.16867", "z_loss": "model card of Falcon-7B, 2023"},
        notes=(
            Text(
                "One key/value head serves all 71. At 40 B and 180 B there are eight, and each branch of the parallel "
                "block has a norm of its own.",
                "71 个查询头共用一个键值头。40B 与 180B 有八个键值头，并行块的两个分支也各有一个归一化。",
            ),
            Text(
                "Linear layers have no biases, yet the LayerNorms keep their offsets. The RW models are another "
                "design: ALiBi in a serial block with biases.",
                "线性层没有偏置，LayerNorm 却保留偏移。RW 系列是另一种设计：串行块、ALiBi、带偏置。",
            ),
        ),
    )
)
