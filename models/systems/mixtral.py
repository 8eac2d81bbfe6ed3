"""Mixtral 8x7B: Mistral's block with eight experts for a feed-forward. Stands in the table only."""

from models.systems.base import FORWARD, System, cite, reference, register, unstated
from models.text import Text

MIXTRAL = register(
    System(
        id="mixtral",
        name="Mixtral",
        year=2024,
        maker="Mistral AI",
        size="8x7B",
        citation="Jiang et al. 2024, Mixtral of Experts, arXiv:2401.04088",
        reading="table_only",
        left_out=Text(
            "Its feed-forward is a mixture of experts, and without it Mistral's block remains.",
            "它的前馈层是混合专家；去掉之后剩下的就是 Mistral 的块。",
        ),
        citations=cite(reference("mixtral"), *FORWARD)
        | cite(f"§2, Table 1; {reference('mixtral')}", "shape", "heads", "feed_forward"),
        unknown=unstated("z_loss", "dropout"),
        facts={
            "shape": Text("32 × 4,096, V 32,000", "32 × 4,096, V 32,000"),
            "embedding": Text("untied", "不共享"),
            "position": Text("RoPE θ 1,000,000", "RoPE θ 1,000,000"),
            "norm": Text("RMSNorm", "RMSNorm"),
            "placement": Text("pre", "前置"),
            "layout": Text("serial", "串行"),
            "heads": Text("GQA 32/8", "GQA 32/8"),
            "span": Text("full", "全部"),
            "feed_forward": Text("8 experts, 2 a token: SwiGLU 3.5×", "8 个专家取 2：SwiGLU 3.5×"),
        },
        notes=(
            Text(
                "A loss of its own keeps the experts evenly loaded; it has no window, unlike Mistral 7B v0.1.",
                "另有一项损失让各专家负载均衡；与 Mistral 7B v0.1 不同，它没有窗口。",
            ),
        ),
    )
)
