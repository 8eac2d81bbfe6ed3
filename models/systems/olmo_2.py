"""OLMo 2 at 7 B: the norm moved behind the sublayer, inside the residual; QK norm over the full width."""

from models.architecture import Architecture
from models.bias import Bias
from models.caps import ZLoss
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.residual_post import ResidualPost
from models.position.rope import Rope
from models.qk_norm.full_width import FullWidth
from models.shape import Shape
from models.systems.base import System, cite, register
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/olmo2/modeling_olmo2.py"
TRAINED = "code allenai/OLMo@59a53e3 configs/official-1124"

OLMO_2 = register(
    System(
        id="olmo-2",
        name="OLMo 2",
        year=2024,
        maker="Allen Institute for AI",
        size="7B",
        citation="OLMo Team 2024, 2 OLMo 2 Furious, arXiv:2501.00656",
        published=Architecture(
            shape=Shape(layers=32, width=4096, context=4096, vocabulary=100_352),
            embedding=Embedding(tied=False),
            position=Rope(theta=500_000.0),
            norm=RMSNorm(eps=1e-6),
            placement=ResidualPost(),
            heads=Heads(query=32, kv=32),
            qk_norm=FullWidth(eps=1e-6),
            feed_forward=Gated(activation="silu", size=11_008),
            bias=Bias(places="none"),
            z_loss=ZLoss(weight=1e-5),
        ),
        citations=cite(f"§2.1, Table 1; {TRAINED}", "shape", "heads", "position", "feed_forward")
        | cite(f"§2.1; {CODE}", "norm", "placement", "qk_norm", "bias")
        | cite(CODE, "layout", "span", "attention_cap", "sink", "output_cap")
        | {"z_loss": f"§2.1; {TRAINED}", "dropout": TRAINED, "embedding": TRAINED},
        notes=(
            Text(
                "x + N(f(x)): a sublayer reads the stream as it is and its output is normalized before it is added. "
                "That is neither pre-norm nor the original post-norm, N(x + f(x)).",
                "x + N(f(x))：子层直接读残差流，输出先归一化再相加。它既不是前置归一化，也不是最初的后置归一化 "
                "N(x + f(x))。",
            ),
            Text(
                "QK norm takes its statistics over all heads together, before the split. The 32 B shares key/value "
                "heads, 40 to 8.",
                "QK 归一化在拆分各头之前进行，统计量取自所有头。32B 用 GQA，40 个查询头共用 8 个键值头。",
            ),
            Text(
                "The vocabulary of 100,278 is padded to 100,352 rows.",
                "100,278 的词表补齐到 100,352 行。",
            ),
        ),
    )
)
