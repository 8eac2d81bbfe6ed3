"""Windows come near full attention at less cost; recall beyond the window shows the price."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import costs, ending
from playground.ruling import Lies

SHAPE = "llama-3,shape.layers=4,shape.width=64,shape.context=128"
RECALL = "gpt-2,shape.layers=2,shape.width=64,shape.context=31,heads.query=2,heads.kv=2,layout.feed_forward=off"

register(
    Lesson(
        id="windows",
        order=25,
        theme="attention",
        title=Text("Windows come near full attention; recall shows the price.", "窗口接近全注意力；联想回忆显出代价。"),
        said=Text(
            "Layers that see only a window, alone or in turn with full ones, lose little and cost less; but what lies "
            "beyond every window cannot be recalled.",
            "只看一个窗口的层，单独使用或与全局层交替，质量几乎不降、成本更低；但落在所有窗口之外的内容无法取回。",
        ),
        by=Text(
            "Child et al. 2019, arXiv:1904.10509; Jiang et al. 2023 (Mistral 7B), arXiv:2310.06825, §2; Gemma Team "
            "2024, "
            "arXiv:2408.00118, §2; CS336 lecture 3, on sparse and sliding-window attention",
            "Child et al. 2019, arXiv:1904.10509；Jiang et al. 2023（Mistral 7B），arXiv:2310.06825，§2；Gemma Team "
            "2024, "
            "arXiv:2408.00118，§2；CS336 第 3 讲“稀疏与滑动窗口注意力”",
        ),
        figure=Text(
            "Patterns of who sees whom, and a stack of windows whose reach grows with depth.",
            "各种可见性图样，以及逐层扩大感受野的窗口堆叠图。",
        ),
        trials=(
            Trial(
                {
                    "full": Arm(SHAPE, Text("full", "全部")),
                    "alternate": Arm(
                        f"{SHAPE},span=window,span.window=16,span.pattern=alternate",
                        Text("window 16 every other layer", "隔层窗口 16"),
                    ),
                    "window": Arm(f"{SHAPE},span=window,span.window=16", Text("window 16", "窗口 16")),
                },
                (153_600, 614_400),
            ),
            Trial(
                {
                    "full-recall": Arm(RECALL, Text("full, on recall", "全部，联想回忆")),
                    "window-recall": Arm(
                        f"{RECALL},span=window,span.window=8", Text("window 8, on recall", "窗口 8，联想回忆")
                    ),
                },
                (793_600, 1_587_200),
                {"data": "recall", "batch": "64", "schedule": "constant", "warmup": "50", "warmup_share": "0.2"},
            ),
        ),
        rule=(
            Lies("loss", "alternate", minus="full", below=0.05),
            Lies("cache", "full", over="alternate", above=1.0),
            Lies("flops", "full", over="alternate", above=1.0),
            Lies("accuracy", "full-recall", minus="window-recall", above=0.3),
        ),
        measures=(ending.loss, ending.accuracy, costs.counted),
        small=Text(
            "Of 128 letters a window of 16 hides much; names that return are farther away than that. Large models have "
            "windows of thousands.",
            "128 个字符里，16 的窗口会遮住不少内容，再次出现的人名往往更远。大模型的窗口有几千。",
        ),
        look=Text("Loss of the three, and the two rows of recall.", "三者的损失，以及联想回忆的两行。"),
        plots=(Plot("loss"), Plot("flops"), Plot("accuracy")),
    )
)
