"""Attention off, feed-forward off: what each does."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending
from playground.ruling import Lies

SHAPE = "gpt-2,shape.layers=3"

register(
    Lesson(
        id="sublayers",
        order=28,
        theme="block",
        title=Text("Attention moves information, the feed-forward works on it.", "注意力搬运信息，前馈层加工信息。"),
        said=Text(
            "Without attention a token knows only itself, and the loss is far higher; without feed-forward it is "
            "higher, too, but by far less.",
            "没有注意力，每个词元只知道自己，损失高得多；没有前馈层，损失也会升高，但升得少得多。",
        ),
        by=Text(
            "Vaswani et al. 2017, arXiv:1706.03762, §3; CS336 lecture 3, on what the two sublayers are for",
            "Vaswani et al. 2017, arXiv:1706.03762，§3；CS336 第 3 讲“两个子层各做什么”",
        ),
        figure=Text("The block diagram: two sublayers on one residual stream.", "块结构图：一条残差流上的两个子层。"),
        trials=(
            Trial(
                {
                    "both": Arm(SHAPE, Text("both", "两者都有")),
                    "no-attention": Arm(f"{SHAPE},layout.attention=off", Text("no attention", "无注意力")),
                    "no-feed-forward": Arm(f"{SHAPE},layout.feed_forward=off", Text("no feed-forward", "无前馈层")),
                },
                (153_600, 460_800),
            ),
        ),
        rule=(
            Lies("loss", "no-attention", minus="no-feed-forward", above=0.1),
            Lies("loss", "no-feed-forward", minus="both", above=0.0),
        ),
        measures=(ending.loss, ending.course),
        small=Text(
            "The variants are not matched in parameters: taking a sublayer away takes its parameters, too. What a "
            "large feed-forward stores of the world is not asked for here.",
            "各变体参数量不相等：去掉子层也就去掉了它的参数。大模型前馈层里存的知识，这里考查不到。",
        ),
        look=Text(
            "Where the curve without attention ends: a model that sees only the current token can hardly do better "
            "than a bigram model.",
            "没有注意力的曲线停在哪里：只看得到当前词元的模型，很难好过二元（bigram）模型。",
        ),
        plots=(Plot("loss"), Plot("curve", Text("tokens trained on", "已训练的词元数"), profile=True)),
    )
)
