"""StarCoder2 at 3 B: RoPE, GQA and a window, and still LayerNorm, GELU and biases everywhere."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.span.window import Window
from models.systems.base import System, cite, register
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/starcoder2/modeling_starcoder2.py"
CONFIG = "configuration of the released model"

STARCODER_2 = register(
    System(
        id="starcoder-2",
        name="StarCoder2",
        year=2024,
        maker="BigCode",
        size="3B",
        citation="Lozhkov et al. 2024, StarCoder 2 and The Stack v2, arXiv:2402.19173",
        published=Architecture(
            shape=Shape(layers=30, width=3072, context=16_384, vocabulary=49_152),
            embedding=Embedding(tied=True),
            position=Rope(theta=999_999.4420358813),
            norm=LayerNorm(eps=1e-5),
            placement=Pre(),
            heads=Heads(query=24, kv=2),
            span=Window(window=4096, pattern="all"),
            feed_forward=Plain(activation="gelu_tanh", size=12_288),
            bias=Bias(places="all"),
        ),
        citations=cite(CONFIG, "shape", "heads", "position", "norm", "feed_forward", "embedding", "bias")
        | cite(CODE, "placement", "layout", "qk_norm", "attention_cap", "sink", "output_cap")
        | {
            "span": "model card; configuration of the released model",
            "dropout": "code huggingface/transformers@v5.23.0 src/transformers/models/starcoder2: the default",
        },
        from_memory=frozenset({"z_loss"}),
        notes=(
            Text(
                "Every layer has the window of 4,096, so that no layer sees the whole context of 16,384.",
                "每一层都用 4,096 的窗口，没有哪一层能看到 16,384 的整个上下文。",
            ),
            Text(
                "θ of the 3 B is 999,999.442, not a round number; the 7 B and 15 B have others.",
                "3B 的 θ 是 999,999.442，并非整数；7B 与 15B 另取别的值。",
            ),
        ),
    )
)
