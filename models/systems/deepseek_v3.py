"""DeepSeek-V3: latent attention and 256 experts. Stands in the table only."""

from models.systems.base import FORWARD, System, cite, reference, register, unstated
from models.text import Text

DEEPSEEK_V3 = register(
    System(
        id="deepseek-v3",
        name="DeepSeek-V3",
        year=2024,
        maker="DeepSeek",
        size="671B",
        citation="DeepSeek-AI 2024, DeepSeek-V3 Technical Report, arXiv:2412.19437",
        reading="table_only",
        left_out=Text(
            "Its attention keeps one latent vector for all heads (MLA), and its feed-forward is a mixture of experts.",
            "它的注意力只缓存一个供所有头共用的潜在向量（MLA），前馈层是混合专家。",
        ),
        citations=cite(reference("deepseek_v3"), *FORWARD)
        | cite(f"§4.2; {reference('deepseek_v3')}", "shape", "heads", "feed_forward", "norm")
        | cite("§4.2: losses are named, this one is not", "z_loss"),
        unknown=unstated("dropout"),
        facts={
            "shape": Text("61 × 7,168, V 129,280", "61 × 7,168, V 129,280"),
            "embedding": Text("untied", "不共享"),
            "position": Text("RoPE on 64 entries apart, yarn", "RoPE 只转另设的 64 维，yarn"),
            "norm": Text("RMSNorm, on the latents too", "RMSNorm，潜在向量亦有"),
            "placement": Text("pre", "前置"),
            "layout": Text("serial", "串行"),
            "heads": Text("MLA 128, latents 512 and 1536", "MLA 128，潜在维 512 与 1536"),
            "span": Text("full", "全部"),
            "feed_forward": Text(
                "256 + 1 experts, 8 + 1 a token: SwiGLU 0.286×", "256 + 1 个专家取 8 + 1：SwiGLU 0.286×"
            ),
        },
        notes=(
            Text(
                "The first three layers have a dense feed-forward, 18,432 wide.",
                "前三层的前馈层是稠密的，宽 18,432。",
            ),
            Text(
                "It also learns to predict a token further ahead, with a weight of 0.3, later 0.1.",
                "它同时学习多预测一个词元，权重先 0.3 后 0.1。",
            ),
        ),
    )
)
