"""T5, base size, its decoder's stack read as a language model of its own."""

from models.architecture import Architecture
from models.bias import Bias
from models.caps import ZLoss
from models.dropout import Dropout
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.t5 import T5
from models.shape import Shape
from models.systems.base import FORWARD, System, cite, reference, register
from models.text import Text

GIN = "code google-research/text-to-text-transfer-transformer@e081111 t5/models/gin/models/bi_v1.gin"
MESH = "code tensorflow/mesh@398c1c8 mesh_tensorflow/transformer/transformer.py"

T5_BASE = register(
    System(
        id="t5",
        name="T5",
        year=2019,
        maker="Google",
        size="base",
        citation="Raffel et al. 2019, arXiv:1910.10683",
        reading="dense",
        left_out=Text(
            "The encoder and the cross-attention: the decoder's stack stands alone.",
            "略去编码器与交叉注意力，只取解码器一侧的层。",
        ),
        published=Architecture(
            shape=Shape(layers=12, width=768, context=512, vocabulary=32_128),
            embedding=Embedding(tied=True, logit_scale="inverse_sqrt_width"),
            position=T5(buckets=32, distance=128),
            norm=RMSNorm(eps=1e-6),
            placement=Pre(),
            heads=Heads(query=12, kv=12, scale=1.0),
            feed_forward=Plain(activation="relu", size=3072),
            bias=Bias(places="none"),
            dropout=Dropout(rate=0.1),
            z_loss=ZLoss(weight=1e-4),
        ),
        citations=cite(reference("t5"), *FORWARD)
        | cite(f"§3.1; {GIN}", "shape", "heads", "feed_forward")
        | cite(f"§2.1; {reference('t5')}", "position", "norm", "placement", "dropout")
        | cite(f"{MESH}: the default; the paper does not name it", "z_loss"),
        notes=(
            Text(
                "Scores are not divided by √K; the published starting values make up for it, with queries √K times "
                "smaller. Here every matrix starts at 1/√fan_in, so scores start √K times larger.",
                "分数不除以 √K，发表的初始值为此把查询缩小 √K 倍；这里所有矩阵都取 1/√fan_in，所以起步时分数大 √K 倍。",
            ),
            Text(
                "The published table of embeddings, which the head shares, starts from N(0, 1); here σ is 1/√width, so "
                "logits start √width times smaller.",
                "发表的嵌入表（与输出头共享）按 N(0, 1) 初始化；这里 σ = 1/√width，所以起步时 logits 小 √width 倍。",
            ),
            Text(
                "Its norm has a gain and nothing else: RMSNorm, before it had the name.",
                "它的归一化只有增益、不减均值，就是 RMSNorm，只是当时没用这个名字。",
            ),
            Text(
                "The 11 B size has d_ff 64 times the width and 128 heads of 128, 16 times the width.",
                "11B 的 d_ff 是宽度的 64 倍，128 个宽 128 的头合计为宽度的 16 倍。",
            ),
        ),
    )
)
