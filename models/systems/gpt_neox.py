"""GPT-NeoX at 20 B: a parallel block in which each branch got its own norm, by an oversight."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.layout.parallel_two_norms import ParallelTwoNorms
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import System, cite, register
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/gpt_neox/modeling_gpt_neox.py"
TRAINED = "code EleutherAI/gpt-neox@ea7aefd configs/20B.yml"

GPT_NEOX = register(
    System(
        id="gpt-neox",
        name="GPT-NeoX",
        year=2022,
        maker="EleutherAI",
        size="20B",
        citation="Black et al. 2022, GPT-NeoX-20B, arXiv:2204.06745",
        published=Architecture(
            shape=Shape(layers=44, width=6144, context=2048, vocabulary=50_432),
            embedding=Embedding(tied=False),
            position=Rope(theta=10_000.0, fraction=0.25),
            norm=LayerNorm(eps=1e-5),
            placement=Pre(),
            layout=ParallelTwoNorms(),
            heads=Heads(query=64, kv=64),
            feed_forward=Plain(activation="gelu", size=24_576),
            bias=Bias(places="all"),
        ),
        citations=cite(TRAINED, "shape", "heads", "embedding", "dropout")
        | cite(CODE, "norm", "placement", "bias", "qk_norm", "span", "attention_cap", "sink", "output_cap")
        | {
            "position": f"§2.1; {TRAINED}",
            "layout": f"§2.1; {CODE}",
            "feed_forward": "configuration of the released model",
        },
        from_memory=frozenset({"z_loss"}),
        notes=(
            Text(
                "The paper meant both branches to share one norm, as in GPT-J; the code applied two, and the model was "
                "trained that way.",
                "论文原本打算像 GPT-J 那样让两个分支共用一个归一化，代码里却用了两个，模型就这样训练完成。",
            ),
            Text(
                "Only the first 24 of a head's 96 entries are rotated. The table of tokens is padded from 50,257 rows "
                "to 50,432.",
                "每个头的 96 维中只旋转前 24 维。词元表由 50,257 行补齐到 50,432 行。",
            ),
        ),
    )
)
