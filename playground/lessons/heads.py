"""How many heads, at a fixed width: one is too few, beyond some it does not matter."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.ruling import Lies

COUNTS = (1, 2, 4, 8, 16)

register(
    Lesson(
        id="heads",
        order=14,
        theme="shape",
        title=Text("One head is too few; beyond some, more do not matter.", "一个头太少；够用之后，再多也无妨。"),
        said=Text(
            "At fixed width, one head is worse than several; from there on the number hardly matters, until heads get "
            "too narrow.",
            "宽度固定时，单头不如多头；再往上头数几乎无关紧要，直到头变得太窄。",
        ),
        by=Text(
            "Vaswani et al. 2017, arXiv:1706.03762, Table 3 (A); CS336 lecture 3, on the number of heads",
            "Vaswani et al. 2017, arXiv:1706.03762，表 3（A）；CS336 第 3 讲“头数”",
        ),
        figure=Text(
            "Rows (A) of the table: BLEU 24.9 with one head, 25.8 with 8, 25.4 with 32.",
            "表中 (A) 各行：1 个头 BLEU 24.9，8 个头 25.8，32 个头 25.4。",
        ),
        trials=(
            Trial(
                {
                    f"{count}": Arm(
                        f"gpt-2,shape.layers=3,shape.width=64,heads.query={count},heads.kv={count}",
                        Text(f"{count} heads" if count > 1 else "1 head", f"{count} 个头"),
                        count,
                    )
                    for count in COUNTS
                },
                (115_200, 460_800),
            ),
        ),
        rule=(
            Lies("loss", "1", minus="4", above=0.0),
            Lies("loss", "8", minus="4", above=-0.05, below=0.05),
        ),
        seeds=(3, 12),
        small=Text(
            "Sixteen heads are four wide here; at width 4,096 they are 256.",
            "这里 16 个头每个只有 4 宽；宽度 4,096 时则是 256。",
        ),
        look=Text("The left end of the curve, and where it turns up on the right.", "曲线的左端，以及右端从哪里翘起。"),
        plots=(Plot("loss", Text("heads", "头数"), log=True),),
    )
)
