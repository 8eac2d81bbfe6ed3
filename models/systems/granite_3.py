"""Granite 3.0 at 8 B: LLaMA's block with four multipliers."""

from models.architecture import Architecture
from models.bias import Bias
from models.dropout import Dropout
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.layout.serial import Serial
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import System, cite, register, unstated
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/granite/modeling_granite.py"
CONFIG = "configuration of the released model"

GRANITE_3 = register(
    System(
        id="granite-3",
        name="Granite 3",
        year=2024,
        maker="IBM",
        size="3.0 8B",
        citation="IBM 2024, Granite 3.0; its training recipe: Shen et al. 2024, Power Scheduler, arXiv:2408.13359",
        published=Architecture(
            shape=Shape(layers=40, width=4096, context=4096, vocabulary=49_155),
            embedding=Embedding(tied=True, scale=12.0, logit_scale=1 / 16),
            position=Rope(theta=10_000.0),
            norm=RMSNorm(eps=1e-5),
            placement=Pre(),
            layout=Serial(residual=0.22),
            heads=Heads(query=32, kv=8, scale=0.0078125),
            feed_forward=Gated(activation="silu", size=12_800),
            bias=Bias(places="none"),
            dropout=Dropout(rate=0.1, place="attention"),
        ),
        citations=cite(CONFIG, "shape", "position", "norm", "feed_forward", "bias", "dropout")
        | cite(f"{CONFIG}; {CODE}", "embedding", "layout", "heads")
        | cite(CODE, "placement", "qk_norm", "span", "attention_cap", "sink", "output_cap"),
        unknown=unstated("z_loss"),
        notes=(
            Text(
                "Embeddings × 12, each branch × 0.22 before it is added, scores × 1/128 and logits ÷ 16 keep learning "
                "rates alike from size to size (μP).",
                "嵌入 × 12、每个分支相加之前 × 0.22、分数 × 1/128、logits ÷ 16：为的是让不同规模用同样的学习率（μP）。",
            ),
            Text(
                "Scores are scaled by one over the head width, not over its root. The tiny twin keeps 1/128, though "
                "its heads are 16 wide.",
                "分数缩放取头宽的倒数，而不是其平方根的倒数。微缩版保留 1/128，虽然它的头宽只有 16。",
            ),
        ),
    )
)
