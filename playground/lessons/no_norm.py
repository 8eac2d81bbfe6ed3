"""Without any norm a transformer trains badly."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.ruling import Lies

KINDS = {"layernorm": Text("LayerNorm", "LayerNorm"), "none": Text("no norm", "无归一化")}
RATES = (1e-3, 3e-3, 1e-2)


def _arm(norm: str, rate: float) -> Arm:
    line = KINDS[norm]
    spelling = f"gpt-2,shape.layers=4,shape.width=64,norm={norm},recipe.lr={rate:g}"
    return Arm(spelling, Text(f"{line.en}, lr {rate:g}", f"{line.zh}，lr {rate:g}"), rate, line)


register(
    Lesson(
        id="no-norm",
        order=5,
        theme="norm",
        title=Text("Without norms a transformer trains badly.", "没有归一化，Transformer 训练不好。"),
        said=Text(
            "Norms keep the stream's scale in check; without them only small learning rates work, and the loss is "
            "worse.",
            "归一化控制残差流的尺度；没有它，只有小学习率能用，损失也更差。",
        ),
        by=Text(
            "Ba et al. 2016, arXiv:1607.06450; Narang et al. 2021, arXiv:2102.11972, Table 1; CS336 lecture 3, on "
            "norms",
            "Ba et al. 2016, arXiv:1607.06450；Narang et al. 2021, arXiv:2102.11972，表 1；CS336 第 3 讲“归一化”",
        ),
        figure=Text("Every model in the lecture's table has norms.", "这一讲的模型表里，每个模型都有归一化。"),
        trials=(Trial({f"{norm}-{rate:g}": _arm(norm, rate) for norm in KINDS for rate in RATES}, (76_800, 307_200)),),
        rule=(
            Lies("loss", "none-0.003", minus="layernorm-0.003", above=0.05),
            Lies("loss", "none-0.01", minus="layernorm-0.01", above=0.1),
        ),
        small=Text(
            "Four layers with clipped gradients can do without norms far longer than forty can.",
            "四层加上梯度裁剪，没有归一化也能撑很久，四十层就不行。",
        ),
        look=Text("How much of the gap depends on the learning rate.", "差距有多少取决于学习率。"),
        plots=(Plot("loss", Text("learning rate", "学习率"), log=True),),
    )
)
