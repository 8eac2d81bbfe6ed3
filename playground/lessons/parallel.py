"""Parallel blocks are faster, at little loss."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending, speed
from playground.ruling import Lies

SHAPE = "gpt-j,shape.layers=4,shape.width=64"

register(
    Lesson(
        id="parallel",
        order=9,
        theme="block",
        title=Text("Parallel blocks are faster, at little loss.", "并行块更快，损失略差。"),
        said=Text(
            "Attention and feed-forward that read the same normalized input train about 15 % faster, for a small loss "
            "in quality that vanishes with size.",
            "注意力与前馈层读同一份归一化输入，训练约快 15%，质量略降，而且规模越大降得越少。",
        ),
        by=Text(
            "Chowdhery et al. 2022 (PaLM), arXiv:2204.02311, §2; Wang and Komatsuzaki 2021 (GPT-J); CS336 lecture 3, "
            "on "
            "serial and parallel layers",
            "Chowdhery et al. 2022（PaLM），arXiv:2204.02311，§2；Wang and Komatsuzaki 2021（GPT-J）；CS336 第 3 "
            "讲“串行与并行”",
        ),
        figure=Text(
            "The two formulas side by side; no numbers beyond PaLM's 15 %.", "两个公式并列；除 PaLM 的 15% 外没有数字。"
        ),
        trials=(
            Trial(
                {
                    "serial": Arm(f"{SHAPE},layout=serial", Text("serial", "串行")),
                    "parallel": Arm(f"{SHAPE},layout=parallel", Text("parallel", "并行")),
                    "two-norms": Arm(
                        f"{SHAPE},layout=parallel_two_norms", Text("parallel, two norms", "并行，两个归一化")
                    ),
                },
                (115_200, 307_200),
            ),
        ),
        rule=(
            Lies("training_speed", "parallel", over="serial", above=1.0),
            Lies("loss", "parallel", minus="serial", below=0.05),
        ),
        measures=(ending.loss,),
        races=(speed.training,),
        small=Text(
            "The gain at scale comes from joining matrix products on accelerators; on one core there is little to "
            "join. "
            "PaLM saw a small loss in quality at 8 B and none at 62 B.",
            "大规模时的收益来自加速器上把矩阵乘合并；单核上没多少可合并。PaLM 在 8B 时看到质量略降，62B 时没有。",
        ),
        look=Text("Whether speed and loss both pay.", "速度与损失是否都划算。"),
        plots=(Plot("loss"), Plot("training_speed")),
    )
)
