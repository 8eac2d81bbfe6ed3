"""OLMo at 7 B, the first release: LayerNorm without a single parameter."""

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

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/olmo/modeling_olmo.py"
TRAINED = "code allenai/OLMo@59a53e3 configs/official-0724"

OLMO_1 = register(
    System(
        id="olmo-1",
        name="OLMo",
        year=2024,
        maker="Allen Institute for AI",
        size="7B, first release",
        citation="Groeneveld et al. 2024, OLMo: Accelerating the Science of Language Models, arXiv:2402.00838",
        published=Architecture(
            shape=Shape(layers=32, width=4096, context=2048, vocabulary=50_304),
            embedding=Embedding(tied=False),
            position=Rope(theta=10_000.0),
            norm=LayerNorm(eps=1e-5, gain="none", bias=False),
            placement=Pre(),
            heads=Heads(query=32, kv=32),
            feed_forward=Gated(activation="silu", size=11_008),
            bias=Bias(places="none"),
        ),
        citations=cite(f"§2.1; {TRAINED}", "shape", "heads", "norm", "bias", "feed_forward")
        | cite(CODE, "position", "placement", "layout", "qk_norm", "span", "attention_cap", "sink", "output_cap")
        | cite(TRAINED, "embedding", "dropout", "z_loss"),
        notes=(
            Text(
                "The norms have neither gain nor offset. The releases of April and July 2024 clip q, k and v at ± 8 as "
                "well; the 1 B ties the embedding.",
                "归一化既无增益也无偏移。2024 年 4 月与 7 月的版本还把 q、k、v 截断在 ±8；1B 共享嵌入。",
            ),
            Text(
                "The configuration's 22,016 counts both branches of SwiGLU. The vocabulary of 50,280 is padded to "
                "50,304 rows.",
                "配置里的 22,016 把 SwiGLU 的两个分支一起算了。50,280 的词表补齐到 50,304 行。",
            ),
        ),
    )
)
