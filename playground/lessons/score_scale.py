"""Without 1/√d_k the softmax saturates and learning suffers."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending, logits
from playground.ruling import Lies

SHAPE = "gpt-2,shape.layers=3,heads.query=2,heads.kv=2"

register(
    Lesson(
        id="score-scale",
        order=15,
        theme="attention",
        title=Text("Without 1/√d_k learning suffers.", "没有 1/√d_k，学习会变差。"),
        said=Text(
            "Dot products of d_k independent entries of mean 0 and variance 1 have a variance of d_k; unscaled they "
            "push the softmax to where its gradients are tiny.",
            "各分量独立、均值为 0、方差为 1 时，d_k 维点积的方差是 d_k；不缩放就会把 softmax 推到梯度极小的区域。",
        ),
        by=Text(
            "Vaswani et al. 2017, arXiv:1706.03762, §3.2.1; CS336 lecture 3, on the original Transformer",
            "Vaswani et al. 2017, arXiv:1706.03762，§3.2.1；CS336 第 3 讲“原始 Transformer”",
        ),
        figure=Text("The formula of scaled dot-product attention.", "缩放点积注意力的公式。"),
        trials=(
            Trial(
                {
                    "scaled": Arm(SHAPE, Text("1/√d_k = 1/8", "1/√d_k = 1/8")),
                    "unscaled": Arm(f"{SHAPE},heads.scale=1", Text("no scale", "不缩放")),
                },
                (115_200, 307_200),
            ),
        ),
        rule=(
            Lies("loss", "unscaled", minus="scaled", above=0.02),
            Lies("entropy", "scaled", minus="unscaled", above=0.0),
        ),
        seeds=(4, 12),
        measures=(ending.loss, logits.attention),
        small=Text(
            "Heads are 64 wide, so the factor is 8. T5 leaves it out and starts its queries smaller instead.",
            "头宽 64，因此倍数是 8。T5 不用这个缩放，而是让查询的初始值更小。",
        ),
        look=Text("How much sharper attention is without the scale.", "不缩放时注意力尖锐了多少。"),
        plots=(Plot("loss"), Plot("entropy")),
    )
)
