"""StarCoder at 15.5 B: GPT-2's block with a single key/value head and 8,192 learned positions."""

from models.architecture import Architecture
from models.bias import Bias
from models.dropout import Dropout
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.learned import Learned
from models.shape import Shape
from models.systems.base import System, cite, register
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/gpt_bigcode/modeling_gpt_bigcode.py"
CONFIG = "configuration of the released model"

STARCODER = register(
    System(
        id="starcoder",
        name="StarCoder",
        year=2023,
        maker="BigCode",
        size="15.5B",
        citation="Li et al. 2023, StarCoder: may the source be with you!, arXiv:2305.06161",
        published=Architecture(
            shape=Shape(layers=40, width=6144, context=8192, vocabulary=49_152),
            embedding=Embedding(tied=True),
            position=Learned(),
            norm=LayerNorm(eps=1e-5),
            placement=Pre(),
            heads=Heads(query=48, kv=1),
            feed_forward=Plain(activation="gelu", size=24_576),
            bias=Bias(places="all"),
            dropout=Dropout(rate=0.1),
        ),
        citations=cite("§5; configuration of the released model", "shape", "heads", "position")
        | cite(CONFIG, "feed_forward", "dropout")
        | cite(CODE, "embedding", "norm", "placement", "layout", "bias")
        | cite(CODE, "qk_norm", "span", "attention_cap", "sink", "output_cap"),
        from_memory=frozenset({"z_loss"}),
        notes=(
            Text(
                'The released configuration says "gelu", which transformers computes exactly; its class default is the '
                "tanh form.",
                "发布的配置写的是“gelu”，transformers 按精确形式计算；该类的默认值则是 tanh 形式。",
            ),
            Text(
                "Multi-query attention, with positions that still come from a table: nothing stands beyond 8,192.",
                "注意力已是 MQA，位置却仍来自一张表：超过 8,192 就没有位置可用。",
            ),
        ),
    )
)
