"""Recall takes two layers of attention: one cannot do it."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending
from playground.ruling import Lies

SHAPE = "gpt-2,shape.width=64,shape.context=31,heads.query=2,heads.kv=2,layout.feed_forward=off"

register(
    Lesson(
        id="two-layers",
        order=17,
        theme="shape",
        title=Text("Recall takes two layers: one cannot do it.", "联想回忆需要两层：一层做不到。"),
        said=Text(
            "To find a value by its key one layer must bring each value the key before it, and another must look for "
            "the key: an induction head needs two layers.",
            "按键取值时，一层要把前面的键带给每个值，另一层再去找键：归纳头需要两层。",
        ),
        by=Text(
            "Olsson et al. 2022, In-context Learning and Induction Heads, arXiv:2209.11895; CS336 lecture 3, on depth "
            "and width",
            "Olsson et al. 2022, arXiv:2209.11895；CS336 第 3 讲“深度与宽度”",
        ),
        figure=Text(
            "The paper's figure: one-layer models never show the bump in the loss that two-layer models do.",
            "论文中的图：一层模型始终没有两层模型那样的损失骤降。",
        ),
        trials=(
            Trial(
                {
                    "one": Arm(f"{SHAPE},shape.layers=1", Text("one layer", "一层")),
                    "two": Arm(f"{SHAPE},shape.layers=2", Text("two layers", "两层")),
                },
                (793_600, 1_587_200),
                {"data": "recall", "batch": "64", "schedule": "constant", "warmup": "50", "warmup_share": "0.2"},
            ),
        ),
        rule=(Lies("accuracy", "two", minus="one", above=0.3),),
        measures=(ending.loss, ending.accuracy, ending.course),
        small=Text(
            "This is a claim about small models: scale does not help one layer. When two layers find it depends on the "
            "seed.",
            "这本来就是关于小模型的说法：规模大也帮不了一层。两层何时学会取决于种子。",
        ),
        look=Text("The sudden fall of the two-layer curve.", "两层曲线的骤降。"),
        plots=(Plot("accuracy"), Plot("curve", Text("tokens trained on", "已训练的词元数"), profile=True)),
    )
)
