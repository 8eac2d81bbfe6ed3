"""Post-norm needs warmup, pre-norm does not."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending
from playground.ruling import Lies

SHAPE = "gpt-2,shape.layers=6,shape.width=64"
RATES = {"low": 1e-3, "high": 3e-3}
TITLES = {
    ("post", 0): Text("post-norm, no warmup", "后置，无预热"),
    ("post", 100): Text("post-norm, warmup", "后置，有预热"),
    ("pre", 0): Text("pre-norm, no warmup", "前置，无预热"),
    ("pre", 100): Text("pre-norm, warmup", "前置，有预热"),
}


def _arm(placement: str, warmup: int, rate: float) -> Arm:
    line = TITLES[placement, warmup]
    spelling = f"{SHAPE},placement={placement},recipe.warmup={warmup},recipe.lr={rate:g}"
    return Arm(spelling, Text(f"{line.en}, lr {rate:g}", f"{line.zh}，lr {rate:g}"), rate, line)


ARMS = {
    f"{name}-{placement}-{warmup}": _arm(placement, warmup, rate)
    for name, rate in RATES.items()
    for placement, warmup in TITLES
}

register(
    Lesson(
        id="warmup",
        order=1,
        theme="norm",
        title=Text("Post-norm needs warmup, pre-norm does not.", "后置归一化需要预热，前置归一化不需要。"),
        said=Text(
            "With the norm after the residual addition, training without a warmup of the learning rate gets stuck; "
            "with the norm before the sublayer it does well without one.",
            "归一化放在残差相加之后时，不做学习率预热训练就会卡住；放在子层之前时，不预热也能训练好。",
        ),
        by=Text(
            "Xiong et al. 2020, arXiv:2002.04745, §3 and Figure 2; CS336 lecture 3, on pre- and post-norm",
            "Xiong et al. 2020, arXiv:2002.04745，§3 与图 2；CS336 第 3 讲“前置与后置归一化”",
        ),
        figure=Text(
            "Four validation curves, of post- and pre-norm with and without warmup: post-norm without warmup stays far "
            "above the other three.",
            "四条验证曲线：后置、前置各有预热与无预热。只有不预热的后置归一化远远高出其余三条。",
        ),
        trials=(Trial(ARMS, (115_200, 307_200), {"warmup_share": "0.5"}),),
        rule=(
            Lies("loss", "low-post-0", minus="low-post-100", above=0.1),
            Lies("loss", "low-pre-0", minus="low-pre-100", above=-0.05, below=0.05),
            Lies("loss", "high-post-0", minus="high-post-100", above=0.1),
            Lies("loss", "high-pre-0", minus="high-pre-100", above=-0.05, below=0.05),
        ),
        measures=(ending.loss, ending.course),
        small=Text(
            "Six layers are few, and the gradient is clipped, which tames the first steps. In deeper stacks post-norm "
            "may not be rescued by warmup within so short a run.",
            "六层并不深，而且梯度有裁剪，起步时没那么凶。层数更多时，这么短的训练里预热也未必救得回后置归一化。",
        ),
        look=Text(
            "The two ends of the post-norm lines: is the one with warmup lower, and at which learning rate?",
            "看两条后置曲线：有预热的那条是否更低，在哪个学习率下更低？",
        ),
        plots=(
            Plot("loss", Text("learning rate", "学习率"), log=True),
            Plot("curve", Text("tokens trained on", "已训练的词元数"), profile=True),
        ),
    )
)
