"""ViT-22B, a vision encoder, its block read as a causal decoder of tokens."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.layout.parallel import Parallel
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.learned import Learned
from models.qk_norm.per_head import PerHead
from models.shape import Shape
from models.systems.base import System, cite, register, unstated
from models.text import Text

VIT_22B = register(
    System(
        id="vit-22b",
        name="ViT-22B",
        year=2023,
        maker="Google",
        size="22B",
        citation="Dehghani et al. 2023, Scaling Vision Transformers to 22 Billion Parameters, arXiv:2302.05442",
        reading="dense",
        left_out=Text(
            "It is an image encoder: left out are attention to both sides, the embedding of patches and the pooling.",
            "它是图像编码器：这里略去了双向注意力、图块嵌入与池化。",
        ),
        published=Architecture(
            shape=Shape(layers=48, width=6144, context=256, vocabulary=1000),
            embedding=Embedding(tied=False),
            position=Learned(),
            norm=RMSNorm(eps=1e-6),
            placement=Pre(),
            layout=Parallel(),
            heads=Heads(query=48, kv=48),
            qk_norm=PerHead(kind="rmsnorm"),
            feed_forward=Plain(activation="gelu", size=24_576),
            bias=Bias(places="feed_forward"),
        ),
        citations=cite("§2, Table 1", "shape", "heads", "feed_forward")
        | cite("§2", "norm", "placement", "layout", "qk_norm", "bias", "span"),
        unknown={
            "shape": Text(
                "An image has 256 patches of 14 × 14 at 224 × 224; there is no vocabulary, the 1,000 here are ours.",
                "224 × 224 的图像有 256 个 14 × 14 的图块；它没有词表，这里的 1,000 是我们定的。",
            ),
            "embedding": Text(
                "It embeds patches; the table of tokens and the head are ours.",
                "它嵌入的是图块；这里的词元表与输出头是我们定的。",
            ),
            "norm": Text("ε is not published; 1e-6 stands in its place.", "ε 未公布，这里取 1e-6。"),
            "bias": Text(
                "Whether attention's output has a bias is not published; here it has none.",
                "注意力输出是否有偏置未公布；这里没有。",
            ),
        }
        | unstated("dropout"),
        from_memory=frozenset({"position", "placement", "attention_cap", "output_cap", "z_loss", "sink"}),
        facts={
            "shape": Text("48 × 6,144, patches of 14 × 14", "48 × 6,144，图块 14 × 14"),
            "span": Text("both sides", "双向"),
            "norm": Text("LayerNorm without centring", "LayerNorm，不减均值"),
            "qk_norm": Text("LayerNorm without centring, per head", "逐头 LayerNorm，不减均值"),
            "embedding": Text("of patches", "图块嵌入"),
        },
        notes=(
            Text(
                "The paper says LayerNorm and applies it without bias and without centring, which is RMSNorm.",
                "论文说用 LayerNorm，但不带偏置、也不减均值，实际就是 RMSNorm。",
            ),
            Text(
                "QK norm came in to stop a smaller model of 8 B from diverging.",
                "加入 QK 归一化，是因为 8B 规模的模型训练时发散。",
            ),
        ),
    )
)
