"""Qwen3 at 8 B: the biases of q and k made way for a norm of each head."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.qk_norm.per_head import PerHead
from models.shape import Shape
from models.systems.base import System, cite, register, unstated
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/qwen3/modeling_qwen3.py"
LITGPT = "code Lightning-AI/litgpt@2685705 litgpt/config.py"

QWEN_3 = register(
    System(
        id="qwen-3",
        name="Qwen3",
        year=2025,
        maker="Alibaba",
        size="8B",
        citation="Qwen Team 2025, Qwen3 Technical Report, arXiv:2505.09388",
        published=Architecture(
            shape=Shape(layers=36, width=4096, context=32_768, vocabulary=151_936),
            embedding=Embedding(tied=False),
            position=Rope(theta=1_000_000.0),
            norm=RMSNorm(eps=1e-6),
            placement=Pre(),
            heads=Heads(query=32, kv=8, head_dim=128),
            qk_norm=PerHead(eps=1e-6),
            feed_forward=Gated(activation="silu", size=12_288),
            bias=Bias(places="none"),
        ),
        citations=cite(f"§2, Table 1; {LITGPT}", "shape", "heads", "embedding")
        | cite(LITGPT, "position", "feed_forward", "norm")
        | cite(CODE, "placement", "layout", "span", "attention_cap", "sink", "output_cap")
        | cite(f"§2; {CODE}", "qk_norm", "bias"),
        unknown=unstated("dropout", "z_loss"),
        notes=(
            Text(
                "A head is 128 wide at every size: heads × width is twice the model's at 0.6 B, equal to it at 8 B, "
                "and 1.6 times it at 32 B.",
                "各档的头宽都是 128：头数 × 头宽在 0.6B 是模型宽度的 2 倍，8B 相等，32B 为 1.6 倍。",
            ),
            Text(
                "QK norm comes before rotation and has a gain, shared by all heads. The sizes up to 4 B tie the "
                "embedding.",
                "QK 归一化在旋转之前，带一组各头共用的增益。4B 及以下共享嵌入。",
            ),
        ),
    )
)
