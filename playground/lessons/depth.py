"""Depth is what makes post-norm fail."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.ruling import Lies

PLACEMENTS = {"post": Text("post-norm", "后置"), "pre": Text("pre-norm", "前置")}
DEPTHS = (4, 12, 24)


def _arm(placement: str, layers: int) -> Arm:
    line = PLACEMENTS[placement]
    spelling = f"gpt-2,shape.layers={layers},shape.width=48,placement={placement}"
    return Arm(spelling, Text(f"{line.en}, {layers} layers", f"{line.zh}，{layers} 层"), layers, line)


register(
    Lesson(
        id="depth",
        order=3,
        theme="norm",
        title=Text("Depth is what makes post-norm fail.", "后置归一化的失败由深度引起。"),
        said=Text(
            "In a few layers post-norm trains as well as pre-norm; the deeper the stack, the more it falls behind, "
            "until it does not learn at all.",
            "层数少时，后置归一化与前置一样能训练；层数越多落后越多，直到完全学不会。",
        ),
        by=Text(
            "Wang et al. 2019, Learning Deep Transformer Models, arXiv:1906.01787, Figure 1 and §4; Liu et al. 2020, "
            "arXiv:2004.08249; CS336 lecture 3, on pre- and post-norm",
            "Wang et al. 2019, arXiv:1906.01787，图 1 与 §4；Liu et al. 2020, arXiv:2004.08249；CS336 第 3 "
            "讲“前置与后置”",
        ),
        figure=Text(
            "Papers on pre-norm are listed as a cure for deep stacks; no curve over depth.",
            "这一讲把前置归一化列为训练深层模型的办法，没有给出随深度变化的曲线。",
        ),
        trials=(
            Trial(
                {f"{kind}-{layers}": _arm(kind, layers) for layers in DEPTHS for kind in PLACEMENTS},
                (76_800, 230_400),
                {"lr": "0.001", "warmup": "50", "warmup_share": "0.5"},
            ),
        ),
        rule=(
            Lies("loss", "post-24", minus="pre-24", above=0.1),
            Lies("loss", "post-4", minus="pre-4", below=0.1),
        ),
        seeds=(3, 8),
        small=Text(
            "Runs at the quick setting are short: a warmup of fifty steps and fifty more do not rescue deep post-norm "
            "models, a warmup of thousands might.",
            "快速设置的训练很短：50 步预热加 50 步训练救不了深层后置模型，几千步预热也许可以。",
        ),
        look=Text("How the distance of the two lines grows with depth.", "两条线的距离怎样随深度拉大。"),
        plots=(Plot("loss", Text("layers", "层数"), log=True), Plot("failed", Text("layers", "层数"), log=True)),
    )
)
