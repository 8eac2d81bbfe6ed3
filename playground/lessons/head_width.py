"""heads × head width need not equal the model's width."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.ruling import Lies

# Attention has 4·d·H·K parameters, the feed-forward 2·d·F: what heads gain, the feed-forward gives.
SIZES = {8: 320, 16: 256, 32: 128}


def _arm(width: int, hidden: int) -> Arm:
    share = width * 4 / 64
    spelling = f"gpt-2,shape.layers=3,shape.width=64,heads.head_dim={width},feed_forward.size={hidden}"
    return Arm(spelling, Text(f"heads × width = {share:g}·d", f"头数 × 头宽 = {share:g}·d"), share)


register(
    Lesson(
        id="head-width",
        order=13,
        theme="shape",
        title=Text("Heads × head width need not equal the model's width.", "头数 × 头宽不必等于模型宽度。"),
        said=Text(
            "Most models keep the ratio near 1, but half of it or twice as much works as well at equal parameters.",
            "多数模型取 1 左右，但参数量相同时，取一半或两倍也一样好。",
        ),
        by=Text(
            "Bhojanapalli et al. 2020, arXiv:2002.07028, which argues for wider heads; CS336 lecture 3, on the head "
            "dimension",
            "Bhojanapalli et al. 2020, arXiv:2002.07028（主张更宽的头）；CS336 第 3 讲“头的宽度”",
        ),
        figure=Text(
            "A table of ratios: 1 in most models, 16 in T5 11B, 1.48 in PaLM (inverted: it is 0.67); and that hardly "
            "anybody has validated it.",
            "一张比值表：多数为 1，T5 11B 为 16，PaLM 写作 1.48（算反了，应为 0.67）；并说明几乎没有人验证过。",
        ),
        trials=(Trial({f"{width}": _arm(width, hidden) for width, hidden in SIZES.items()}, (115_200, 460_800)),),
        rule=(
            Lies("loss", "8", minus="16", above=-0.05, below=0.05),
            Lies("loss", "32", minus="16", above=-0.05, below=0.05),
        ),
        seeds=(4, 12),
        small=Text(
            "Heads of eight are narrow in an absolute sense, which large models never are.",
            "头宽 8 在绝对意义上就很窄，大模型不会如此。",
        ),
        look=Text("Whether the line is flat within its bars.", "在误差条范围内曲线是否平坦。"),
        plots=(Plot("loss", Text("heads × head width / width", "头数 × 头宽 / 模型宽度"), log=True),),
    )
)
