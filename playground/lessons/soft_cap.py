"""Soft-capping bounds logits at no cost."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending, logits, speed
from playground.ruling import Lies

SHAPE = "gpt-2,shape.layers=3,shape.width=64"

register(
    Lesson(
        id="soft-cap",
        order=23,
        theme="stability",
        title=Text("Soft-capping bounds logits at no cost.", "软上限约束 logits，没有代价。"),
        said=Text(
            "c·tanh(s/c) with 50 on attention scores and 30 on final logits keeps them bounded, with no loss in "
            "quality "
            "and next to none in time.",
            "对注意力分数用 50、对最终 logits 用 30 的 c·tanh(s/c)，使其有界，质量不降，时间几乎不增。",
        ),
        by=Text(
            "Gemma Team 2024 (Gemma 2), arXiv:2408.00118, §2; CS336 lecture 3, on soft-capping of logits, which "
            "shows that "
            "it may cost",
            "Gemma Team 2024（Gemma 2），arXiv:2408.00118，§2；CS336 第 3 讲“logit 软上限”，其中也指出可能有代价",
        ),
        figure=Text(
            "A table of losses: soft-capping is slightly worse than the baseline, QK norm slightly better.",
            "一张损失表：软上限比基线略差，QK 归一化略好。",
        ),
        trials=(
            Trial(
                {
                    "none": Arm(SHAPE, Text("no cap", "无上限")),
                    "gemma": Arm(
                        f"{SHAPE},attention_cap=50,output_cap=30", Text("50 and 30 (Gemma 2)", "50 与 30（Gemma 2）")
                    ),
                    "tight": Arm(f"{SHAPE},attention_cap=3,output_cap=10", Text("3 and 10", "3 与 10")),
                },
                (115_200, 460_800),
            ),
        ),
        rule=(
            Lies("largest_score", "tight", below=3.0),
            Lies("loss", "gemma", minus="none", above=-0.02, below=0.02),
            Lies("training_speed", "gemma", over="none", above=0.95),
        ),
        seeds=(4, 12),
        measures=(ending.loss, logits.attention, logits.normalizer),
        races=(speed.training,),
        small=Text(
            "Scores of small models hardly reach 50, so the published caps act little here; the tight ones show the "
            "bound. The fused attention kernel cannot cap, so the explicit one is timed.",
            "小模型的分数很少到 50，文献中的上限在这里几乎不起作用；收紧的一组用来显示边界。"
            "融合注意力内核不支持软上限，因此计时的是显式实现。",
        ),
        look=Text("The largest scores, and what the cap does to speed.", "最大分数，以及上限对速度的影响。"),
        plots=(Plot("largest_score"), Plot("loss"), Plot("training_speed")),
    )
)
