"""OPT at 175 B: GPT-3's shape with ReLU, and published weights."""

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

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/opt/modeling_opt.py"
TRAINED = "code facebookresearch/metaseq@f7ffa5f metaseq/launcher/opt_baselines.py"

OPT = register(
    System(
        id="opt",
        name="OPT",
        year=2022,
        maker="Meta",
        size="175B",
        citation="Zhang et al. 2022, OPT: Open Pre-trained Transformer Language Models, arXiv:2205.01068",
        published=Architecture(
            shape=Shape(layers=96, width=12_288, context=2048, vocabulary=50_272),
            embedding=Embedding(tied=True),
            position=Learned(),
            norm=LayerNorm(eps=1e-5),
            placement=Pre(),
            heads=Heads(query=96, kv=96),
            feed_forward=Plain(activation="relu", size=49_152),
            bias=Bias(places="all"),
            dropout=Dropout(rate=0.1, place="attention~residual"),
        ),
        citations=cite(CODE, "embedding", "norm", "placement", "layout", "bias")
        | cite(CODE, "qk_norm", "span", "attention_cap", "sink", "output_cap", "position")
        | cite(TRAINED, "heads", "feed_forward", "dropout")
        | {"shape": f"{TRAINED}; vocabulary and context: {CODE}"},
        from_memory=frozenset({"z_loss"}),
        notes=(
            Text(
                "The 350 M size alone is post-norm, has no final norm, and widens a table of 512 to a model of 1,024.",
                "只有 350M 这一档用后置归一化，末尾没有归一化，并把宽 512 的嵌入表投影到宽 1,024 的模型。",
            ),
            Text(
                "The released table of positions begins with two rows that no token uses: position 0 reads the third. "
                "They are left out here.",
                "发布的位置表开头有两行从不使用：位置 0 读的是第三行。这里省去了这两行。",
            ),
        ),
    )
)
