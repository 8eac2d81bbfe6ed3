"""Qwen2.5 at 7 B: LLaMA's block with biases on q, k and v alone."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import System, cite, register, unstated
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/qwen2/modeling_qwen2.py"
LITGPT = "code Lightning-AI/litgpt@2685705 litgpt/config.py"

QWEN_2_5 = register(
    System(
        id="qwen-2.5",
        name="Qwen2.5",
        year=2024,
        maker="Alibaba",
        size="7B",
        citation="Qwen Team 2024, Qwen2.5 Technical Report, arXiv:2412.15115; Qwen2: arXiv:2407.10671",
        published=Architecture(
            shape=Shape(layers=28, width=3584, context=32_768, vocabulary=152_064),
            embedding=Embedding(tied=False),
            position=Rope(theta=1_000_000.0),
            norm=RMSNorm(eps=1e-6),
            placement=Pre(),
            heads=Heads(query=28, kv=4),
            feed_forward=Gated(activation="silu", size=18_944),
            bias=Bias(places="qkv"),
        ),
        citations=cite(f"§2; {LITGPT}", "shape", "heads")
        | cite(LITGPT, "position", "norm", "embedding")
        | cite(CODE, "placement", "layout", "qk_norm", "span", "attention_cap", "sink", "output_cap")
        | {
            "bias": f"§2; arXiv:2407.10671, §2.2; {CODE}",
            "feed_forward": f"§2; {LITGPT}",
        },
        unknown=unstated("dropout", "z_loss"),
        notes=(
            Text(
                "The models of 0.5 to 3 B have a vocabulary of 151,936, and the small ones tie the embedding (from "
                "memory); at 72 B ε is 1e-5.",
                "0.5B 到 3B 的词表为 151,936，其中较小的几档共享嵌入（凭记忆）；72B 的 ε 为 1e-5。",
            ),
            Text(
                "Qwen3 gives the biases up and normalizes q and k instead.",
                "Qwen3 去掉了这些偏置，改为对 q 与 k 做归一化。",
            ),
        ),
    )
)
