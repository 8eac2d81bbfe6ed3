"""StableLM-3B-4E1T: LLaMA's block with LayerNorm and a quarter of each head rotated."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import System, cite, register
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/stablelm/modeling_stablelm.py"
CONFIG = "configuration of the released model"

STABLELM = register(
    System(
        id="stablelm",
        name="StableLM",
        year=2023,
        maker="Stability AI",
        size="3B-4E1T",
        citation="Stability AI 2023, StableLM-3B-4E1T (model card and technical report)",
        published=Architecture(
            shape=Shape(layers=32, width=2560, context=4096, vocabulary=50_304),
            embedding=Embedding(tied=False),
            position=Rope(theta=10_000.0, fraction=0.25),
            norm=LayerNorm(eps=1e-5),
            placement=Pre(),
            heads=Heads(query=32, kv=32),
            feed_forward=Gated(activation="silu", size=6912),
            bias=Bias(places="none"),
        ),
        citations=cite("model card", "shape", "heads")
        | cite("model card; configuration of the released model", "position", "norm")
        | cite(CONFIG, "embedding", "feed_forward", "bias", "dropout")
        | cite(CODE, "placement", "layout", "qk_norm", "span", "attention_cap", "sink", "output_cap"),
        from_memory=frozenset({"z_loss"}),
        notes=(
            Text(
                "StableLM 2 (arXiv:2402.17834) adds biases to q, k and v; its 12 B is said to use a parallel block "
                "with a norm for every head's q and k (from memory).",
                "StableLM 2（arXiv:2402.17834）给 q、k、v 加了偏置；据记忆，其 12B 用并行块，每个头的 q 与 k 各有一个"
                "归一化。",
            ),
            Text(
                "The LayerNorms keep their offsets although no linear layer has a bias.",
                "线性层都没有偏置，LayerNorm 却保留偏移。",
            ),
        ),
    )
)
