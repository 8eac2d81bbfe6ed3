"""Dropout costs, where every text is read once."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.ruling import Lies

RATES = (0.0, 0.1, 0.2)

register(
    Lesson(
        id="dropout",
        order=20,
        theme="training",
        title=Text("In one epoch dropout only costs.", "只读一遍数据时，随机失活只有坏处。"),
        said=Text(
            "Pretraining reads every text about once, so there is nothing to overfit, and dropout only slows learning.",
            "预训练中每段文本大约只读一遍，没有过拟合可言，随机失活只会拖慢学习。",
        ),
        by=Text(
            "Komatsuzaki 2019, arXiv:1906.06669; CS336 lecture 3, on dropout and regularization",
            "Komatsuzaki 2019, arXiv:1906.06669；CS336 第 3 讲“随机失活与正则化”",
        ),
        figure=Text(
            "A table of who trains with dropout: most older models with 0.1, most newer ones without.",
            "一张各模型失活率的表：较早的多为 0.1，较新的多为 0。",
        ),
        trials=(
            Trial(
                {
                    f"{rate:g}": Arm(
                        f"gpt-2,shape.layers=3,dropout={rate:g}", Text(f"rate {rate:g}", f"失活率 {rate:g}"), rate
                    )
                    for rate in RATES
                },
                (115_200, 307_200),
            ),
        ),
        rule=(Lies("loss", "0.1", minus="0", above=0.01),),
        small=Text(
            "Small models underfit all the more, so dropout should cost here at least what it costs a large one.",
            "小模型更是欠拟合，随机失活的代价在这里至少不会比大模型小。",
        ),
        look=Text("Whether the loss rises with the rate.", "损失是否随失活率上升。"),
        plots=(Plot("loss", Text("dropout rate", "失活率")),),
    )
)
