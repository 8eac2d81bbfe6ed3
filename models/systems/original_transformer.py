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
from models.systems.base import System, cite, register
from models.text import Text

ORIGINAL_TRANSFORMER = register(
    System(
        id="original-transformer",
        name="Original Transformer",
        year=2017,
        maker="Google",
        size="base",
        citation="Vaswani et al. 2017, Attention Is All You Need, arXiv:1706.03762",
        reading="dense",
        left_out=Text(
            "The encoder and the cross-attention, made for translation; its block stands alone, as a decoder-only "
            "language model.",
            "略去为翻译而设的编码器与交叉注意力；只取它的块，搭成仅解码器的语言模型。",
        ),
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
        citations=cite("§3.1", "placement", "layout", "qk_norm")
        | cite("§3.1; ε: code tensorflow/tensor2tensor@1568e9b tensor2tensor/layers/common_layers.py", "norm")
        | cite("§3.2.1", "sink", "attention_cap")
        | cite("§3.2.2", "heads")
        | cite("§3.2.2 writes the projections without, §3.3 the feed-forward with biases", "bias")
        | cite("§3.2.3: the decoder's masked attention", "span")
        | cite("§3.3", "feed_forward")
        | cite("§3.4", "embedding")
        | cite("§3.5", "position")
        | cite("§5.4", "dropout")
        | cite("§3 and Table 3; vocabulary: §5.1", "shape"),
        unknown={
            "shape": Text(
                "The paper states no longest sequence; the 512 of the full size is ours.",
                "论文没有给出最大序列长度；完整尺寸里的 512 是我们定的。",
            ),
        },
        from_memory=frozenset({"output_cap", "z_loss"}),
        notes=(Text("It was trained with label smoothing of 0.1.", "原模型训练时用了 0.1 的标签平滑。"),),
    )
)
