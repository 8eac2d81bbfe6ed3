"""RMSNorm matches LayerNorm's loss in less time."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending, speed
from playground.ruling import Lies

SHAPE = "gpt-2,shape.layers=3"

register(
    Lesson(
        id="rmsnorm",
        order=6,
        theme="norm",
        title=Text("RMSNorm matches LayerNorm's loss in less time.", "RMSNorm 用更少的时间达到 LayerNorm 的损失。"),
        said=Text(
            "Leaving out the mean and the bias costs nothing in loss and saves time, because norms wait for memory.",
            "去掉均值与偏置不损失效果，还能省时间，因为归一化受限于内存读写。",
        ),
        by=Text(
            "Zhang and Sennrich 2019, arXiv:1910.07467, §4; Narang et al. 2021, arXiv:2102.11972, Table 1; CS336 "
            "lecture "
            "3, on RMSNorm",
            "Zhang and Sennrich 2019, arXiv:1910.07467，§4；Narang et al. 2021, arXiv:2102.11972，表 1；CS336 第 3 "
            "讲“RMSNorm”",
        ),
        figure=Text(
            "A table of FLOPs and run time by class of operator, and one of steps a second: 3.50 with LayerNorm, 3.68 "
            "with RMSNorm, at a slightly better loss.",
            "一张各类算子的 FLOPs 与时间占比表，一张每秒步数表：LayerNorm 3.50，RMSNorm 3.68，损失还略好。",
        ),
        trials=(
            Trial(
                {
                    "layernorm": Arm(SHAPE, Text("LayerNorm", "LayerNorm")),
                    "rmsnorm": Arm(f"{SHAPE},norm=rmsnorm", Text("RMSNorm", "RMSNorm")),
                },
                (115_200, 307_200),
            ),
        ),
        rule=(
            Lies("loss", "rmsnorm", minus="layernorm", above=-0.05, below=0.05),
            Lies("training_speed", "rmsnorm", over="layernorm", above=1.0),
        ),
        seeds=(4, 20),
        measures=(ending.loss,),
        races=(speed.training,),
        small=Text(
            "On a processor a norm is a small share of the time, and LayerNorm is one fused kernel where RMSNorm may "
            "take several.",
            "在处理器上归一化只占很小一部分时间；而且 LayerNorm 是一个融合内核，RMSNorm 可能要几个。",
        ),
        look=Text(
            "The two speeds, taken in turns, and whether their bars overlap.", "两者轮流测得的速度，误差条是否重叠。"
        ),
        plots=(Plot("loss"), Plot("training_speed")),
    )
)
