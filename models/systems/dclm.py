"""DCLM at 7 B, trained with OpenLM: LayerNorm without bias, QK norm over the full width, z-loss."""

from models.architecture import Architecture
from models.bias import Bias
from models.caps import ZLoss
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.qk_norm.full_width import FullWidth
from models.shape import Shape
from models.systems.base import FORWARD, System, cite, register
from models.text import Text

CODE = "code mlfoundations/open_lm@9bb92ef open_lm/model.py"
CONFIGURATION = "code mlfoundations/dclm@361714b training/configs"

DCLM = register(
    System(
        id="dclm",
        name="DCLM",
        year=2024,
        maker="DataComp",
        size="7B",
        citation="Li et al. 2024, DataComp-LM, arXiv:2406.11794",
        published=Architecture(
            shape=Shape(layers=32, width=4096, context=2048, vocabulary=50_432),
            embedding=Embedding(tied=False),
            position=Rope(theta=10_000.0),
            norm=LayerNorm(eps=1e-5, bias=False),
            placement=Pre(),
            heads=Heads(query=32, kv=32),
            qk_norm=FullWidth(kind="layernorm", eps=1e-5),
            feed_forward=Gated(activation="silu", size=11_008),
            bias=Bias(places="none"),
            z_loss=ZLoss(weight=5e-6),
        ),
        citations=cite(CODE, *FORWARD, "dropout") | cite(CONFIGURATION, "shape", "heads", "norm", "qk_norm", "z_loss"),
        notes=(
            Text(
                "Queries and keys are normalized over all heads at once, before they are split and rotated.",
                "q 与 k 在拆分成头、旋转之前，按整个宽度一起归一化。",
            ),
            Text(
                "z-loss is 5e-6 at 7 B and 1e-4 up to 1 B; OpenLM averages it over all positions.",
                "z-loss 系数在 7B 为 5e-6，1B 及以下为 1e-4；OpenLM 对所有位置取平均。",
            ),
        ),
    )
)
