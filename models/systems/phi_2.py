"""Phi-2 at 2.7 B: a parallel block, RoPE on two fifths of each head, biases up to the output head."""

from models.architecture import Architecture
from models.bias import Bias
from models.dropout import Dropout
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.layout.parallel import Parallel
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import System, cite, register
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/phi/modeling_phi.py"
CONFIG = "configuration of the released model"

PHI_2 = register(
    System(
        id="phi-2",
        name="Phi-2",
        year=2023,
        maker="Microsoft",
        size="2.7B",
        citation="Microsoft 2023, Phi-2 (blog and weights); its predecessor: Gunasekar et al. 2023, arXiv:2306.11644",
        published=Architecture(
            shape=Shape(layers=32, width=2560, context=2048, vocabulary=51_200),
            embedding=Embedding(tied=False),
            position=Rope(theta=10_000.0, fraction=0.4),
            norm=LayerNorm(eps=1e-5),
            placement=Pre(),
            layout=Parallel(),
            heads=Heads(query=32, kv=32),
            feed_forward=Plain(activation="gelu_tanh", size=10_240),
            bias=Bias(places="qkv~attention_out~feed_forward~head"),
            dropout=Dropout(rate=0.1, place="residual"),
        ),
        citations=cite(CONFIG, "shape", "heads", "position", "embedding", "norm", "feed_forward", "dropout")
        | cite(CODE, "placement", "bias", "qk_norm", "span", "attention_cap", "sink", "output_cap")
        | {"layout": f"arXiv:2306.11644, §2.3; {CODE}"},
        from_memory=frozenset({"z_loss"}),
        notes=(
            Text(
                "Phi-1 and Phi-1.5 are the same design at 24 layers and width 2,048, with half of each head of 64 "
                "rotated; here it is 32 entries of 80.",
                "Phi-1 与 Phi-1.5 设计相同：24 层、宽 2,048，头宽 64，旋转其中一半；这里是 80 维中的 32 维。",
            ),
            Text(
                "Even the output head has a bias. Phi-3 gave all of this up for LLaMA's block.",
                "连输出头都有偏置。到 Phi-3，这些设计全部让位给 LLaMA 式的块。",
            ),
        ),
    )
)
