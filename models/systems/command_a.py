"""Command A, at the size of its small sibling R7B: three layers with window and RoPE to one with neither."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.layout.parallel import Parallel
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.span.window import Window
from models.systems.base import System, cite, register, unstated
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/cohere2/modeling_cohere2.py"
CONFIG = "configuration of the released model"

COMMAND_A = register(
    System(
        id="command-a",
        name="Command A",
        year=2025,
        maker="Cohere",
        size="R7B",
        citation="Cohere 2025, Command A, arXiv:2504.00698",
        published=Architecture(
            shape=Shape(layers=32, width=4096, context=131_072, vocabulary=256_000),
            embedding=Embedding(tied=True, logit_scale=0.25),
            position=Rope(theta=50_000.0, pairing="interleaved", layers="local"),
            norm=LayerNorm(eps=1e-5, bias=False),
            placement=Pre(),
            layout=Parallel(),
            heads=Heads(query=32, kv=8),
            span=Window(window=4096, pattern="3_to_1"),
            feed_forward=Gated(activation="silu", size=14_336),
            bias=Bias(places="none"),
        ),
        citations=cite(CONFIG, "shape", "heads", "embedding", "feed_forward")
        | cite(CODE, "norm", "placement", "layout", "bias", "qk_norm", "attention_cap", "sink", "output_cap")
        | {
            "position": f"§2; arXiv:2501.18795; pairing: {CODE}",
            "span": f"§2; {CONFIG}",
        },
        unknown=unstated("dropout", "z_loss"),
        from_memory=frozenset({"position"}),
        notes=(
            Text(
                "The report describes both sizes as one design. The size is that of Command R7B, whose numbers are "
                "published in full; Command A itself has 111 B: 64 layers of width 12,288 and 96 heads (from memory).",
                "报告把两种规模写成同一设计。这里取数据齐全的 Command R7B；Command A 本身为 111B：64 层，宽 12,288，"
                "96 个头（凭记忆）。",
            ),
            Text(
                "Every fourth layer sees everything and has no positions at all: it knows order only through the mask "
                "and the layers below it.",
                "每四层中有一层能看到全部内容，却完全没有位置编码：次序只能来自掩码和下面各层。",
            ),
        ),
    )
)
