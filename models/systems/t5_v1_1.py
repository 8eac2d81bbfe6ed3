"""T5 v1.1 at XXL: T5 with a gated feed-forward and a head of its own; the decoder's stack."""

from models.architecture import Architecture
from models.bias import Bias
from models.caps import ZLoss
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.t5 import T5
from models.shape import Shape
from models.systems.base import FORWARD, System, cite, reference, register
from models.text import Text

GIN = "code google-research/text-to-text-transfer-transformer@e081111 t5/models/gin/models/t5.1.1.xxl.gin"
MESH = "code tensorflow/mesh@398c1c8 mesh_tensorflow/transformer/transformer.py"

T5_V1_1 = register(
    System(
        id="t5-v1.1",
        name="T5 v1.1",
        year=2020,
        maker="Google",
        size="XXL",
        citation="Raffel et al. 2019, arXiv:1910.10683, and its code's release 1.1 of 2020",
        reading="dense",
        left_out=Text(
            "The encoder and the cross-attention: the decoder's stack stands alone.",
            "略去编码器与交叉注意力，只取解码器一侧的层。",
        ),
        published=Architecture(
            shape=Shape(layers=24, width=4096, context=512, vocabulary=32_128),
            embedding=Embedding(tied=False),
            position=T5(buckets=32, distance=128),
            norm=RMSNorm(eps=1e-6),
            placement=Pre(),
            heads=Heads(query=64, kv=64, scale=1.0),
            feed_forward=Gated(activation="gelu_tanh", size=10_240),
            bias=Bias(places="none"),
            z_loss=ZLoss(weight=1e-4),
        ),
        citations=cite(reference("t5"), *FORWARD)
        | cite(GIN, "shape", "heads", "feed_forward", "embedding", "dropout")
        | cite(f"{MESH}: the default", "z_loss"),
        notes=(
            Text(
                "d_ff over width is 2.5 for XL and XXL, 2 for small, 2.67 for base, 2.75 for large.",
                "d_ff 与宽度之比：XL 与 XXL 为 2.5，small 为 2，base 为 2.67，large 为 2.75。",
            ),
            Text(
                "Scores are not divided by √K; the published starting values make up for it, with queries √K times "
                "smaller. Here every matrix starts at 1/√fan_in, so scores start √K times larger.",
                "分数不除以 √K，发表的初始值为此把查询缩小 √K 倍；这里所有矩阵都取 1/√fan_in，所以起步时分数大 √K 倍。",
            ),
            Text(
                "Pre-trained without dropout; fine-tuning turns it on.",
                "预训练时不用随机失活，微调时再打开。",
            ),
        ),
    )
)
