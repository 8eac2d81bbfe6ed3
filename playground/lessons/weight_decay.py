"""Weight decay acts through the learning rate, not as regularization."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending
from playground.ruling import Lies

SCHEDULES = {"cosine": Text("cosine", "余弦"), "constant": Text("constant", "恒定")}
DECAYS = (0.01, 0.3, 3.0)


def _arm(schedule: str, decay: float) -> Arm:
    line = SCHEDULES[schedule]
    own = f"recipe.schedule={schedule},recipe.weight_decay={decay:g}"
    spelling = f"gpt-2,shape.layers=3,shape.width=64,{own}"
    return Arm(spelling, Text(f"{line.en}, decay {decay:g}", f"{line.zh}，衰减 {decay:g}"), decay, line)


register(
    Lesson(
        id="weight-decay",
        order=19,
        theme="training",
        title=Text(
            "Weight decay acts through the learning rate, not as regularization.",
            "权重衰减通过学习率起作用，而不是正则化。",
        ),
        said=Text(
            "In pretraining weight decay does not narrow the gap between training and validation; with a falling "
            "learning rate more of it ends at a lower training loss, with a constant one it does not.",
            "预训练中权重衰减并不缩小训练与验证的差距；学习率下降时，衰减大的最后训练损失更低，"
            "学习率恒定时则没有这种效果。",
        ),
        by=Text(
            "Andriushchenko et al. 2023, Why Do We Need Weight Decay in Modern Deep Learning?, arXiv:2310.04415, §4; "
            "CS336 lecture 3, on weight decay",
            "Andriushchenko et al. 2023, arXiv:2310.04415，§4；CS336 第 3 讲“权重衰减”",
        ),
        figure=Text(
            "Two panels of training loss, with a cosine schedule and a constant rate: only with cosine does the "
            "strongest "
            "decay start highest and end lowest.",
            "两幅训练损失图（余弦与恒定学习率）：只有余弦时，衰减最强的曲线起点最高、终点最低。",
        ),
        trials=(
            Trial(
                {f"{schedule}-{decay:g}": _arm(schedule, decay) for schedule in SCHEDULES for decay in DECAYS},
                (115_200, 614_400),
            ),
        ),
        rule=(
            Lies("end_loss", "cosine-0.01", minus="cosine-0.3", above=0.0),
            Lies("end_loss", "constant-0.01", minus="constant-0.3", below=0.0),
            Lies("gap", "cosine-0.3", minus="cosine-0.01", above=-0.02, below=0.02),
        ),
        measures=(ending.loss, ending.training),
        seeds=(3, 10),
        small=Text(
            "What decay does takes about 1 / (rate × decay) steps; here that is 1,000 steps for 0.3, and a quick "
            "run has 150.",
            "衰减起作用需要约 1 /（学习率 × 衰减）步；衰减 0.3 时约需 1,000 步，而快速设置只训练 150 步。",
        ),
        look=Text("Both lines over the decay, and the gap.", "两条随衰减变化的线，以及差距图。"),
        plots=(
            Plot("end_loss", Text("weight decay", "权重衰减"), log=True),
            Plot("loss", Text("weight decay", "权重衰减"), log=True),
            Plot("gap", Text("weight decay", "权重衰减"), log=True),
        ),
    )
)
