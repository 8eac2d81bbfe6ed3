"""Phi-3-mini at 3.8 B: LLaMA's block with heads of 96."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.span.window import Window
from models.systems.base import System, cite, register, unstated
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/phi3/modeling_phi3.py"
CONFIG = "configuration of the released model"

PHI_3 = register(
    System(
        id="phi-3",
        name="Phi-3",
        year=2024,
        maker="Microsoft",
        size="mini, 3.8B, 4k context",
        citation="Abdin et al. 2024, Phi-3 Technical Report, arXiv:2404.14219",
        published=Architecture(
            shape=Shape(layers=32, width=3072, context=4096, vocabulary=32_064),
            embedding=Embedding(tied=False),
            position=Rope(theta=10_000.0),
            norm=RMSNorm(eps=1e-5),
            placement=Pre(),
            heads=Heads(query=32, kv=32),
            span=Window(window=2047, pattern="all"),
            feed_forward=Gated(activation="silu", size=8192),
            bias=Bias(places="none"),
        ),
        citations=cite("§2; configuration of the released model", "shape", "heads", "position")
        | cite(CONFIG, "embedding", "norm", "feed_forward", "dropout")
        | cite(CODE, "placement", "layout", "bias", "qk_norm", "attention_cap", "sink", "output_cap")
        | {"span": CONFIG},
        unknown=unstated("z_loss"),
        notes=(
            Text(
                "The window, an odd 2,047, is what the released configuration says; other code bases say 2,048.",
                "窗口是不寻常的 2,047：发布的配置如此，别的代码库写作 2,048。",
            ),
            Text(
                "The 128k version stretches RoPE by LongRoPE, a factor for every pair. Phi-3-small is another design, "
                "with GeGLU (from memory).",
                "128k 版本用 LongRoPE 拉长 RoPE，每一对维度各有一个系数。Phi-3-small 是另一种设计，据记忆用 GeGLU。",
            ),
        ),
    )
)
