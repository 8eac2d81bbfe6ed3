"""d_ff/d from 0.5 to T5's 64: a wide basin."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.ruling import Lies

# Width and ratio go together so that the parameters of a block stay about those of width 64 and ratio 4:
# 4·d² of attention and 2·r·d² of the feed-forward.
SIZES = {0.5: 96, 1.0: 88, 2.0: 80, 4.0: 64, 8.0: 48, 16.0: 36, 64.0: 20}


def _arm(ratio: float, width: int) -> Arm:
    spelling = f"gpt-2,shape.layers=3,shape.width={width},heads.query=2,heads.kv=2,feed_forward.ratio={ratio:g}"
    return Arm(spelling, Text(f"d_ff/d = {ratio:g}, d = {width}", f"d_ff/d = {ratio:g}，d = {width}"), ratio)


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
        trials=(Trial({f"{ratio:g}": _arm(ratio, width) for ratio, width in SIZES.items()}, (115_200, 460_800)),),
        rule=(
            Lies("loss", "1", minus="4", below=0.05),
            Lies("loss", "8", minus="4", below=0.05),
            Lies("loss", "64", minus="4", above=0.0),
        ),
        seeds=(3, 10),
        small=Text(
            "With few parameters a narrow stream hurts sooner: at ratio 64 it is only 20 wide here, T5's was 1,024.",
            "参数很少时，窄的残差流更早成为瓶颈：比值 64 时这里只有 20 宽，而 T5 是 1,024。",
        ),
        look=Text("How far the flat part of the curve reaches.", "曲线平坦的部分延伸到哪里。"),
        plots=(Plot("loss", Text("d_ff / d", "d_ff / d"), log=True),),
    )
)
