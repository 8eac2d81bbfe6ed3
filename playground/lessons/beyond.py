"""Beyond the trained length: ALiBi holds, learned positions end, RoPE decays and can be mended."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending, lengths
from playground.ruling import Lies

KINDS = {
    "alibi": Text("ALiBi", "ALiBi"),
    "rope": Text("RoPE", "RoPE"),
    "learned": Text("learned", "可学习"),
    "none": Text("none", "无"),
}

register(
    Lesson(
        id="beyond",
        order=11,
        theme="position",
        title=Text(
            "Beyond the trained length ALiBi holds, RoPE decays, and scaling mends it.",
            "超出训练长度后，ALiBi 稳住，RoPE 变差，缩放可以补救。",
        ),
        said=Text(
            "Read four times the trained length, ALiBi's loss stays; learned positions end; RoPE's loss rises. Slowing "
            "its pairs, linearly, by NTK scaling or by YaRN, mends that.",
            "读到训练长度的四倍时，ALiBi 的损失保持不变；可学习位置读不下去；RoPE 的损失上升。用线性、NTK 或 YaRN "
            "缩放放慢旋转可以补救。",
        ),
        by=Text(
            "Press et al. 2021 (ALiBi), arXiv:2108.12409, Figure 1; Chen et al. 2023, arXiv:2306.15595; Peng et al. "
            "2023 "
            "(YaRN), arXiv:2309.00071; CS336 lecture 3, on positions",
            "Press et al. 2021（ALiBi），arXiv:2108.12409，图 1；Chen et al. 2023, arXiv:2306.15595；Peng et al. "
            "2023（YaRN），"
            "arXiv:2309.00071；CS336 第 3 讲“位置编码”",
        ),
        figure=Text(
            "Perplexity against the length read: sinusoidal explodes right after the trained length, rotary later, "
            "ALiBi "
            "stays flat.",
            "困惑度随读取长度变化：正弦在训练长度之后立刻暴涨，旋转稍后，ALiBi 持平。",
        ),
        trials=(
            Trial(
                {
                    word: Arm(f"gpt-2,shape.layers=3,shape.width=64,position={word}", title)
                    for word, title in KINDS.items()
                },
                (153_600, 460_800),
            ),
        ),
        rule=(
            Lies("decay", "alibi", below=0.1),
            Lies("decay", "rope", above=0.1),
            Lies("reaches", "learned", below=1.5),
            Lies("mended_linear", "rope", above=0.0),
            Lies("mended_ntk", "rope", above=0.0),
            Lies("mended_yarn", "rope", above=0.0),
        ),
        measures=(ending.loss, lengths.beyond, lengths.rescaled),
        small=Text(
            "The models are not trained on after scaling, as the papers do for linear scaling and YaRN; and 256 "
            "letters "
            "hold little that needs more than 64.",
            "这里缩放后不再微调，而论文中线性缩放与 YaRN 都会微调；而且 256 个字符里很少有内容需要 64 个以上的上下文。",
        ),
        look=Text(
            "Where each line leaves the level of the trained length, at 1.",
            "每条线在横轴 1（训练长度）之后从哪里开始上升。",
        ),
        plots=(
            Plot("by_position", Text("position, in trained lengths", "位置（训练长度的倍数）"), profile=True),
            Plot("decay"),
        ),
    )
)
