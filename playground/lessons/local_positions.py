"""Positions on local layers only: as good inside the trained length, better beyond it."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending, lengths
from playground.ruling import Lies

SHAPE = "llama-3,shape.layers=4,shape.width=64,span=window,span.window=16,span.pattern=3_to_1"

register(
    Lesson(
        id="local-positions",
        order=26,
        theme="position",
        title=Text(
            "Positions on local layers only: as good inside, better beyond.",
            "只在局部层用位置：训练长度内一样好，之外更好。",
        ),
        said=Text(
            "Three layers with a window and RoPE, then a full one without any positions: nothing is lost inside the "
            "trained length, and longer texts are read better.",
            "三层窗口层带 RoPE，接一层不带位置的全局层：训练长度内质量不降，更长的文本读得更好。",
        ),
        by=Text(
            "Cohere 2025 (Command A), arXiv:2504.00698, §2; Yang et al. 2025, arXiv:2501.18795; CS336 lecture 3, on "
            "interleaved full and local attention",
            "Cohere 2025（Command A），arXiv:2504.00698，§2；Yang et al. 2025, arXiv:2501.18795；CS336 第 3 "
            "讲“全局与局部交替”",
        ),
        figure=Text(
            "A stack of blocks: every fourth has full attention and no position embedding, the others window and RoPE.",
            "块的堆叠图：每四层中一层为无位置的全注意力，其余为窗口加 RoPE。",
        ),
        trials=(
            Trial(
                {
                    "all": Arm(SHAPE, Text("RoPE on all layers", "所有层用 RoPE")),
                    "local": Arm(
                        f"{SHAPE},position=rope,position.layers=local", Text("RoPE on local layers", "局部层用 RoPE")
                    ),
                },
                (153_600, 460_800),
            ),
        ),
        rule=(
            Lies("loss", "local", minus="all", below=0.03),
            Lies("decay", "all", minus="local", above=0.0),
        ),
        seeds=(4, 12),
        measures=(ending.loss, lengths.beyond),
        small=Text(
            "With one full layer of four, and 64 letters of context, little depends on that layer's positions.",
            "四层里只有一层全局层，上下文又只有 64 个字符，那一层有没有位置影响不大。",
        ),
        look=Text("The two lines right of 1, the trained length.", "横轴 1（训练长度）右侧的两条线。"),
        plots=(
            Plot("by_position", Text("position, in trained lengths", "位置（训练长度的倍数）"), profile=True),
            Plot("decay"),
        ),
    )
)
