"""BLOOM at 176 B: ALiBi, and a norm right after the embedding."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.alibi import Alibi
from models.shape import Shape
from models.systems.base import System, cite, register
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/bloom/modeling_bloom.py"
TRAINED = "code bigscience-workshop/bigscience@9e64ede train/tr11-176B-ml/tr11-176B-ml.slurm"

BLOOM = register(
    System(
        id="bloom",
        name="BLOOM",
        year=2022,
        maker="BigScience",
        size="176B",
        citation="BigScience Workshop 2022, arXiv:2211.05100",
        published=Architecture(
            shape=Shape(layers=70, width=14_336, context=2048, vocabulary=250_880),
            embedding=Embedding(tied=True),
            position=Alibi(),
            norm=LayerNorm(eps=1e-5),
            placement=Pre(embedding=True),
            heads=Heads(query=112, kv=112),
            feed_forward=Plain(activation="gelu_tanh", size=57_344),
            bias=Bias(places="all"),
        ),
        citations=cite(CODE, "embedding", "norm", "layout", "feed_forward", "bias")
        | cite(CODE, "qk_norm", "span", "attention_cap", "sink", "output_cap")
        | cite(TRAINED, "shape", "heads")
        | cite(f"§3.2; {TRAINED}", "position", "placement")
        | {"dropout": "configuration of the released model"},
        from_memory=frozenset({"z_loss"}),
        notes=(
            Text(
                "112 heads are no power of two, so ALiBi's slopes are those of 64 heads and then 48 that lie between "
                "them.",
                "112 个头不是 2 的幂，因此 ALiBi 的斜率先取 64 个头的那一组，再取介于其间的 48 个。",
            ),
            Text(
                "The vocabulary has 250,680 entries; the table is padded to 250,880 rows.",
                "词表有 250,680 项，嵌入表补齐到 250,880 行。",
            ),
        ),
    )
)
