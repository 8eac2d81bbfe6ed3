"""DeepSeek-V2: latent attention and many small experts. Stands in the table only."""

from models.systems.base import FORWARD, System, cite, reference, register, unstated
from models.text import Text

DEEPSEEK_V2 = register(
    System(
        id="deepseek-v2",
        name="DeepSeek-V2",
        year=2024,
        maker="DeepSeek",
        size="236B",
        citation="DeepSeek-AI 2024, DeepSeek-V2, arXiv:2405.04434",
        reading="table_only",
        left_out=Text(
            "Its attention keeps one latent vector for all heads (MLA), and its feed-forward is a mixture of experts.",
            "它的注意力只缓存一个供所有头共用的潜在向量（MLA），前馈层是混合专家。",
        ),
        citations=cite(reference("deepseek_v2"), *FORWARD)
        | cite(f"§3.1.2; {reference('deepseek_v2')}", "shape")
        | cite(f"§2.1; {reference('deepseek_v2')}", "heads", "position"),
        unknown=unstated("dropout"),
        from_memory=frozenset({"shape", "heads", "feed_forward", "z_loss"}),
        facts={
            "shape": Text("60 × 5,120, V 102,400", "60 × 5,120, V 102,400"),
            "embedding": Text("untied", "不共享"),
            "position": Text("RoPE on 64 entries apart, yarn", "RoPE 只转另设的 64 维，yarn"),
            "norm": Text("RMSNorm, on the latents too", "RMSNorm，潜在向量亦有"),
            "placement": Text("pre", "前置"),
            "layout": Text("serial", "串行"),
            "heads": Text("MLA 128, latents 512 and 1536", "MLA 128，潜在维 512 与 1536"),
            "span": Text("full", "全部"),
            "feed_forward": Text("160 + 2 experts, 6 + 2 a token: SwiGLU 0.3×", "160 + 2 个专家取 6 + 2：SwiGLU 0.3×"),
        },
        notes=(
            Text(
                "The cache holds the latent vector of 512 and one rotated key of 64 for all heads.",
                "缓存里只有 512 维的潜在向量和一个所有头共用的 64 维旋转键。",
            ),
            Text(
                "The feed-forward of the first layer is dense, 12,288 wide.",
                "第一层的前馈层是稠密的，宽 12,288。",
            ),
        ),
    )
)
