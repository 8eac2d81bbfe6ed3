"""d_ff/d from 0.5 to T5's 64: a wide basin."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.ruling import Lies

# Width and width of a head for each ratio, such that a model has the parameters of the one at ratio 4, within 1 %: a
# block has 4·d² of attention and 2·r·d² of the feed-forward. Widths are whole numbers, so that where two heads of half
# the width leave most of a percent or more, the heads make up for it: their widths need not add up to the model's.
SIZES = {0.5: (98, 49), 1.0: (90, 44), 2.0: (78, 39), 4.0: (64, 32), 8.0: (50, 25), 16.0: (37, 21), 64.0: (19, 26)}


def _arm(ratio: float, width: int, head: int) -> Arm:
    spelling = (
        f"gpt-2,shape.layers=3,shape.width={width},heads.query=2,heads.kv=2,"
        # The size itself: a hidden width that follows from a ratio is rounded to a multiple of 8.
        f"feed_forward.size={ratio * width:.0f}"
    )
    if 2 * head == width:
        return Arm(spelling, Text(f"d_ff/d = {ratio:g}, d = {width}", f"d_ff/d = {ratio:g}，d = {width}"), ratio)
    title = Text(
        f"d_ff/d = {ratio:g}, d = {width}, heads 2 × {head}", f"d_ff/d = {ratio:g}，d = {width}，头 2 × {head}"
    )
    return Arm(f"{spelling},heads.head_dim={head}", title, ratio)


register(
    Lesson(
        id="feed-forward-ratio",
        order=12,
        theme="shape",
        title=Text("d_ff/d has a wide basin: from 1 to 10 all is well.", "d_ff/d 有很宽的谷底：1 到 10 都不错。"),
        said=Text(
            "At equal parameters the loss hardly depends on the feed-forward's ratio from about 1 to 10; T5's 64 "
            "works, but is off the best.",
            "参数量相同时，d_ff/d 在 1 到 10 之间对损失几乎没有影响；T5 的 64 能用，但偏离最优。",
        ),
        by=Text(
            "Kaplan et al. 2020, arXiv:2001.08361, §3.1 and Figure 5; Raffel et al. 2019 (T5), arXiv:1910.10683; CS336 "
            "lecture 3, on the feed-forward ratio",
            "Kaplan et al. 2020, arXiv:2001.08361，§3.1 与图 5；Raffel et al. 2019（T5），arXiv:1910.10683；CS336 第 3 "
            "讲“前馈层宽度比”",
        ),
        figure=Text(
            "Loss increase in percent against the ratio: a flat basin from 1 to 10, rising on both sides.",
            "损失增幅（百分比）随宽度比变化：1 到 10 是平坦的谷底，两侧上升。",
        ),
        trials=(Trial({f"{ratio:g}": _arm(ratio, *of) for ratio, of in SIZES.items()}, (115_200, 460_800)),),
        rule=(
            Lies("loss", "1", minus="4", below=0.05),
            Lies("loss", "8", minus="4", below=0.05),
            Lies("loss", "64", minus="4", above=0.0),
        ),
        seeds=(3, 10),
        small=Text(
            "With few parameters a narrow stream hurts sooner: at ratio 64 it is only 19 wide here, T5's was 1,024.",
            "参数很少时，窄的残差流更早成为瓶颈：比值 64 时这里只有 19 宽，而 T5 是 1,024。",
        ),
        look=Text("How far the flat part of the curve reaches.", "曲线平坦的部分延伸到哪里。"),
        plots=(Plot("loss", Text("d_ff / d", "d_ff / d"), log=True),),
    )
)
