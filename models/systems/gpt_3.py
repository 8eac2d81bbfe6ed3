"""GPT-3 at 175 B, all of its layers read as dense ones."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.init.normal import Normal
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.learned import Learned
from models.shape import Shape
from models.systems.base import EPS_UNKNOWN, NOTHING_SAID, System, cite, register
from models.text import Text

GPT_3 = register(
    System(
        id="gpt-3",
        name="GPT-3",
        year=2020,
        maker="OpenAI",
        size="175B",
        citation="Brown et al. 2020, Language Models are Few-Shot Learners, arXiv:2005.14165",
        reading="dense",
        left_out=Text(
            "Every other layer of the published model is sparse, within a band whose width is not published; here all "
            "are dense.",
            "原模型每隔一层用带状稀疏注意力，带宽未公布；这里所有层都是稠密的。",
        ),
        published=Architecture(
            shape=Shape(layers=96, width=12_288, context=2048, vocabulary=50_257),
            embedding=Embedding(tied=True),
            position=Learned(),
            norm=LayerNorm(),
            placement=Pre(),
            heads=Heads(query=96, kv=96, head_dim=128),
            feed_forward=Plain(activation="gelu_tanh", size=4 * 12_288),
            bias=Bias(places="all"),
            init=Normal(std=0.02, residual="depth"),
        ),
        citations=cite("§2.1, Table 2.1", "shape", "heads")
        | cite("§2.1: as GPT-2", "position", "norm", "placement", "layout", "feed_forward", "init")
        | cite("§2.1", "span"),
        unknown={
            "norm": EPS_UNKNOWN,
            "span": Text(
                "The width of the band of the sparse layers is not published; here there is none.",
                "稀疏层的带宽未公布；这里不用带状注意力。",
            ),
            "dropout": NOTHING_SAID,
        },
        from_memory=frozenset({"bias", "embedding", "qk_norm", "attention_cap", "output_cap", "z_loss", "sink"}),
        facts={"span": Text("full and banded in turn", "全部与带状交替")},
        notes=(
            Text(
                "The paper names GPT-2's architecture; biases, tied embedding and the tanh form of GELU are GPT-2's.",
                "论文只说沿用 GPT-2 的架构；偏置、共享嵌入与 tanh 形式的 GELU 取自 GPT-2。",
            ),
            Text(
                "Alternating dense and sparse layers follow the Sparse Transformer (arXiv:1904.10509).",
                "稠密层与稀疏层交替的做法来自 Sparse Transformer（arXiv:1904.10509）。",
            ),
        ),
    )
)
