"""The original Transformer's block, base size, read as a decoder-only language model."""

from models.architecture import Architecture
from models.bias import Bias
from models.dropout import Dropout
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.norm.layernorm import LayerNorm
from models.placement.post import Post
from models.position.sinusoidal import Sinusoidal
from models.shape import Shape
from models.systems.base import System, register
from models.text import Text

ORIGINAL_TRANSFORMER = register(
    System(
        id="original-transformer",
        name="Original Transformer",
        year=2017,
        maker="Google",
        size="base",
        citation="Vaswani et al. 2017, Attention Is All You Need, arXiv:1706.03762",
        published=Architecture(
            shape=Shape(layers=6, width=512, context=512, vocabulary=37_000),
            embedding=Embedding(tied=True, scale="sqrt_width"),
            position=Sinusoidal(),
            norm=LayerNorm(eps=1e-6),
            placement=Post(),
            heads=Heads(query=8, kv=8),
            feed_forward=Plain(activation="relu", size=2048),
            bias=Bias(places="feed_forward"),
            dropout=Dropout(rate=0.1, place="embedding~residual"),
        ),
        citations={
            "embedding": "§3.4",
            "position": "§3.5",
            "norm": "§3.1; ε from the code, tensor2tensor",
            "placement": "§3.1",
            "layout": "§3.1",
            "heads": "§3.2.2",
            "feed_forward": "§3.3",
            "bias": "§3.2.2 writes the projections without, §3.3 the feed-forward with biases",
            "dropout": "§5.4",
            "shape": "§3 and Table 3; vocabulary: §5.1",
        },
        notes=(
            Text(
                "The published model is an encoder and a decoder with cross-attention, made for translation. "
                "Here its block stands alone, as a decoder-only language model.",
                "原模型是用于翻译的编码器–解码器，带交叉注意力；这里只取它的块，搭成仅解码器的语言模型。",
            ),
            Text(
                "The paper states no longest sequence; the 512 of the full size is ours.",
                "论文没有给出最大序列长度；完整尺寸里的 512 是我们定的。",
            ),
            Text("It was trained with label smoothing of 0.1.", "原模型训练时用了 0.1 的标签平滑。"),
        ),
    )
)
