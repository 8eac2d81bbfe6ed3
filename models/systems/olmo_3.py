"""OLMo 3 at 7 B: OLMo 2 with a window in three layers of four, and YaRN in the fourth."""

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
from models.span.window import Window
from models.systems.base import System, cite, register, unstated
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/olmo3/modeling_olmo3.py"
CONFIG = "configuration of the released model"

OLMO_3 = register(
    System(
        id="olmo-3",
        name="OLMo 3",
        year=2025,
        maker="Allen Institute for AI",
        size="7B",
        citation="OLMo Team 2025, Olmo 3, arXiv:2512.13961",
        published=Architecture(
            shape=Shape(layers=32, width=4096, context=65_536, vocabulary=100_278),
            embedding=Embedding(tied=False),
            position=Rope(theta=500_000.0, scaling="yarn", factor=8.0, original=8192, local_scaling="none"),
            norm=RMSNorm(eps=1e-6),
            placement=ResidualPost(),
            heads=Heads(query=32, kv=32),
            qk_norm=FullWidth(eps=1e-6),
            span=Window(window=4096, pattern="3_to_1"),
            feed_forward=Gated(activation="silu", size=11_008),
            bias=Bias(places="none"),
            z_loss=ZLoss(weight=1e-5),
        ),
        citations=cite(CODE, "norm", "placement", "layout", "qk_norm", "bias", "attention_cap", "sink", "output_cap")
        | cite(CONFIG, "shape", "heads", "embedding", "feed_forward")
        | cite(f"arXiv:2512.13961; {CONFIG}", "position", "span")
        | {"z_loss": "arXiv:2512.13961"},
        unknown=unstated("dropout"),
        notes=(
            Text(
                "RoPE stays in all layers, unlike Command A and SmolLM3; the extension from 8,192 to 65,536 tokens by "
                "YaRN touches the full layers alone.",
                "与 Command A、SmolLM3 不同，所有层都保留 RoPE；用 YaRN 从 8,192 扩展到 65,536 只改动全局层。",
            ),
            Text(
                "The released table of tokens is not padded, as OLMo 2's was: 100,278 rows for 100,352. The 32 B "
                "shares key/value heads, 40 to 8.",
                "发布的词元表不再像 OLMo 2 那样补齐：100,278 行，而非 100,352 行。32B 用 GQA，"
                "40 个查询头共用 8 个键值头。",
            ),
        ),
    )
)
